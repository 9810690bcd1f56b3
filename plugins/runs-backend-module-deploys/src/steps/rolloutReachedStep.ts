import { StepHandler } from '@switchyard/backstage-plugin-runs-node';
import { RolloutReachedStepInput } from '../rollouts/types';
import { viewRolloutReached } from '../rollouts/viewRolloutReached';
import { ChangedOutput } from '../workloads/types';
import { followWorkload } from './followWorkload';
import { StepTools } from './types';

/**
 * Waits until Argo Rollouts has done what was asked of it. Changes nothing.
 */
export function createRolloutReachedStep(
  tools: Pick<StepTools, 'fleet' | 'patience'>,
): StepHandler {
  return {
    effect: 'none',
    async run(context) {
      const input = context.step.input as RolloutReachedStepInput;
      const changed = context.outputs[input.after] as ChangedOutput | undefined;
      const state = await followWorkload(context, tools, {
        workload: input.workload,
        look: () => viewRolloutReached(input, changed, tools.fleet),
        wanted: 'is not there',
      });
      return { output: { state } };
    },
  };
}
