import { StepHandler } from '@switchyard/backstage-plugin-runs-node';
import { ImageRolloutStepInput } from '../images/types';
import { ChangedOutput } from '../workloads/types';
import { followWorkload } from './followWorkload';
import { StepTools } from './types';
import { viewImageRollout } from './viewImageRollout';

/**
 * Waits after another image was set until all pods of the workload run it, and are ready. Changes nothing.
 */
export function createImageRolloutStep(
  tools: Pick<StepTools, 'fleet' | 'patience'>,
): StepHandler {
  return {
    effect: 'none',
    async run(context) {
      const input = context.step.input as ImageRolloutStepInput;
      const changed = context.outputs[input.after] as ChangedOutput | undefined;
      const pods = await followWorkload(context, tools, {
        workload: input.workload,
        look: () => viewImageRollout(input, changed, tools.fleet),
        wanted: 'was not rolled out',
      });
      return { output: { pods } };
    },
  };
}
