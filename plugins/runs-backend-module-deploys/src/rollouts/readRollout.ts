import { JsonObject } from '@backstage/types';
import { WorkloadRow } from '@switchyard/fleet-node';

/** What of a Rollout decides about it, as the API server gave it. */
export interface RolloutStand {
  strategy: 'canary' | 'blueGreen' | 'unknown';
  /** Of the version that comes, and of the one that is safe; missing before Argo Rollouts looked at it. */
  hash?: string;
  stableHash?: string;
  /** Of a canary. */
  steps: readonly RolloutStep[];
  /** Index of the present step: their number once all are done. */
  step: number;
  /** Why and since when it waits. */
  pause?: { reason: string; since: string };
  /** Argo Rollouts has set the pause: where that is so and the pause is gone, somebody has promoted it. */
  isPausedByController: boolean;
  isAborted: boolean;
  abortedAt?: string;
  isPromotedInFull: boolean;
  /** `spec.paused`. */
  isPausedByHand: boolean;
  /** AnalysisRun of the present step. */
  analysis?: { name: string; phase: string };
}

/** One step of a canary: `{ setWeight: 20 }`, `{ pause: { duration: '1h' } }` … */
export type RolloutStep = Readonly<Record<string, any>>;

/** Reads a Rollout. */
export function readRollout(object: JsonObject): RolloutStand {
  const { spec = {}, status = {} } = object as { spec?: any; status?: any };
  const { canary, blueGreen } = spec.strategy ?? {};
  const steps: unknown = canary?.steps;
  const [pause] = status.pauseConditions ?? [];
  const analysis = status.canary?.currentStepAnalysisRunStatus;
  return {
    strategy: (canary && 'canary') || (blueGreen && 'blueGreen') || 'unknown',
    ...(status.currentPodHash && { hash: String(status.currentPodHash) }),
    ...(status.stableRS && { stableHash: String(status.stableRS) }),
    steps: Array.isArray(steps) ? steps : [],
    step: Number(status.currentStepIndex) || 0,
    ...(pause && {
      pause: {
        reason: String(pause.reason ?? ''),
        since: String(pause.startTime ?? ''),
      },
    }),
    isPausedByController: status.controllerPause === true,
    isAborted: status.abort === true,
    ...(status.abortedAt && { abortedAt: String(status.abortedAt) }),
    isPromotedInFull: status.promoteFull === true,
    isPausedByHand: spec.paused === true,
    ...(analysis?.name && {
      analysis: {
        name: String(analysis.name),
        phase: String(analysis.status ?? ''),
      },
    }),
  };
}

/** Whether a version is on its way that is not the safe one yet. */
export function isUnderWay({ hash, stableHash }: RolloutStand): boolean {
  return hash !== undefined && stableHash !== undefined && hash !== stableHash;
}

/** Whether Argo Rollouts has not looked at the last change yet. Its early releases wrote no number there. */
export function isBefore({
  observedGeneration,
  generation,
}: Pick<WorkloadRow, 'observedGeneration' | 'generation'>): boolean {
  return observedGeneration !== 0 && observedGeneration < generation;
}

/** 'step 2 of 5: pause'; undefined where there is none. */
export function describeStep(
  { steps }: Pick<RolloutStand, 'steps'>,
  index: number,
): string | undefined {
  if (steps.length === 0) return undefined;
  if (index >= steps.length) return `all ${steps.length} steps done`;
  return `step ${index + 1} of ${steps.length}: ${describeKind(steps[index])}`;
}

function describeKind(step: RolloutStep): string {
  if (typeof step.setWeight === 'number') return `${step.setWeight} %`;
  if (step.pause)
    return step.pause.duration === undefined
      ? 'pause until somebody promotes it'
      : `pause of ${step.pause.duration}`;
  return Object.keys(step)[0] ?? 'nothing';
}
