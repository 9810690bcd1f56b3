import {
  StepContext,
  StepFailedError,
  StepHandler,
  StepResult,
} from '@switchyard/backstage-plugin-runs-node';
import { FleetChange, OpenApplication } from '@switchyard/fleet-node';
import { revisionOf } from '../argocd/operationEvidence';
import {
  CommitStepOutput,
  RolloutStepInput,
  SyncStepOutput,
} from '../hotfix/types';
import { CommitAncestry } from './CommitAncestry';
import { RolloutJudge } from './RolloutJudge';
import { judgeHealth, viewRollout } from './rolloutVerdict';
import { StepTools } from './types';
import { waitForChange } from './waitForChange';
import { withApplication } from './withApplication';
import { exactly } from '../exactly';

/**
 * Waits until the new version runs, by Argo CD's word and by what the fleet sees of the pods. Changes nothing. Fails with the cause as soon as it is clear
 * that waiting will not help.
 */
export function createRolloutStep(tools: StepTools): StepHandler {
  return {
    effect: 'none',
    run(context) {
      const input = context.step.input as RolloutStepInput;
      return withApplication(tools, context, input.application, application =>
        follow(context, tools, input, application),
      );
    },
  };
}

async function follow(
  context: StepContext,
  tools: StepTools,
  input: RolloutStepInput,
  application: OpenApplication,
): Promise<StepResult> {
  const { fleet, patience } = tools;
  const synced = context.outputs[input.syncStep] as SyncStepOutput;
  const deadline =
    Date.now() + context.step.timeoutMs * patience.shareOfTimeout;
  const judge = RolloutJudge.create({ fleet, patience, context });
  // Commits of others may be deployed on top of ours.
  const { commit } = context.outputs[
    input.application.commitStep
  ] as CommitStepOutput;
  const ancestry = CommitAncestry.create({
    repository: tools.git.repository(input.application.repoUrl),
    branch: input.application.branch,
    commit,
    signal: context.signal,
  });
  for (;;) {
    const current = application.current();
    const revision = revisionOf(current.status?.sync ?? {}, input.application);
    const argo = judgeHealth(
      current,
      revision !== undefined && (await ancestry.isIn(revision)),
      synced.finishedAt,
    );
    const pods = viewPods(input, synced.finishedAt, tools);
    if (argo.done && pods.done) {
      context.log(`${pods.text}. ${argo.text}`);
      return {
        output: { revision: revision ?? synced.revision, pods: pods.text },
      };
    }
    const text = pods.done ? argo.text : pods.text;
    context.progress(text);
    if (pods.view)
      await judge.failIfHopeless(pods.view, current.status?.health);
    if (Date.now() >= deadline)
      throw new StepFailedError(
        `${input.application.name} was not rolled out in time: ${pods.text}. ${argo.text}`,
      );
    await waitForChange(fleet, {
      matters: change => isAbout(change, input),
      atMostMs: patience.lookEveryMs,
      signal: context.signal,
    });
  }
}

function viewPods(
  input: RolloutStepInput,
  syncedAt: string | null,
  { fleet }: StepTools,
) {
  const { cluster } = input;
  if (cluster === null)
    return {
      done: true,
      text: 'The cluster is not one of the fleet, so its pods cannot be seen',
    };
  const status = fleet.clusters().find(({ name }) => name === cluster);
  if (status?.state !== 'live') {
    const since = status
      ? ` has not answered since ${exactly(status.since)}`
      : ' is no longer configured';
    return {
      done: false,
      text: `Cluster ${cluster}${since}; waiting to see the pods`,
    };
  }
  const view = viewRollout({ ...input, cluster, syncedAt }, fleet);
  return { done: view.done, text: view.text, view };
}

function isAbout(
  change: FleetChange,
  { application, cluster, namespace }: RolloutStepInput,
): boolean {
  switch (change.type) {
    case 'full-application':
      return (
        change.ref.name === application.name &&
        change.ref.namespace === application.namespace &&
        change.ref.instance === application.instance
      );
    case 'object':
      return (
        change.cluster === cluster &&
        (namespace === null || change.row.namespace === namespace)
      );
    case 'cluster':
      return change.cluster === cluster;
    default:
      return false;
  }
}
