import { FreezeStatus } from '@switchyard/backstage-plugin-runs-common';
import { LockRecord } from '../database/types';
import { Window, windowsOf } from './schedule';

/** How far ahead it is looked: what changes later is said when it is nearer. */
export const HORIZON_MS = 61 * 24 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** What of a lock says when it is in force. */
export type TimedLock = Pick<
  LockRecord,
  'id' | 'kind' | 'reason' | 'startsAt' | 'expiresAt' | 'schedule'
>;

/**
 * When locks forbid, over a span of time. Each closes for as long as it is in force; one with a schedule of closed times within these; those with
 * schedules of open times all together, whenever none of them is open. What is closed by one is not opened by another: closed comes first.
 */
export class Timeline {
  readonly #locks: ReadonlyArray<{ lock: TimedLock; windows: Window[] }>;
  readonly #span: Window;

  constructor(locks: readonly TimedLock[], span: Window) {
    this.#span = span;
    this.#locks = locks.map(lock => ({
      lock,
      windows: lock.schedule ? windowsOf(lock.schedule, span) : [],
    }));
  }

  /** Those that close at a time; the others with open times are open then, or something else is. */
  closedBy(at: number): TimedLock[] {
    const inForce = this.#locks.filter(({ lock }) => isInForce(lock, at));
    const isOpen = inForce.some(
      ({ lock, windows }) =>
        lock.schedule?.mode === 'allow' && isWithin(windows, at),
    );
    return inForce
      .filter(({ lock, windows }) => {
        if (!lock.schedule) return true;
        if (lock.schedule.mode === 'deny') return isWithin(windows, at);
        return !isOpen;
      })
      .map(({ lock }) => lock);
  }

  /** Times after a time, and within the span, at which something may change. */
  changesAfter(at: number): number[] {
    const times = this.#locks.flatMap(({ lock, windows }) => [
      lock.startsAt?.getTime(),
      lock.expiresAt?.getTime(),
      ...windows.flatMap(({ from, to }) => [from, to]),
    ]);
    const later = times.filter(
      (time): time is number =>
        time !== undefined && time > at && time <= this.#span.to,
    );
    return [...new Set(later)].sort((a, b) => a - b);
  }

  /** When a lock closes, within the span. */
  closedTimesOf(id: string): Window[] {
    const times = [this.#span.from, ...this.changesAfter(this.#span.from)];
    const windows: Window[] = [];
    for (const [index, from] of times.entries()) {
      if (!this.closedBy(from).some(lock => lock.id === id)) continue;
      const to = times[index + 1] ?? this.#span.to;
      const last = windows.at(-1);
      if (last?.to === from) last.to = to;
      else windows.push({ from, to });
    }
    return windows;
  }
}

/** Those that forbid at a time, each with when it does no longer, as far as one can see. */
export function closedNow<T extends TimedLock>(
  locks: readonly T[],
  at: Date,
): Array<{ lock: T; until?: Date }> {
  const timeline = ahead(locks, at);
  const now = at.getTime();
  const changes = timeline.changesAfter(now);
  return (timeline.closedBy(now) as T[]).map(lock => {
    const end = changes.find(time => !timeline.closedBy(time).includes(lock));
    return { lock, ...(end !== undefined && { until: new Date(end) }) };
  });
}

/** Whether it is closed, why, and when that changes, as far as one can see. */
export function statusOf(locks: readonly TimedLock[], at: Date): FreezeStatus {
  const timeline = ahead(locks, at);
  const now = at.getTime();
  const changes = timeline.changesAfter(now);
  const [closing] = timeline.closedBy(now);
  const nextOpen = closing
    ? changes.find(time => timeline.closedBy(time).length === 0)
    : undefined;
  const nextClose = changes.find(
    time =>
      time > (closing ? nextOpen ?? Number.POSITIVE_INFINITY : now) &&
      timeline.closedBy(time).length > 0,
  );
  return {
    closed: closing !== undefined,
    ...(closing && { reason: closing.reason }),
    ...(nextOpen !== undefined && { nextOpen: toIso(nextOpen) }),
    ...(nextClose !== undefined && {
      nextClose: toIso(nextClose),
      nextCloseReason: timeline.closedBy(nextClose)[0].reason,
    }),
  };
}

/** Warnings forbid nothing. */
function ahead(locks: readonly TimedLock[], at: Date): Timeline {
  // From midnight, so that all who ask on a day ask for the same windows.
  const from = Math.floor(at.getTime() / DAY_MS) * DAY_MS;
  return new Timeline(
    locks.filter(({ kind }) => kind !== 'warning'),
    { from, to: from + HORIZON_MS },
  );
}

function isInForce({ startsAt, expiresAt }: TimedLock, at: number): boolean {
  return (
    (startsAt === undefined || startsAt.getTime() <= at) &&
    (expiresAt === undefined || expiresAt.getTime() > at)
  );
}

function isWithin(windows: readonly Window[], at: number): boolean {
  return windows.some(({ from, to }) => from <= at && at < to);
}

function toIso(time: number): string {
  return new Date(time).toISOString();
}
