/**
 * A line of a merged log: which source wrote it, when (as the container runtime noted it, in RFC 3339 with nanoseconds; null where it is not known),
 * and its text.
 *
 * @public
 */
export type LogLineRecord = [source: number, at: string | null, text: string];

/** A container whose log is part of a merged one. @public */
export interface LogSource {
  /** Counts from 0 in the order of appearance. */
  source: number;
  pod: string;
  container: string;
}

/**
 * How a source is doing. `waiting`: nothing to read now, it goes on by itself; `ended`: nothing will follow; `gone`: the pod was deleted; `failed`: it
 * cannot be read.
 *
 * @public
 */
export type LogSourceState =
  | 'reading'
  | 'waiting'
  | 'ended'
  | 'gone'
  | 'failed';

/** What is said about the sources of a merged log between its lines. @public */
export type LogNotice =
  | ({ type: 'source' } & LogSource)
  | { type: 'state'; source: number; state: LogSourceState; why?: string }
  /** Pods that are not read because there are too many; replaces what was said before. */
  | { type: 'left-out'; pods: string[]; limit: number }
  /**
   * The last record of a log that may not be read on. `signed-out`: the token it was asked for with has ended; asked for with a new one, it goes on.
   */
  | { type: 'over'; reason: 'refused' | 'signed-out'; why: string };

/**
 * A line of the answer of `GET /v1/entities/:kind/:namespace/:name/logs`, which is JSON per line. An empty line says only that the connection lives.
 *
 * @public
 */
export type LogRecord = LogLineRecord | LogNotice;
