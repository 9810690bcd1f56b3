import { JsonObject } from '@backstage/types';
import {
  StepContext,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { ChangedOutput, RestartStepInput } from '../workloads/types';
import { adoptWorkload, changeWorkload, WorkloadTools } from './changeWorkload';

/** Carries the id of the run that asked for the present pods. */
export const RESTARTED_BY = 'switchyard/restarted-by-run';
/** What kubectl and Argo CD write, so that other tools show it too. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/**
 * Restarts the pods of a workload: another annotation in its template makes Kubernetes replace them by its own rules. A Rollout has a field for that, which leaves
 * its steps alone.
 */
export function createRestartStep(tools: WorkloadTools): StepHandler {
  const changeOf = (context: StepContext) => {
    const { kind } = (context.step.input as RestartStepInput).workload;
    return kind === 'Rollout'
      ? restartOfRollout(context.run.id)
      : restartOfTemplate(context.run.id);
  };
  const noteRestart = (context: StepContext, output: ChangedOutput) => {
    const { workload } = context.step.input as RestartStepInput;
    context.recordChange({
      system: 'kubernetes',
      what: `restart of ${workload.kind} ${workload.name}`,
      ref: `${workload.namespace}/${workload.name}`,
      cluster: workload.cluster,
    });
    return { output };
  };
  return {
    effect: 'adoptable',
    async run(context) {
      const { workload } = context.step.input as RestartStepInput;
      return noteRestart(
        context,
        await changeWorkload(tools, context, workload, changeOf(context)),
      );
    },
    async adopt(context) {
      if (context.step.reference === undefined) return undefined;
      const { workload } = context.step.input as RestartStepInput;
      const output = adoptWorkload(tools, workload, changeOf(context));
      return output && noteRestart(context, output);
    },
  };
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
