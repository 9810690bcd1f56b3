import { ApiError } from '../ApiError';
import { ControlPlane } from '../controllers/ControlPlane';
import { controllerOf, isReady } from '../controllers/pods';
import { evict } from '../store/evict';
import { Registry } from '../store/Registry';
import { KubernetesObject } from '../types';
import type { RolloutRound } from './RolloutController';

/** A pod that a budget keeps is tried again after this. */
const AGAIN_MS = 30_000;

/**
 * Evicts pods that are older than `spec.restartAt`, at most as many at a time as may be unavailable, and one at least; writes `restartedAt` when none is left.
 */
export function restartPods(
  round: RolloutRound,
  { registry, clock }: Pick<ControlPlane, 'registry' | 'clock'>,
): void {
  const { rollout, status, sets, again } = round;
  const { restartAt } = rollout.spec;
  if (restartAt === undefined || restartAt === null) {
    return;
  }
  const wanted = Date.parse(restartAt);
  if (Date.parse(status.restartedAt) >= wanted) {
    return;
  }
  const early = wanted - clock.now().getTime();
  if (early > 0) {
    again(early * clock.speed);
    return;
  }
  const pods = sets.flatMap(set => podsOf(registry, set));
  const old = pods.filter(
    ({ metadata }) => Date.parse(metadata.creationTimestamp!) < wanted,
  );
  const replicas: number = rollout.spec.replicas ?? 1;
  const atOnce = Math.max(1, maxUnavailable(rollout, replicas));
  const available = pods.filter(
    pod => isReady(pod) && !pod.metadata.deletionTimestamp,
  ).length;
  let left = available - (Math.max(replicas, totalOf(sets)) - atOnce);
  for (const { metadata } of old) {
    if (left <= 0 || metadata.deletionTimestamp) {
      continue;
    }
    try {
      evict(
        registry,
        { namespace: metadata.namespace!, name: metadata.name },
        {},
      );
      left -= 1;
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 429)) {
        throw error;
      }
    }
  }
  if (old.length > 0) {
    again(AGAIN_MS);
  } else {
    status.restartedAt = restartAt;
  }
}

function podsOf(registry: Registry, set: KubernetesObject): KubernetesObject[] {
  return registry.storage
    .dependentsOf(set.metadata.uid!)
    .filter(
      object =>
        object.kind === 'Pod' && controllerOf(object)?.uid === set.metadata.uid,
    );
}

function totalOf(sets: readonly KubernetesObject[]): number {
  return sets.reduce((sum, { spec }) => sum + (spec.replicas ?? 0), 0);
}

function maxUnavailable({ spec }: KubernetesObject, replicas: number): number {
  const { canary } = spec.strategy;
  const written: unknown = canary ? canary.maxUnavailable ?? '25%' : 0;
  const share = /^(\d+)%$/.exec(String(written));
  return share
    ? Math.floor((Number(share[1]) * replicas) / 100)
    : Number(written) || 0;
}
