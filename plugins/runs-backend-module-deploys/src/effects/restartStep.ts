import { JsonObject } from '@backstage/types';
import { StepHandler } from '@switchyard/backstage-plugin-runs-node';
import { RestartStepInput } from '../workloads/types';
import { WorkloadTools } from './changeWorkload';
import { createWorkloadStep } from './workloadStep';

/** Carries the id of the run that asked for the present pods. */
export const RESTARTED_BY = 'switchyard/restarted-by-run';
/** What kubectl and Argo CD write, so that other tools show it too. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/**
 * Restarts the pods of a workload: another annotation in its template makes Kubernetes replace them by its own rules. A Rollout has a field for that, which leaves
 * its steps alone.
 */
export function createRestartStep(tools: WorkloadTools): StepHandler {
  return createWorkloadStep(tools, ({ run, step }) => {
    const { workload } = step.input as RestartStepInput;
    return {
      workload,
      change:
        workload.kind === 'Rollout'
          ? restartOfRollout(run.id)
          : restartOfTemplate(run.id),
      recorded: { what: `restart of ${workload.kind} ${workload.name}` },
    };
  });
}

function restartOfTemplate(runId: string) {
  return {
    verb: 'restart',
    isMade: (object: JsonObject) =>
      (object as any).spec?.template?.metadata?.annotations?.[RESTARTED_BY] ===
      runId,
    patch: () => ({
      spec: {
        template: {
          metadata: {
            annotations: { [RESTARTED_AT]: now(), [RESTARTED_BY]: runId },
          },
        },
      },
    }),
  };
}

function restartOfRollout(runId: string) {
  return {
    verb: 'restart',
    isMade: (object: JsonObject) =>
      (object as any).metadata?.annotations?.[RESTARTED_BY] === runId,
    patch: () => ({
      metadata: { annotations: { [RESTARTED_BY]: runId } },
      spec: { restartAt: now() },
    }),
  };
}

/** Kubernetes writes whole seconds. */
function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
