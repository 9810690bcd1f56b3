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

/** Words of Kubernetes for a pod or container that is on its way. */
const passing = new Set([
  'ContainerCreating',
  'Initializing',
  'NotReady',
  'Pending',
  'PodInitializing',
  'Waiting',
]);

/** Judges a pod. `now` in milliseconds. */
export function podCondition(pod: PodState, now: number): PodCondition {
  if (pod.terminating) return 'leaving';
  if (pod.phase === 'Succeeded') return 'done';
  if (pod.ready) return 'ready';
  if (pod.phase === 'Failed' || pod.restarts > 0) return 'attention';
  const word = leadingWord(pod.reason);
  if (word !== undefined && !passing.has(word)) return 'attention';
  if (pod.containers.some(hasFault)) return 'attention';
  return now - Date.parse(pod.createdAt) > MAX_START_MS
    ? 'attention'
    : 'starting';
}

/** The word of Kubernetes that a reason begins with: `Unschedulable` of 'Unschedulable: no node has …'. */
export function leadingWord(reason: string | undefined): string | undefined {
  return reason && /^([A-Z][A-Za-z]+)(?:: |$)/.exec(reason)?.[1];
}

function hasFault(container: PodState['containers'][number]): boolean {
  if (container.ready || container.reason === undefined) return false;
  if (container.reason === 'Completed') return false;
  return !passing.has(container.reason);
}
