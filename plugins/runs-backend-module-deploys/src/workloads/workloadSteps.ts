import { JsonObject } from '@backstage/types';
import { PlannedStep } from '@switchyard/backstage-plugin-runs-common';
import { uniqueNames } from '../operations/applicationTargets';
import { ReadyStepInput, WorkloadId } from './types';
import { WorkloadTarget } from './workloadTargets';

const MINUTE_MS = 60_000;
/** Clusters are away for minutes: with the engine's backoff about five of them. */
const PATIENT_ATTEMPTS = 10;

/** For each workload a step that changes it, and one that waits until that is done: by default until its pods are ready. */
export function workloadSteps(
  targets: readonly WorkloadTarget[],
  operation: {
    /** First part of the step ids. */
    verb: string;
    title(workload: WorkloadId): string;
    handler: string;
    /** What has to be done before any of them is changed. */
    needs?: string[];
    /** Besides the workload. */
    input?(target: WorkloadTarget): JsonObject;
    /** Wanted number of pods, where that is what is changed. */
    replicas?: number;
    /** What waits, where that is not until the pods are ready; with the input of what changes, and its id as `after`. */
    follow?: {
      id: string;
      title(workload: WorkloadId): string;
      handler: string;
    };
  },
): PlannedStep[] {
  const names = uniqueNames(
    targets.map(({ id }) => `${id.name}.${id.cluster}`),
  );
  const { replicas, follow, needs = [] } = operation;
  return targets.flatMap((target, index): PlannedStep[] => {
    const { id: workload } = target;
    const changing = `${operation.verb}.${names[index]}`;
    const ready: ReadyStepInput = {
      workload,
      after: changing,
      ...(replicas !== undefined && { replicas }),
    };
    const input = { workload, ...operation.input?.(target) };
    const shared = {
      timeoutMs: 30 * MINUTE_MS,
      maxAttempts: PATIENT_ATTEMPTS,
      cluster: workload.cluster,
    };
    return [
      {
        id: changing,
        title: operation.title(workload),
        handler: operation.handler,
        needs,
        effect: 'adoptable',
        input,
        ...shared,
      },
      {
        id: `${follow?.id ?? 'ready'}.${names[index]}`,
        title:
          follow?.title(workload) ??
          `${workload.kind} ${workload.name} is ready`,
        handler: follow?.handler ?? 'ready',
        needs: [changing],
        effect: 'none',
        input: follow ? { ...input, after: changing } : ready,
        // It only waits; whoever has seen the pods may go on without it.
        skippable: true,
        ...shared,
      },
    ];
  });
}
