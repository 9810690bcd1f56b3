import { JsonObject } from '@backstage/types';
import {
  StepContext,
  StepFailedError,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { isSuspended } from '../canary/approvalJobs';
import { ContinueStepInput } from '../canary/types';
import { ChangedOutput } from '../workloads/types';
import {
  adoptWorkload,
  changeWorkload,
  WorkloadChange,
  WorkloadTools,
} from './changeWorkload';

/** Carries the id of the run that has let the canary go on. */
export const CONTINUED_BY = 'switchyard/continued-by-run';

/** Lets the Job begin at which Argo CD waits: the very one that was shown, as each sync makes another. */
export function createContinueStep(tools: WorkloadTools): StepHandler {
  const inputOf = ({ step }: StepContext) => step.input as ContinueStepInput;
  const noteChange = (context: StepContext, output: ChangedOutput) => {
    const { workload } = inputOf(context);
    if (output.found)
      context.log(`Nothing was sent: Job ${workload.name} goes on already`);
    else
      context.recordChange({
        system: 'kubernetes',
        what: `approval of Job ${workload.name}`,
        ref: `${workload.namespace}/${workload.name}`,
        cluster: workload.cluster,
      });
    return { output };
  };
  return {
    effect: 'adoptable',
    async run(context) {
      const input = inputOf(context);
      return noteChange(
        context,
        await changeWorkload(
          tools,
          context,
          input.workload,
          continueBy(context.run.id, input),
        ),
      );
    },
    async adopt(context) {
      if (context.step.reference === undefined) return undefined;
      const input = inputOf(context);
      const output = adoptWorkload(
        tools,
        input.workload,
        continueBy(context.run.id, input),
      );
      return output && noteChange(context, output);
    },
  };
}

function continueBy(
  runId: string,
  { uid, workload }: ContinueStepInput,
): WorkloadChange {
  const isShown = (object: JsonObject) => (object as any).metadata?.uid === uid;
  return {
    verb: 'continue',
    isMade: object =>
      (object as any).metadata?.annotations?.[CONTINUED_BY] === runId,
    isSo: object => isShown(object) && !isSuspended(object),
    patch: object => {
      if (!isShown(object))
        throw new StepFailedError(
          `Job ${workload.name} in cluster ${workload.cluster} is of another sync by now; nothing was approved`,
        );
      return {
        metadata: { annotations: { [CONTINUED_BY]: runId } },
        spec: { suspend: false },
      };
    },
  };
}
