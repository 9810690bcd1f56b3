import { JsonObject } from '@backstage/types';
import {
  StepContext,
  StepFailedError,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { readRollout } from '../rollouts/readRollout';
import { RolloutVerbStepInput } from '../rollouts/types';
import { ROLLOUT_VERBS } from '../rollouts/verbs';
import { WorkloadChange, WorkloadTools } from './changeWorkload';
import { createWorkloadStep } from './workloadStep';

/**
 * Asks Argo Rollouts for one thing, once, of a Rollout that still rolls out the version that was shown, and still stands where it was shown where that matters.
 */
export function createRolloutVerbStep(tools: WorkloadTools): StepHandler {
  return createWorkloadStep(tools, context => {
    const input = context.step.input as RolloutVerbStepInput;
    const { workload, verb } = input;
    return {
      workload,
      change: changeBy(context, input),
      recorded: {
        what: `${ROLLOUT_VERBS[verb].word} Rollout ${workload.name}`,
      },
    };
  });
}

function changeBy(
  context: StepContext,
  { verb, seen, workload }: RolloutVerbStepInput,
): WorkloadChange {
  const rule = ROLLOUT_VERBS[verb];
  const { mark } = rule;
  const fail = (why: string) => {
    throw new StepFailedError(
      `Rollout ${workload.name} in cluster ${workload.cluster} ${why}`,
    );
  };
  return {
    verb: rule.word,
    subresource: mark ? undefined : 'status',
    leavesNoTrace: rule.leavesNoTrace,
    isMade: (object: JsonObject) =>
      mark !== undefined &&
      (object as any).metadata?.annotations?.[mark] === context.run.id,
    isSo: object => {
      const stand = readRollout(object);
      return stand.hash === seen.hash && rule.isSo(stand, seen);
    },
    patch: object => {
      const stand = readRollout(object);
      if (stand.hash !== seen.hash) fail('rolls out another version by now');
      const other = rule.isOther(stand, seen);
      if (other !== undefined) fail(other);
      const { patch } = rule.change(stand);
      return mark
        ? { ...patch, metadata: { annotations: { [mark]: context.run.id } } }
        : patch;
    },
  };
}
