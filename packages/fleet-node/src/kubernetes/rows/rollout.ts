import { RolloutProgress, WorkloadRow } from '../../rows';
import { KubernetesObject } from '../kubernetesObject';
import { count } from './common';
import { shorten } from './containers';
import { workloadRow } from './workload';

/** Row of a Rollout of Argo Rollouts. @internal */
export function rolloutRow(
  rollout: KubernetesObject,
  options: { cluster: string },
): WorkloadRow {
  return {
    ...workloadRow(rollout, options),
    // Argo Rollouts writes this number as text, and releases before 1.0 wrote a hash.
    observedGeneration: Number(rollout.status?.observedGeneration) || 0,
    rollout: progress(rollout),
  };
}

function progress({ spec, status }: KubernetesObject): RolloutProgress {
  const { canary, blueGreen } = spec?.strategy ?? {};
  const steps: unknown = canary?.steps;
  const paused = status?.pauseConditions?.[0];
  const weight = status?.canary?.weights?.canary?.weight;
  const stableHash = status?.stableRS;
  const currentHash = status?.currentPodHash;
  const ref = spec?.workloadRef;
  return {
    strategy: (canary && 'canary') || (blueGreen && 'blueGreen') || 'unknown',
    ...(status?.phase && { phase: status.phase }),
    ...(status?.message && { message: shorten(status.message) }),
    ...(paused && {
      paused: {
        reason: paused.reason ?? '',
        ...(paused.startTime && { since: paused.startTime }),
      },
    }),
    aborted: status?.abort === true,
    ...(Array.isArray(steps) && {
      steps: { done: count(status?.currentStepIndex), of: steps.length },
    }),
    ...(typeof weight === 'number' && { weight }),
    ...(stableHash && { stableHash }),
    ...(currentHash && { currentHash }),
    ...(ref?.name && { workloadRef: { kind: ref.kind ?? '', name: ref.name } }),
  };
}
