import { LockSchedule } from '@switchyard/backstage-plugin-runs-common';
import { IANAZone } from 'luxon';
import { RRuleTemporal } from 'rrule-temporal';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A window may be a day longer or shorter than its minutes say, where a zone crosses the date line. */
const SLACK_MS = 2 * DAY_MS;

/** A span of time, in milliseconds since 1970; `to` is no part of it. */
export interface Window {
  from: number;
  to: number;
}

/** Every card and every effect asks for the same few schedules: working one out takes milliseconds. */
const remembered = new Map<string, Window[]>();
const MAX_REMEMBERED = 500;

/**
 * The windows of a schedule that touch a span of time, in order; those that touch each other are one.
 *
 * Times repeat by the clock on the wall, and so do the ends of windows: one from Friday 18:00 of 62 hours ends on Monday at 8:00, whether or not the
 * clocks were changed on the weekend. A wall time that the clocks skip is moved on by as much as they skip. Where it comes twice, closed times take the
 * first as their start and the second as their end, and open times the other way round: in doubt it is closed.
 */
export function windowsOf(schedule: LockSchedule, span: Window): Window[] {
  const key = JSON.stringify([schedule, span]);
  const known = remembered.get(key);
  if (known) return known;
  const windows = workOut(schedule, span);
  remembered.set(key, windows);
  const [oldest] = remembered.keys();
  if (remembered.size > MAX_REMEMBERED) remembered.delete(oldest);
  return windows;
}

function workOut(schedule: LockSchedule, span: Window): Window[] {
  const { durationMinutes, mode, timeZone } = schedule;
  const lengthMs = durationMinutes * MINUTE_MS;
  const zone = IANAZone.create(timeZone);
  const isClosing = mode === 'deny';
  const starts = ruleOf(schedule).between(
    new Date(span.from - lengthMs - SLACK_MS),
    new Date(span.to + SLACK_MS),
    true,
  );
  const windows = starts.map(({ epochMilliseconds: wall }): Window => {
    const from = toInstant(wall, zone, isClosing ? 'first' : 'second');
    const to = toInstant(wall + lengthMs, zone, isClosing ? 'second' : 'first');
    // A start that was moved on must not overtake its end.
    return { from, to: to > from ? to : from + lengthMs };
  });
  return joinWindows(windows).filter(
    ({ from, to }) => from < span.to && to > span.from,
  );
}

/** The same times, each once and in order. */
export function joinWindows(windows: readonly Window[]): Window[] {
  const joined: Window[] = [];
  for (const window of [...windows].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && window.from <= last.to) last.to = Math.max(last.to, window.to);
    else joined.push({ ...window });
  }
  return joined;
}

/**
 * What is wrong with a schedule, by field; nothing for a good one.
 */
export function findScheduleProblems(
  schedule: LockSchedule,
): Array<{ field: keyof LockSchedule; message: string }> {
  const problems: ReturnType<typeof findScheduleProblems> = [];
  if (!IANAZone.isValidZone(schedule.timeZone))
    problems.push({
      field: 'timeZone',
      message: 'must be a time zone such as Europe/Berlin',
    });
  if (Number.isNaN(wallTime(schedule.start)))
    problems.push({
      field: 'start',
      message: 'must be a local time such as 2026-01-30T18:00',
    });
  // The rule is tried on its own, so that it is not blamed for what else is wrong.
  try {
    const rule = ruleOf({ ...schedule, start: '2026-01-01T00:00' });
    if (!['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'].includes(rule.options().freq))
      problems.push({
        field: 'rule',
        message: 'must repeat daily, weekly, monthly or yearly',
      });
  } catch (error) {
    problems.push({
      field: 'rule',
      message: `must be a recurrence rule such as FREQ=WEEKLY;BYDAY=FR: ${
        (error as Error).message
      }`,
    });
  }
  return problems;
}

/** The rule on wall times, taken as if they were UTC: there all of them exist, so that none is left out on the day when clocks change. */
function ruleOf({ rule, start }: LockSchedule): RRuleTemporal {
  const dtstart = start.replaceAll(/[-:]/g, '');
  return new RRuleTemporal({
    rruleString: `DTSTART:${dtstart}${
      dtstart.length === 13 ? '00' : ''
    }Z\nRRULE:${rule}`,
    strict: true,
  });
}

/** A wall time as if it were UTC; NaN for anything else. */
function wallTime(text: string): number {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)
    ? Date.parse(`${text}Z`)
    : Number.NaN;
}

/** The moment at which clocks in the zone show a wall time; of two, the first or the second. */
function toInstant(
  wall: number,
  zone: IANAZone,
  which: 'first' | 'second',
): number {
  const offsets = [zone.offset(wall - DAY_MS), zone.offset(wall + DAY_MS)];
  const real = offsets
    .map(offset => wall - offset * MINUTE_MS)
    .filter(at => at + zone.offset(at) * MINUTE_MS === wall);
  // Skipped: by the clock as it was before, the time is that much later on the clock as it is then.
  if (real.length === 0) return wall - offsets[0] * MINUTE_MS;
  return which === 'first' ? Math.min(...real) : Math.max(...real);
}
