import { Change } from '@switchyard/backstage-plugin-runs-common';
import {
  StepContext,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { ChangedOutput, WorkloadId } from '../workloads/types';
import {
  adoptWorkload,
  changeWorkload,
  WorkloadChange,
  WorkloadTools,
} from './changeWorkload';

/** What a step does to a workload. */
export interface WorkloadEffect {
  workload: WorkloadId;
  change: WorkloadChange;
  /** What is recorded of it, for people. */
  recorded: Pick<Change, 'what' | 'before' | 'after'>;
}

/**
 * A step that changes one workload once, and finds what an earlier attempt did. Where it was so already, nothing is sent, and no change recorded.
 */
export function createWorkloadStep(
  tools: WorkloadTools,
  effectOf: (context: StepContext) => WorkloadEffect,
): StepHandler {
  const note = (context: StepContext, output: ChangedOutput) => {
    const { workload, recorded } = effectOf(context);
    if (output.found)
      context.log(
        `Nothing was sent: ${workload.kind} ${workload.name} is where it was to be already`,
      );
    else
      context.recordChange({
        system: 'kubernetes',
        ref: `${workload.namespace}/${workload.name}`,
        cluster: workload.cluster,
        ...recorded,
      });
    return { output };
  };
  return {
    effect: 'adoptable',
    async run(context) {
      const { workload, change } = effectOf(context);
      return note(
        context,
        await changeWorkload(tools, context, workload, change),
      );
    },
    async adopt(context) {
      if (context.step.reference === undefined) return undefined;
      const { workload, change } = effectOf(context);
      const output = adoptWorkload(tools, workload, change);
      return output && note(context, output);
    },
  };
}
