/**
 * How far Argo Rollouts is with a Rollout, and what it waits for.
 *
 * @public
 */
export interface RolloutState {
  strategy: 'canary' | 'blueGreen' | 'unknown';
  status: 'progressing' | 'paused' | 'healthy' | 'degraded' | 'aborted';
  /** Ready to show: 'Canary step 2 of 5 · 20 % · paused until somebody promotes it'. */
  text: string;
  /** What Argo Rollouts says of what went wrong; left out where the workload does not agree. */
  message?: string;
  /** Of a canary with steps that is under way; counted from 1. */
  step?: { number: number; of: number };
  /** Share, in percent, that the new version has. */
  weight?: number;
  /** Since when it is paused, and until when where that ends by itself. */
  paused?: { since?: string; until?: string };
  /** Somebody has paused it whole: it is resumed, not promoted. */
  pausedByHand?: true;
  /** What is safe. */
  stable?: RolloutVersion;
  /** What is to take its place; left out when that is done. */
  next?: RolloutVersion;
  /** Of the newest version, newest first; only the last few. */
  analyses: AnalysisState[];
}

/** @public */
export interface RolloutVersion {
  /** `rollouts-pod-template-hash` of its pods. */
  hash: string;
  version?: string;
}

/** What an AnalysisRun has found out. @public */
export interface AnalysisState {
  name: string;
  /** Step, Background, PrePromotion, PostPromotion. */
  type?: string;
  /** Pending, Running, Successful, Failed, Error, Inconclusive. */
  phase: string;
  /** Left out where the workload does not agree, as are those of the metrics, and their values. */
  message?: string;
  startedAt?: string;
  metrics: Array<{
    name: string;
    phase: string;
    message?: string;
    successful: number;
    failed: number;
    inconclusive: number;
    errors: number;
    /** Newest measurement. */
    value?: string;
  }>;
}
