import { JsonObject } from '@backstage/types';
import {
  StepFailedError,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { isSuspended } from '../canary/approvalJobs';
import { ContinueStepInput } from '../canary/types';
import { WorkloadChange, WorkloadTools } from './changeWorkload';
import { createWorkloadStep } from './workloadStep';

/** Carries the id of the run that has let the canary go on. */
export const CONTINUED_BY = 'switchyard/continued-by-run';

/** Lets the Job begin at which Argo CD waits: the very one that was shown, as each sync makes another. */
export function createContinueStep(tools: WorkloadTools): StepHandler {
  return createWorkloadStep(tools, ({ run, step }) => {
    const input = step.input as ContinueStepInput;
    return {
      workload: input.workload,
      change: continueBy(run.id, input),
      recorded: { what: `approval of Job ${input.workload.name}` },
    };
  });
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
