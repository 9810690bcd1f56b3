import { JsonObject } from '@backstage/types';
import {
  StepContext,
  StepFailedError,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { readRollout } from '../rollouts/readRollout';
import { RolloutVerbStepInput } from '../rollouts/types';
import { ROLLOUT_VERBS } from '../rollouts/verbs';
import { ChangedOutput } from '../workloads/types';
import {
  adoptWorkload,
  changeWorkload,
  WorkloadChange,
  WorkloadTools,
} from './changeWorkload';

/**
 * Asks Argo Rollouts for one thing, once, of a Rollout that still rolls out the version that was shown, and still stands where it was shown where that matters.
 */
export function createRolloutVerbStep(tools: WorkloadTools): StepHandler {
  const inputOf = ({ step }: StepContext) => step.input as RolloutVerbStepInput;
  const noteChange = (context: StepContext, output: ChangedOutput) => {
    const { workload, verb } = inputOf(context);
    const { word } = ROLLOUT_VERBS[verb];
    if (output.found)
      context.log(
        `Nothing was sent: Rollout ${workload.name} is where it was to be already`,
      );
    else
      context.recordChange({
        system: 'kubernetes',
        what: `${word} Rollout ${workload.name}`,
        ref: `${workload.namespace}/${workload.name}`,
        cluster: workload.cluster,
      });
    return { output };
  };
  return {
    effect: 'adoptable',
    async run(context) {
      const input = inputOf(context);
      const output = await changeWorkload(
        tools,
        context,
        input.workload,
        changeBy(context, input),
      );
      return noteChange(context, output);
    },
    async adopt(context) {
      if (context.step.reference === undefined) return undefined;
      const input = inputOf(context);
      const output = adoptWorkload(
        tools,
        input.workload,
        changeBy(context, input),
      );
      return output && noteChange(context, output);
    },
  };
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
