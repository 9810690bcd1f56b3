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

/** So long after its grace period has run out a pod that is still there needs a person. Clocks differ, and kubelets take a moment. */
const MAX_OVERTIME_MS = 60_000;

/** Judges a pod. `now` in milliseconds. */
export function podCondition(pod: PodState, now: number): PodCondition {
  if (pod.terminating) {
    const overtimeMs = now - Date.parse(pod.goneBy ?? '');
    return overtimeMs > MAX_OVERTIME_MS ? 'attention' : 'leaving';
  }
  if (pod.phase === 'Succeeded') return 'done';
  if (pod.ready) return 'ready';
  if (!pod.starting) return 'attention';
  return now - Date.parse(pod.createdAt) > MAX_START_MS
    ? 'attention'
    : 'starting';
}
