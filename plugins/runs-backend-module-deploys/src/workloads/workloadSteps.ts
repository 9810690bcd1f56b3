import { JsonObject } from '@backstage/types';
import { PlannedStep } from '@switchyard/backstage-plugin-runs-common';
import { uniqueNames } from '../operations/applicationTargets';
import { ReadyStepInput, WorkloadId } from './types';
import { WorkloadTarget } from './workloadTargets';

const MINUTE_MS = 60_000;
/** Clusters are away for minutes: with the engine's backoff about five of them. */
const PATIENT_ATTEMPTS = 10;

/** For each workload a step that changes it, and one that waits until its pods are ready. */
export function workloadSteps(
  targets: readonly WorkloadTarget[],
  operation: {
    /** First part of the step ids. */
    verb: string;
    title(workload: WorkloadId): string;
    handler: string;
    /** Besides the workload. */
    input?(target: WorkloadTarget): JsonObject;
    /** Wanted number of pods, where that is what is changed. */
    replicas?: number;
  },
): PlannedStep[] {
  const names = uniqueNames(
    targets.map(({ id }) => `${id.name}.${id.cluster}`),
  );
  const { replicas } = operation;
  return targets.flatMap((target, index): PlannedStep[] => {
    const { id: workload } = target;
    const changing = `${operation.verb}.${names[index]}`;
    const ready: ReadyStepInput = {
      workload,
      after: changing,
      ...(replicas !== undefined && { replicas }),
    };
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
        needs: [],
        effect: 'adoptable',
        input: { workload, ...operation.input?.(target) },
        ...shared,
      },
      {
        id: `ready.${names[index]}`,
        title: `${workload.kind} ${workload.name} is ready`,
        handler: 'ready',
        needs: [changing],
        effect: 'none',
        input: ready,
        // It only waits; whoever has seen the pods may go on without it.
        skippable: true,
        ...shared,
      },
    ];
  });
}
