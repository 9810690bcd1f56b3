import { JsonObject } from '@backstage/types';
import { PassOffer, PassStatus, RunPass } from './breakGlass';
import { RunGate } from './gates';
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
  | 'cancelled'
  /** A person said that the run goes on without it. */
  | 'skipped';

/**
 * Why a run waits.
 *
 * @public
 */
export interface RunWaiting {
  /**
   * `key-taken`: another run is ahead; `parked`: the interlock said no, a person must confirm once it says yes; `paused`: a person holds it until
   * somebody lets it continue; `gate`: people have to agree, or to let it go on; `children`: runs that it has asked for have not ended.
   */
  reason: 'key-taken' | 'parked' | 'paused' | 'gate' | 'children';
  message: string;
  since: string;
  blockers: Blocker[];
  /** For `key-taken`: the run that is ahead. Absent where it belongs to an entity that the person may not see. */
  behind?: { id: string; number: number; title: string };
  /** For `parked` and `paused`: true once the interlock would allow it, so that confirm or continue would go on. */
  ready?: boolean;
}

/**
 * A verb that a viewer may see on a run, with the reason when it cannot be used.
 *
 * @public
 */
export interface RunVerb {
  verb:
    | 'cancel'
    | 'confirm'
    | 'pause'
    | 'continue'
    | 'retry-step'
    | 'skip-step'
    | 'redrive'
    | 'discard'
    | 'fork';
  /** For `retry-step` and `skip-step`. */
  stepId?: string;
  allowed: boolean;
  why?: string;
}

/**
 * What a person decided about a run, and why.
 *
 * @public
 */
export interface PersonsWord {
  /** User entity ref. */
  by: string;
  at: string;
  reason: string;
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
  currentStep?: {
    id: string;
    title: string;
    progress?: string;
    /** ISO time until which it should have ended, while it runs: later than that, it takes unusually long. */
    expectedBy?: string;
  };
  stepsDone: number;
  stepsTotal: number;
  /** For failed, dead and needs-attention: the cause in one line. */
  cause?: string;
  /** That a person has looked at it and given it up, and why. */
  discarded?: PersonsWord;
  /** Who has asked to hold it; it is held when the present step has ended. */
  pauseRequestedBy?: string;
  /** The run that has asked for this one. Absent where it belongs to an entity that the person may not see. */
  parent?: RunMention;
  /** Its newest emergency pass, where there is one: how it stands, and whether an effect passed by it. */
  breakGlass?: { status: PassStatus; used: boolean };
}

/**
 * A kind of run that can be asked for here.
 *
 * @public
 */
export interface RunKind {
  /** As runs carry it: 'hotfix'. */
  kind: string;
  /** For people: 'Hotfix'. */
  title: string;
}

/**
 * Another run of the same component, to link to.
 *
 * @public
 */
export interface RunMention {
  id: string;
  number: number;
  title: string;
}

/**
 * A run that another asks for on its way, as the page of that one shows it.
 *
 * @public
 */
export interface ChildRun {
  /** As in the plan. */
  id: string;
  /** The run, once it has been asked for: the newest, where it was asked for again. */
  run?: RunSummary;
  /** What it will do; absent, as `run` and `entityRef` are, where it belongs to an entity that the person may not see. */
  title?: string;
  entityRef?: string;
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
  /** ISO time until which the attempt should have ended, for `running`: later than that, it takes unusually long. */
  expectedBy?: string;
  /** When the next attempt starts, for `retrying`. */
  retryAt?: string;
  /** What it is doing right now, e.g. '3 of 5 pods ready'. */
  progress?: string;
  /** The error of the last attempt; stays visible through retries. */
  error?: string;
  changes: Change[];
  output?: JsonObject;
  /** For `skipped`: who, when and why. */
  skipped?: PersonsWord;
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
  /** In the order in which they come; those before the first effect first. */
  gates: RunGate[];
  verbs: RunVerb[];
  /** Runs that it asks for, in the order of the plan. */
  children: ChildRun[];
  /** Its emergency passes, newest first. */
  passes: RunPass[];
  /** Where an emergency pass could let it go on. */
  passOffer?: PassOffer;
  /** The run whose choice was made anew here. */
  forkedFrom?: RunMention;
  /** The run that ended in favour of this one, before it had done anything. */
  replaces?: RunMention;
  /** The newer run in whose favour this one ended. */
  replacedBy?: RunMention;
  /** Signal channel that rings when this run changed. */
  channel: string;
  /** Content hash of this answer; equal means nothing changed. */
  hash: string;
}

/**
 * A run that may end in favour of a newer one, and whether this person may have it so.
 *
 * @public
 */
export interface ReplaceableRun {
  run: RunSummary;
  allowed: boolean;
  why?: string;
}

/**
 * A run that the previewed one would ask for, and what stands in its way by itself.
 *
 * @public
 */
export interface PreviewedChild {
  /** As in the plan. */
  id: string;
  verdict: Verdict;
  /** Runs that are ahead of it on any of its keys. */
  ahead: RunSummary[];
}

/**
 * What a person sees before confirming.
 *
 * @public
 */
export interface RunPreview {
  plan: RunPlan;
  planHash: string;
  /** With what stands in the way of each of the `children`. */
  verdict: Verdict;
  /** In the order of the plan's. */
  children: PreviewedChild[];
  /** Runs that are ahead of this one on any of its keys: it would start after them. */
  ahead: RunSummary[];
  /** Older runs of the same action on the same target that have done nothing yet: one of them may end in favour of this one. */
  replaceable: ReplaceableRun[];
  /** Where an emergency pass could let it through. */
  passOffer?: PassOffer;
}
