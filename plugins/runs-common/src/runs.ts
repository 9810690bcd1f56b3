import { JsonObject } from '@backstage/types';
import { Blocker, Verdict } from './interlock';
import { Change, EffectClass, RunPlan } from './plan';

/**
 * `failed`: the cause is known and nothing is unclear. `needs-attention`: an outcome is unknown. `dead`: attempts used up.
 *
 * @public
 */
export type RunStatus =
  | 'queued'
  | 'waiting'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'needs-attention'
  | 'dead'
  | 'cancelled';

/** @public */
export const TERMINAL_RUN_STATUSES: readonly RunStatus[] = [
  'succeeded',
  'failed',
  'cancelled',
];

/** @public */
export type StepStatus =
  | 'pending'
  | 'running'
  | 'retrying'
  | 'succeeded'
  | 'failed'
  | 'needs-attention'
  | 'dead'
  | 'cancelled';

/**
 * Why a run waits.
 *
 * @public
 */
export interface RunWaiting {
  /** `key-taken`: another run is ahead; `parked`: the interlock said no, a person must confirm once it says yes. */
  reason: 'key-taken' | 'parked';
  message: string;
  since: string;
  blockers: Blocker[];
  /** For `key-taken`: the run that is ahead. Absent where it belongs to an entity that the person may not see. */
  behind?: { id: string; number: number; title: string };
  /** For `parked`: true once the interlock would allow it, so that confirm would go on. */
  ready?: boolean;
}

/**
 * A verb that a viewer may see on a run, with the reason when it cannot be used.
 *
 * @public
 */
export interface RunVerb {
  verb: 'cancel' | 'confirm' | 'retry-step';
  /** For `retry-step`. */
  stepId?: string;
  allowed: boolean;
  why?: string;
}

/** @public */
export interface RunSummary {
  /** Opaque id, used in addresses. */
  id: string;
  /** Number that people use: #412. */
  number: number;
  kind: string;
  title: string;
  entityRef: string;
  environment: string;
  status: RunStatus;
  waiting?: RunWaiting;
  requestedBy: string;
  reason: string;
  requestedAt: string;
  startedAt?: string;
  finishedAt?: string;
  /** Title of the step that runs now, or that ended the run. */
  currentStep?: { id: string; title: string; progress?: string };
  stepsDone: number;
  stepsTotal: number;
  /** For failed, dead and needs-attention: the cause in one line. */
  cause?: string;
}

/** @public */
export interface RunStep {
  id: string;
  title: string;
  needs: string[];
  effect: EffectClass;
  cluster?: string;
  status: StepStatus;
  attempt: number;
  maxAttempts: number;
  startedAt?: string;
  finishedAt?: string;
  /** When the next attempt starts, for `retrying`. */
  retryAt?: string;
  /** What it is doing right now, e.g. '3 of 5 pods ready'. */
  progress?: string;
  /** The error of the last attempt; stays visible through retries. */
  error?: string;
  changes: Change[];
  output?: JsonObject;
  log: RunLogLine[];
}

/** @public */
export interface RunLogLine {
  at: string;
  level: 'info' | 'warn' | 'error';
  message: string;
}

/**
 * Everything that the run page shows.
 *
 * @public
 */
export interface RunDetail extends RunSummary {
  planHash: string;
  plan: Pick<
    RunPlan,
    'kind' | 'version' | 'changes' | 'warnings' | 'intent' | 'undo'
  >;
  steps: RunStep[];
  verbs: RunVerb[];
  /** Signal channel that rings when this run changed. */
  channel: string;
  /** Content hash of this answer; equal means nothing changed. */
  hash: string;
}

/**
 * What a person sees before confirming.
 *
 * @public
 */
export interface RunPreview {
  plan: RunPlan;
  planHash: string;
  verdict: Verdict;
  /** Runs that are ahead of this one on any of its keys: it would start after them. */
  ahead: RunSummary[];
}
