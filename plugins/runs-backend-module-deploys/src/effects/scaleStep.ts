import { JsonObject } from '@backstage/types';
import {
  StepContext,
  StepHandler,
  StepParkedError,
} from '@switchyard/backstage-plugin-runs-node';
import { WorkloadRow } from '@switchyard/fleet-node';
import { ChangedOutput, ScaleStepInput } from '../workloads/types';
import { adoptWorkload, changeWorkload, WorkloadTools } from './changeWorkload';

/** Carries the id of the run that has set the present size. */
export const SCALED_BY = 'switchyard/scaled-by-run';

/** Sets how many pods a workload has. Where that is no longer what the plan has shown, the run parks. */
export function createScaleStep(tools: WorkloadTools): StepHandler {
  const inputOf = ({ step }: StepContext) => step.input as ScaleStepInput;
  const noteScale = (context: StepContext, output: ChangedOutput) => {
    const { workload, before, replicas } = inputOf(context);
    context.recordChange({
      system: 'kubernetes',
      what: `size of ${workload.kind} ${workload.name}`,
      ref: `${workload.namespace}/${workload.name}`,
      cluster: workload.cluster,
      before: String(before),
      after: String(replicas),
    });
    return { output };
  };
  return {
    effect: 'adoptable',
    async run(context) {
      const output = await changeWorkload(
        tools,
        context,
        inputOf(context).workload,
        scaleBy(context, inputOf(context)),
      );
      return noteScale(context, output);
    },
    async adopt(context) {
      if (context.step.reference === undefined) return undefined;
      const { workload } = inputOf(context);
      const change = scaleBy(context, inputOf(context));
      const output = adoptWorkload(tools, workload, change);
      return output && noteScale(context, output);
    },
  };
}

function scaleBy(context: StepContext, input: ScaleStepInput) {
  const { workload, before, replicas } = input;
  return {
    verb: 'scale',
    isMade: (object: JsonObject) =>
      (object as any).metadata?.annotations?.[SCALED_BY] === context.run.id,
    patch: (_: JsonObject, { desired }: WorkloadRow) => {
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
