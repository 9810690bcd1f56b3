import { JsonObject } from '@backstage/types';
import { PlannedStep } from '@switchyard/backstage-plugin-runs-common';
import { PlannedWorkload, SettleInput, SyncResource } from '../sync/types';
import { ApplicationTarget } from './applicationTargets';

const MINUTE_MS = 60_000;
/** Remote systems are away for minutes: with the engine's backoff about five of them. */
const PATIENT_ATTEMPTS = 10;

/** Kinds whose pods are replaced when their template changes. */
export const ROLLED_OUT = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Rollout',
]);

/** A step that asks Argo CD for an operation on a target, and one that waits until the target is well. */
export function operationSteps(options: {
  target: ApplicationTarget;
  /** Unique in the plan. */
  name: string;
  operation: Pick<PlannedStep, 'id' | 'title' | 'handler'> & {
    input: JsonObject;
    needs?: string[];
  };
  /** Resources that are touched; undefined for all. */
  only?: readonly SyncResource[];
}): PlannedStep[] {
  const { target, name, operation, only } = options;
  const cluster = target.deployment.cluster;
  const settle: SettleInput = {
    application: target.id,
    cluster: cluster ?? null,
    after: operation.id,
    workloads: workloadsOf(target, only),
  };
  const shared = {
    timeoutMs: 30 * MINUTE_MS,
    maxAttempts: PATIENT_ATTEMPTS,
    ...(cluster !== undefined && { cluster }),
  };
  return [
    {
      ...operation,
      needs: operation.needs ?? [],
      effect: 'adoptable',
      ...shared,
    },
    {
      id: `settle.${name}`,
      title: `${target.id.name} is well`,
      handler: 'settle',
      needs: [operation.id],
      effect: 'none',
      input: settle,
      // It only waits; whoever has seen the Application may go on without it.
      skippable: true,
      ...shared,
    },
  ];
}

function workloadsOf(
  { deployment }: ApplicationTarget,
  only: readonly SyncResource[] | undefined,
): PlannedWorkload[] {
  const { resources, destination } = deployment.application;
  return resources
    .filter(
      resource =>
        ROLLED_OUT.has(resource.kind) &&
        !resource.hook &&
        (!only ||
          only.some(
            each =>
              each.kind === resource.kind &&
              each.name === resource.name &&
              (each.namespace ?? '') === resource.namespace,
          )),
    )
    .map(({ kind, namespace, name }) => ({
      kind,
      namespace: namespace || destination.namespace || 'default',
      name,
    }));
}
