import { StepHandler } from '@switchyard/backstage-plugin-runs-node';
import { ChangedOutput, ReadyStepInput } from '../workloads/types';
import { followWorkload } from './followWorkload';
import { viewReady } from './readyView';
import { StepTools } from './types';

/**
 * Waits after a change of a workload until all its pods are those that are wanted, and ready. Changes nothing.
 */
export function createReadyStep(
  tools: Pick<StepTools, 'fleet' | 'patience'>,
): StepHandler {
  return {
    effect: 'none',
    async run(context) {
      const { workload, after, replicas } = context.step
        .input as ReadyStepInput;
      const changed = context.outputs[after] as ChangedOutput | undefined;
      const pods = await followWorkload(context, tools, {
        workload,
        look: () => viewReady(workload, { changed, replicas }, tools.fleet),
        wanted: 'is not ready',
      });
      return { output: { pods } };
    },
  };
}
