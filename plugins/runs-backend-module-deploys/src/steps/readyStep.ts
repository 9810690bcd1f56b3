import {
  StepContext,
  StepFailedError,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { exactly } from '../exactly';
import { ChangedOutput, ReadyStepInput } from '../workloads/types';
import { viewReady } from './readyView';
import { RolloutJudge } from './RolloutJudge';
import { StepTools } from './types';
import { waitForChange } from './waitForChange';

/**
 * Waits after a change of a workload until all its pods are those that are wanted, and ready. Changes nothing.
 */
export function createReadyStep(
  tools: Pick<StepTools, 'fleet' | 'patience'>,
): StepHandler {
  return { effect: 'none', run: context => follow(context, tools) };
}

async function follow(
  context: StepContext,
  { fleet, patience }: Pick<StepTools, 'fleet' | 'patience'>,
) {
  const { workload, after, replicas } = context.step.input as ReadyStepInput;
  const changed = context.outputs[after] as ChangedOutput | undefined;
  const deadline =
    Date.now() + context.step.timeoutMs * patience.shareOfTimeout;
  const judge = RolloutJudge.create({ fleet, patience, context });
  for (;;) {
    const cluster = fleet
      .clusters()
      .find(({ name }) => name === workload.cluster);
    const view =
      cluster?.state === 'live'
        ? viewReady(workload, { changed, replicas }, fleet)
        : undefined;
    const text =
      view?.text ??
      `Cluster ${workload.cluster} ${
        cluster
          ? `has not answered since ${exactly(cluster.since)}`
          : 'is no longer configured'
      }; waiting to see the pods`;
    context.progress(text);
    if (view?.done) {
      context.log(text);
      return { output: { pods: text } };
    }
    if (view) await judge.failIfHopeless(view, undefined);
    if (Date.now() >= deadline)
      throw new StepFailedError(
        `${workload.kind} ${workload.name} in cluster ${workload.cluster} is not ready in time: ${text}`,
      );
    await waitForChange(fleet, {
      matters: change =>
        (change.type === 'object' || change.type === 'cluster') &&
        change.cluster === workload.cluster,
      atMostMs: patience.lookEveryMs,
      signal: context.signal,
    });
  }
}
