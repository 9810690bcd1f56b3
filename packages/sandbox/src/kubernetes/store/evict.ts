import { ApiError, notFound } from '../ApiError';
import { CONTROLLER_MANAGER } from '../controllers/ControlPlane';
import { isReady } from '../controllers/pods';
import { resourceOfKind } from '../resources';
import { matchesSelector } from '../selectors';
import { KubernetesObject } from '../types';
import { DeleteOptions } from './deletion';
import { Registry } from './Registry';

/**
 * Deletes a pod if its budget lets it go, and takes one off what the budget allows.
 *
 * @throws ApiError 429 where the budget is used up, 500 where a pod has two
 */
export function evict(
  registry: Registry,
  { namespace, name }: { namespace: string; name: string },
  options: DeleteOptions,
): void {
  const pods = resourceOfKind('v1', 'Pod')!;
  const pod = registry.storage.get(pods, namespace, name);
  if (!pod) {
    throw notFound(pods, name);
  }
  const budget = runs(pod) ? budgetOf(registry, pod) : undefined;
  if (budget && !mayGoAnyway(pod, budget)) {
    takeOne(registry, budget, options.dryRun ?? false);
  }
  registry.delete(pods, namespace, name, options);
}

/** What has ended, not begun or is leaving breaks no budget. */
function runs({ metadata, status }: KubernetesObject): boolean {
  return (
    !metadata.deletionTimestamp &&
    !['Succeeded', 'Failed', 'Pending'].includes(status.phase)
  );
}

function budgetOf(
  registry: Registry,
  { metadata }: KubernetesObject,
): KubernetesObject | undefined {
  const budgets = registry.storage
    .list({ group: 'policy', kind: 'PodDisruptionBudget' })
    .filter(
      budget =>
        budget.metadata.namespace === metadata.namespace &&
        matchesSelector(metadata.labels, budget.spec.selector),
    );
  if (budgets.length > 1) {
    throw new ApiError({
      code: 500,
      reason: 'InternalError',
      message:
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    });
  }
  return budgets[0];
}

/** A pod that is not ready is no loss, as long as the others are as many as they should be, or always where the budget says so. */
function mayGoAnyway(
  pod: KubernetesObject,
  { spec, status }: KubernetesObject,
): boolean {
  if (isReady(pod)) {
    return false;
  }
  const { currentHealthy, desiredHealthy } = status ?? {};
  return (
    spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' ||
    (desiredHealthy > 0 && currentHealthy >= desiredHealthy)
  );
}

function takeOne(
  registry: Registry,
  budget: KubernetesObject,
  dryRun: boolean,
): void {
  const { metadata, status } = budget;
  if (status?.observedGeneration !== metadata.generation) {
    throw refusal(
      `The disruption budget ${metadata.name} is still being processed by the server.`,
      10,
    );
  }
  const { disruptionsAllowed, desiredHealthy, currentHealthy } = status;
  if (disruptionsAllowed <= 0) {
    throw refusal(
      `The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    );
  }
  // The next eviction may come before the controller has counted again.
  registry.replace(
    budget,
    {
      ...budget,
      status: { ...status, disruptionsAllowed: disruptionsAllowed - 1 },
    },
    { manager: CONTROLLER_MANAGER, subresource: 'status', dryRun },
  );
}

function refusal(message: string, retryAfterSeconds?: number): ApiError {
  return new ApiError({
    code: 429,
    reason: 'TooManyRequests',
    message:
      "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [{ reason: 'DisruptionBudget', message }],
      ...(retryAfterSeconds ? { retryAfterSeconds } : {}),
    },
    ...(retryAfterSeconds
      ? { headers: { 'Retry-After': String(retryAfterSeconds) } }
      : {}),
  });
}
