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
  const done = count(status?.currentStepIndex);
  const present = Array.isArray(steps) ? steps[done] : undefined;
  const paused = status?.pauseConditions?.[0];
  const seconds = secondsOf(
    paused?.reason === 'BlueGreenPause'
      ? blueGreen?.autoPromotionSeconds
      : paused?.reason === 'CanaryPauseStep' && present?.pause?.duration,
  );
  const weight = weightOf(status, Array.isArray(steps) ? steps : []);
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
        ...(seconds !== undefined && { seconds }),
      },
    }),
    aborted: status?.abort === true,
    ...(spec?.paused === true && { pausedByHand: true as const }),
    ...(Array.isArray(steps) && {
      steps: {
        done,
        of: steps.length,
        ...(present && { present: Object.keys(present)[0] }),
      },
    }),
    ...(weight !== undefined && { weight }),
    ...(stableHash && { stableHash }),
    ...(currentHash && { currentHash }),
    ...(ref?.name && { workloadRef: { kind: ref.kind ?? '', name: ref.name } }),
  };
}

/** Only a router writes into the status how much there is; without one the steps say it. */
function weightOf(status: any, steps: readonly any[]): number | undefined {
  const routed = status?.canary?.weights?.canary?.weight;
  if (typeof routed === 'number') return routed;
  const isUnderWay =
    status?.stableRS && status.stableRS !== status.currentPodHash;
  if (!isUnderWay || status.abort || steps.length === 0) return undefined;
  const done = count(status.currentStepIndex);
  if (done >= steps.length) return 100;
  for (let index = done; index >= 0; index--) {
    const weight = steps[index]?.setWeight;
    if (typeof weight === 'number') return weight;
  }
  return 0;
}

const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };

/** `30`, `30s`, `5m`, `1h30m`; undefined for what is no such time. */
function secondsOf(duration: unknown): number | undefined {
  const text = String(duration ?? '');
  if (/^\d+$/.test(text)) return Number(text) || undefined;
  if (!/^(\d+[hms])+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, number, unit] of text.matchAll(/(\d+)([hms])/g)) {
    seconds += Number(number) * SECONDS[unit];
  }
  return seconds;
}
