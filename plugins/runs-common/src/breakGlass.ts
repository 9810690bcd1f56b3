import { Blocker } from './interlock';
import { RunSummary } from './runs';

/**
 * What a pass may lift besides the locks and freezes that it names, where the config says so.
 *
 * @public
 */
export type PassLift = 'approvals' | 'findings';

/**
 * `asked`: a second person has to confirm it. `given`: valid until its time is up. `expired`: nobody confirmed it in time, or its time is up.
 *
 * @public
 */
export type PassStatus =
  | 'asked'
  | 'given'
  | 'refused'
  | 'withdrawn'
  | 'expired';

/**
 * Something that a person may see at a pass, with the reason when it cannot be used.
 *
 * @public
 */
export interface PassVerb {
  verb: 'confirm' | 'refuse' | 'withdraw';
  allowed: boolean;
  why?: string;
}

/**
 * An emergency pass: lets one run go on although locks or freezes stand against it, for a short time. It names those that it passes: one that is
 * set later stops the run all the same.
 *
 * @public
 */
export interface RunPass {
  id: string;
  status: PassStatus;
  askedBy: string;
  askedAt: string;
  reason: string;
  /** Address of an incident, `https://…`. */
  incident?: string;
  /** What it passes, as it stood in the way when it was asked for; what this person may not see is told of without words. */
  passes: Blocker[];
  lifts: PassLift[];
  /** Whether somebody else has to confirm it. */
  needsSecond: boolean;
  /** For `asked`: ISO time until which it may be confirmed. */
  confirmUntil?: string;
  /** Who confirmed or refused it. */
  answer?: { by: string; at: string; comment?: string };
  /** Once it was given: ISO time. */
  validUntil?: string;
  withdrawn?: { by: string; at: string };
  /** When an effect passed by it for the first time. */
  usedAt?: string;
  verbs: PassVerb[];
}

/**
 * That a pass could let a run through, and whether this person may ask for one.
 *
 * @public
 */
export interface PassOffer {
  allowed: boolean;
  /** Why not. */
  why?: string;
  /** What it would pass. */
  passes: Blocker[];
  lifts: PassLift[];
  needsSecond: boolean;
  /** Users and groups that may confirm, where the config names them. */
  confirmers: string[];
  /** How long it would be valid. */
  validForMs: number;
}

/**
 * In the body of `POST /v1/runs`: asks for a pass together with the run.
 *
 * @public
 */
export interface PassWish {
  reason: string;
  /** Address of an incident, `https://…`. */
  incident?: string;
}

/**
 * Body of `POST /v1/runs/:id/break-glass`.
 *
 * @public
 */
export interface PassRequest extends PassWish {
  /** Hash of the plan that the person was shown. */
  planHash: string;
}

/**
 * Body of `POST /v1/break-glass/:id/confirm`.
 *
 * @public
 */
export interface PassConfirmation {
  /** Hash of the plan that the person was shown. */
  planHash: string;
  comment?: string;
}

/**
 * Body of `POST /v1/break-glass/:id/refuse`.
 *
 * @public
 */
export interface PassRefusal {
  planHash: string;
  comment: string;
}

/**
 * A pass that waits for a second person.
 *
 * @public
 */
export interface WaitingPass {
  run: RunSummary;
  planHash: string;
  pass: RunPass;
}
