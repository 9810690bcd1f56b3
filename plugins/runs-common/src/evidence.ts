import { Change } from './plan';

/**
 * What a look at the world says now about a step of a run that has stopped.
 *
 * - `done`: what the step was to bring about is there.
 * - `not-done`: it is certainly not there; trying the step again does it for the first time.
 * - `waiting`: the end has not come yet: what the step waits for is still under way.
 * - `failed`: it has come to an end, and not to the one that was wanted.
 * - `unknown`: the world can be read, and does not tell.
 * - `not-readable`: a system did not answer, or not in time.
 * - `not-checkable`: nothing of ours can tell; a person has to look.
 *
 * @public
 */
export type EvidenceFinding =
  | 'done'
  | 'not-done'
  | 'waiting'
  | 'failed'
  | 'unknown'
  | 'not-readable'
  | 'not-checkable';

/** @public */
export interface StepEvidence {
  stepId: string;
  title: string;
  cluster?: string;
  finding: EvidenceFinding;
  /** What was found, in a sentence or two. */
  message: string;
  /** Changes that are found in the world now, whether or not the run knows of them. */
  changes: Change[];
  /** What the step said while it looked; at most 20 lines. */
  details: string[];
}

/**
 * Answer of `GET /v1/runs/:id/evidence`: the world as it is now, looked at and not remembered, for the steps at which a run has stopped.
 *
 * @public
 */
export interface RunEvidence {
  runId: string;
  /** When the look began. */
  asOf: string;
  /** The steps at which it stopped, and those whose effect had begun without a known end. */
  steps: StepEvidence[];
}
