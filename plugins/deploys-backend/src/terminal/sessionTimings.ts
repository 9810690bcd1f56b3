import { RECHECK_MS } from '../service/StandingRight';

/** How often and how long. Replaced by tests. */
export interface SessionTimings {
  /** A browser that does not answer twice is gone. */
  pingMs: number;
  /** How often the person's rights are asked anew. */
  recheckMs: number;
  /** How long before its end a new token is asked for. */
  renewBeforeMs: number;
  /** Between two tokens that are looked at. */
  tokenMs: number;
  /** How long before an idle terminal ends this is said. */
  warnBeforeIdleMs: number;
  /** A browser that does not close in time is cut off. */
  closeMs: number;
  /** After the end of a process: until the fleet must have heard that its pod is gone. */
  podGoneMs: number;
}

export const DEFAULT_SESSION_TIMINGS: SessionTimings = {
  pingMs: 20_000,
  recheckMs: RECHECK_MS,
  renewBeforeMs: 60_000,
  tokenMs: 5_000,
  warnBeforeIdleMs: 60_000,
  closeMs: 2_000,
  podGoneMs: 1_000,
};
