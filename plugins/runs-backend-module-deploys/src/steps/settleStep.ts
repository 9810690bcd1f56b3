import {
  StepContext,
  StepFailedError,
  StepHandler,
  StepResult,
} from '@switchyard/backstage-plugin-runs-node';
import { OpenApplication } from '@switchyard/fleet-node';
import { exactly } from '../exactly';
import { OperationOutput, SettleInput } from '../sync/types';
import { RolloutJudge } from './RolloutJudge';
import { viewSettled } from './settledView';
import { StepTools } from './types';
import { waitForChange } from './waitForChange';
import { withApplication } from './withApplication';

/**
 * Waits after an operation until what it has touched is well, by Argo CD's word and by what the fleet sees. Changes nothing. Whether the Application is Synced
 * is told and not demanded: after a sync without prune, of some resources, or after a rollback it is not.
 */
export function createSettleStep(
  tools: Pick<StepTools, 'fleet' | 'patience'>,
): StepHandler {
  return {
    effect: 'none',
    run(context) {
      const { application: id } = context.step.input as SettleInput;
      return withApplication(tools, context, id, application =>
        follow(context, tools, application),
      );
    },
  };
}

async function follow(
  context: StepContext,
  { fleet, patience }: Pick<StepTools, 'fleet' | 'patience'>,
  application: OpenApplication,
): Promise<StepResult> {
  const input = context.step.input as SettleInput;
  const { application: id, cluster, workloads, after } = input;
  const { finishedAt } = context.outputs[after] as OperationOutput;
  const deadline =
    Date.now() + context.step.timeoutMs * patience.shareOfTimeout;
  const judge = RolloutJudge.create({ fleet, patience, context });
  for (;;) {
    const { status } = application.current();
    const argo = judgeArgo(status, finishedAt);
    const silence = cluster === null ? undefined : silenceOf(cluster);
    const view =
      cluster === null || silence !== undefined
        ? undefined
        : viewSettled(cluster, workloads, fleet, { mayBeMissing: true });
    const pods =
      silence ??
      view?.text ??
      'The cluster is not one of the fleet, so its pods cannot be seen';
    if (argo.done && silence === undefined && (view?.done ?? true)) {
      context.log(`${pods}. ${argo.text}`);
      return { output: { pods, argo: argo.text } };
    }
    context.progress(argo.done ? pods : argo.text);
    if (view) await judge.failIfHopeless(view, status?.health);
    if (Date.now() >= deadline)
      throw new StepFailedError(
        `${id.name} is not well in time: ${pods}. ${argo.text}`,
      );
    await waitForChange(fleet, {
      matters: change =>
        change.type === 'object'
          ? change.cluster === cluster
          : change.type === 'full-application' &&
            change.ref.instance === id.instance &&
            change.ref.namespace === id.namespace &&
            change.ref.name === id.name,
      atMostMs: patience.lookEveryMs,
      signal: context.signal,
    });
  }

  function silenceOf(name: string): string | undefined {
    const found = fleet.clusters().find(each => each.name === name);
    if (found?.state === 'live') return undefined;
    return `Cluster ${name} ${
      found
        ? `has not answered since ${exactly(found.since)}`
        : 'is no longer configured'
    }; waiting to see the pods`;
  }
}

function judgeArgo(
  status: ReturnType<OpenApplication['current']>['status'],
  finishedAt: string | null,
): { done: boolean; text: string } {
  const { sync, health, reconciledAt } = status ?? {};
  if (
    finishedAt !== null &&
    !(
      reconciledAt !== undefined &&
      Date.parse(reconciledAt) >= Date.parse(finishedAt)
    )
  )
    return {
      done: false,
      text: 'Argo CD has not looked at it since the operation',
    };
  const isWell = health?.status === 'Healthy' || health?.status === 'Suspended';
  return {
    done: isWell,
    text: `Argo CD says ${sync?.status ?? 'nothing'} and ${
      health?.status ?? 'nothing of its health'
    }${health?.message ? ` (${health.message})` : ''}`,
  };
}
