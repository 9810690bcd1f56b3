import { PodState } from '@switchyard/backstage-plugin-deploys-common';

/**
 * What a pod means to a person: `attention` is wrong or takes too long, `starting` is not ready yet, `leaving` is being ended, `done` has
 * ended well.
 */
export type PodCondition =
  | 'attention'
  | 'starting'
  | 'ready'
  | 'leaving'
  | 'done';

/** A pod that is not ready after this long needs a person, even where Kubernetes names no fault. */
const MAX_START_MS = 10 * 60_000;

/** Why a container waits when all is well. */
const harmlessWaits = new Set(['ContainerCreating', 'PodInitializing']);

/** Judges a pod. `now` in milliseconds. */
export function podCondition(pod: PodState, now: number): PodCondition {
  if (pod.terminating) return 'leaving';
  if (pod.phase === 'Succeeded') return 'done';
  if (pod.ready) return 'ready';
  if (pod.phase === 'Failed' || pod.restarts > 0) return 'attention';
  if (pod.containers.some(hasFault)) return 'attention';
  // Neither scheduled nor started, and Kubernetes says why: no node fits.
  if (pod.phase === 'Pending' && !pod.node && pod.reason) return 'attention';
  return now - Date.parse(pod.createdAt) > MAX_START_MS
    ? 'attention'
    : 'starting';
}

function hasFault(container: PodState['containers'][number]): boolean {
  if (container.ready || container.reason === undefined) return false;
  if (container.reason === 'Completed') return false;
  return !harmlessWaits.has(container.reason);
}
