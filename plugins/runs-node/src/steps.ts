import { JsonObject } from '@backstage/types';
import {
  Change,
  EffectClass,
  PlannedStep,
  RunStatus,
} from '@switchyard/backstage-plugin-runs-common';

/**
 * Carries out the steps of plans that name it.
 *
 * @public
 */
export interface StepHandler {
  /** Must equal the effect class that plans give to their steps with this handler. */
  readonly effect: EffectClass;
  /**
   * Does the step, or waits for something, until it is done. May take long: waiting holds a promise, not a worker.
   * An error is tried again with backoff, unless it is a {@link StepFailedError} or {@link OutcomeUnknownError}.
   */
  run(context: StepContext): Promise<StepResult>;
  /**
   * For `adoptable` effects, asked before any attempt but a step's first: what did an earlier attempt do?
   * `undefined` means that it certainly did nothing.
   *
   * People who decide about a run that has stopped have it asked too, with `lookingOnly` set: it must change nothing.
   *
   * @throws OutcomeUnknownError when it cannot be found out
   */
  adopt?(context: StepContext): Promise<StepResult | undefined>;
}

/** @public */
export interface StepResult {
  /** Handed to the steps that need this one. */
  output: JsonObject;
}

/**
 * A run that was asked for as a child of another, as far as its parent is concerned.
 *
 * @public
 */
export interface ChildRunState {
  /** Of the child in the plan. */
  childId: string;
  runId: string;
  number: number;
  title: string;
  /** As stored: `queued` also while it stands behind another. */
  status: RunStatus;
  /** Why it stopped. */
  cause?: string;
  /** The wish for which it was asked for, or put in line again, last. */
  wish: string;
}

/**
 * The children of a run, as its own steps reach them. They are asked for in the name of whoever asked for the parent, and are carried out like any
 * other run: with their own locks, freezes and checks before each effect.
 *
 * @public
 */
export interface ChildRuns {
  /** The newest run of each child that was asked for, by the id of the child. */
  find(): Promise<Map<string, ChildRunState>>;
  /**
   * Asks for the run of a child of the plan. The same wish makes one run, however often and by however many workers it is said.
   *
   * @throws Error when the plan has no such child
   */
  request(childId: string, wish: string): Promise<void>;
  /** Puts a child that has failed in line again, once per wish: it goes on at the steps that it stopped at. */
  redrive(childId: string, wish: string): Promise<void>;
}

/**
 * What a step knows and may do while it runs.
 *
 * @public
 */
export interface StepContext {
  readonly run: {
    id: string;
    number: number;
    kind: string;
    planHash: string;
    planVersion: number;
    entityRef: string;
    environment: string;
    intent: JsonObject;
    /** User entity ref. */
    requestedBy: string;
    reason: string;
    requestedAt: string;
    /** Address of the run's page, for commit trailers and the like. */
    url: string;
  };
  readonly step: PlannedStep & {
    /** 1 for the first. */
    attempt: number;
    /** What `beforeEffect` stored in an earlier attempt. */
    reference?: JsonObject;
  };
  /**
   * Set when the run had parked at this very step and a person has confirmed it since: what the step then found in the world is accepted, and
   * need not stop it again. `found` is the message that the step had parked with: what has changed since then was not accepted. Being parked by
   * the interlock does not count, as it says nothing about what the step finds.
   */
  readonly confirmed?: { by: string; at: string; found?: string };
  /**
   * Set when a person has asked for this very step to be tried again, and stays set in all attempts that follow from it. `at` tells one such wish from
   * another: the clocks of other systems differ, so it is not to be compared with their times.
   */
  readonly retried?: { by: string; at: string };
  /**
   * Set when somebody only wants to know what the world says: nothing may be changed, not even by asking another system to look again.
   * `beforeEffect` and `holdTarget` reject then.
   */
  readonly lookingOnly?: boolean;
  /** Outputs of all steps that have succeeded, by step id. */
  readonly outputs: Readonly<Record<string, JsonObject>>;
  /** The runs that the plan asks for on its way. */
  readonly children: ChildRuns;
  /** Aborted when the lease is lost, the process shuts down or the attempt's time is up. */
  readonly signal: AbortSignal;
  /**
   * Aborted when somebody wants the run cancelled, which otherwise happens when the step has ended. A step that waits for people, and can take back what
   * it has begun, does so and throws {@link StepWithdrawnError}.
   */
  readonly cancelled: AbortSignal;
  log(message: string, level?: 'info' | 'warn' | 'error'): void;
  /** One short line for screens: '3 of 5 pods ready'. Written at most a few times a second. */
  progress(message: string): void;
  /**
   * Must be awaited right before each effect on another system: proves that the lease is still held, asks the interlock,
   * and stores what is about to be done, so that a later attempt can find it.
   * When the interlock says no it throws; the engine then parks the run.
   */
  beforeEffect(reference?: JsonObject): Promise<void>;
  /**
   * Locks the run's target for everybody but who asked for the run, until somebody lifts that. One lock per run, however often it is asked for; it has the
   * run's id. It lies in our own tables, so a step that does no more is `none`.
   */
  holdTarget(reason: string): Promise<void>;
  /** Notes an effect that has happened; shown on the run page and audited. */
  recordChange(change: Change): void;
}

/**
 * The cause is known and trying again by itself would not help.
 *
 * @public
 */
export class StepFailedError extends Error {
  override readonly name = 'StepFailedError';
  /** More lines for the step's log, such as the last lines of a crashed container. */
  readonly details: string[];

  constructor(message: string, options?: { details?: string[] }) {
    super(message);
    this.details = options?.details ?? [];
  }
}

/**
 * It cannot be found out whether the effect happened: the run needs attention.
 *
 * @public
 */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
}

/**
 * Somebody wants the run cancelled, and the step has taken back what it had begun: nothing of it is left.
 *
 * @public
 */
export class StepWithdrawnError extends Error {
  override readonly name = 'StepWithdrawnError';
}

/**
 * The step has done nothing, and must not go on until a person says so: the world is not as the plan found it.
 *
 * @public
 */
export class StepParkedError extends Error {
  override readonly name = 'StepParkedError';
}

/**
 * Thrown by a step that has nothing to do until a child of the run has ended: the run waits, without a worker, and the step begins anew then.
 *
 * @public
 */
export class WaitForChildrenError extends Error {
  override readonly name = 'WaitForChildrenError';
}
