/**
 * Numbers of runs that have ended. Durations in milliseconds.
 *
 * @public
 */
export interface RecordNumbers {
  runs: number;
  succeeded: number;
  /** Failed, gave up, or needed a person, those that were given up since included. */
  failed: number;
  /** Ended by a person before they were done, rejected or expired. Counted in no rate. */
  cancelled: number;
  /** Runs of actions that take something back, of all that succeeded. */
  rollbacks: number;
  /** From the first step to the end, of those that succeeded. Absent where there are none. */
  durationP50Ms?: number;
  durationP95Ms?: number;
  /** From the commit (or the build, where only that is known) to the end, of those that succeeded and of which it is known. */
  leadP50Ms?: number;
  leadP95Ms?: number;
  /** By how much those that succeeded were faster than by hand, as configured per action; none is less than 0. */
  savedMs: number;
}

/** @public */
export type RecordBucket = 'day' | 'week' | 'month';

/**
 * Answer of `GET /v1/record`.
 *
 * @public
 */
export interface RecordReport {
  /** ISO times; `to` is not included. */
  from: string;
  to: string;
  asOf: string;
  by: RecordBucket;
  total: RecordNumbers;
  /** Oldest first; a bucket without runs is left out. Weeks begin on Monday, all in UTC. */
  series: Array<{ at: string } & RecordNumbers>;
  /** Most runs first, at most 50. */
  components: Array<{ entityRef: string } & RecordNumbers>;
  actions: Array<{ action: string } & RecordNumbers>;
  /** What can be asked for: of what this person may see. */
  choices: { components: string[]; systems: string[]; teams: string[] };
  /** What an action takes by hand, as configured. */
  manual: { defaultMs: number; actionsMs: Record<string, number> };
}
