import { JsonObject } from '@backstage/types';
import {
  StepContext,
  StepHandler,
  StepParkedError,
} from '@switchyard/backstage-plugin-runs-node';
import { ScaleStepInput } from '../workloads/types';
import { WorkloadChange, WorkloadTools } from './changeWorkload';
import { createWorkloadStep } from './workloadStep';

/** Carries the id of the run that has set the present size. */
export const SCALED_BY = 'switchyard/scaled-by-run';

/** Sets how many pods a workload has. Where that is no longer what the plan has shown, the run parks. */
export function createScaleStep(tools: WorkloadTools): StepHandler {
  return createWorkloadStep(tools, context => {
    const input = context.step.input as ScaleStepInput;
    const { workload, before, replicas } = input;
    return {
      workload,
      change: scaleBy(context, input),
      recorded: {
        what: `size of ${workload.kind} ${workload.name}`,
        before: String(before),
        after: String(replicas),
      },
    };
  });
}

function scaleBy(context: StepContext, input: ScaleStepInput): WorkloadChange {
  const { workload, before, replicas } = input;
  return {
    verb: 'scale',
    isMade: (object: JsonObject) =>
      (object as any).metadata?.annotations?.[SCALED_BY] === context.run.id,
    patch: (_, { desired }) => {
      if (desired !== before && desired !== replicas) {
        const found = `${workload.kind} ${workload.name} in ${workload.cluster} was to go from ${before} to ${replicas} pods, and has ${desired} by now`;
        // A person's word is about what the run had parked with, and about nothing that came later.
        if (context.confirmed?.found !== found)
          throw new StepParkedError(found);
      }
      return {
        metadata: { annotations: { [SCALED_BY]: context.run.id } },
        spec: { replicas },
      };
    },
  };
}
