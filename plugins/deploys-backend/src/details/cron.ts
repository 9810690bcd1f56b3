const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Of a schedule that never fires, such as 30 February. */
const MAX_DAYS = 366 * 4 + 1;

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ');
const NICKNAMES: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** When a schedule of Argo CD's sync windows fires. */
export interface CronSchedule {
  minutes: number[];
  hours: number[];
  days: Set<number>;
  months: Set<number>;
  weekdays: Set<number>;
  /** Where both are given, either one is enough. */
  anyDay: boolean;
  anyWeekday: boolean;
}

/** Five fields, or a nickname; undefined for what is no schedule. */
export function parseCron(text: string): CronSchedule | undefined {
  const written = text.trim().toLowerCase();
  const fields = (NICKNAMES[written] ?? written).split(/\s+/);
  if (fields.length !== 5) return undefined;
  const minutes = parseField(fields[0], 0, 59);
  const hours = parseField(fields[1], 0, 23);
  const days = parseField(fields[2], 1, 31);
  const months = parseField(fields[3], 1, 12, MONTHS, 1);
  const weekdays = parseField(fields[4], 0, 7, WEEKDAYS, 0);
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  return {
    minutes,
    hours,
    days: new Set(days),
    months: new Set(months),
    weekdays: new Set(weekdays.map(day => day % 7)),
    anyDay: isAny(fields[2]),
    anyWeekday: isAny(fields[4]),
  };
}

/** The first time after `after` at which it fires on the clocks of a time zone; undefined where it never does. */
export function nextTime(
  schedule: CronSchedule,
  timeZone: string,
  after: Date,
): Date | undefined {
  const startWall = after.getTime() + offsetOf(timeZone, after);
  const firstDay = Math.floor(startWall / DAY_MS) * DAY_MS;
  for (let day = 0; day < MAX_DAYS; day++) {
    const midnight = firstDay + day * DAY_MS;
    if (!matchesDay(schedule, new Date(midnight))) continue;
    for (const hour of schedule.hours) {
      for (const minute of schedule.minutes) {
        const wall = midnight + (hour * 60 + minute) * MINUTE_MS;
        const time = fromWall(wall, timeZone);
        // In spring an hour is left out, and what was to fire in it does not.
        if (time && time.getTime() > after.getTime()) return time;
      }
    }
  }
  return undefined;
}

/** Milliseconds of one of Go's durations, such as `1h30m`; undefined for what is none. */
export function parseGoDuration(text: string): number | undefined {
  const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000 };
  if (!/^(\d+(\.\d+)?[hms])+$/.test(text)) return undefined;
  return [...text.matchAll(/([\d.]+)([hms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit],
    0,
  );
}

function isAny(field: string): boolean {
  return field === '*' || field === '?';
}

function parseField(
  field: string,
  min: number,
  max: number,
  names: readonly string[] = [],
  firstName = 0,
): number[] | undefined {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [, range, step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    if (range === undefined) return undefined;
    const [from, to] = readRange(range, { min, max, names, firstName });
    const by = step === undefined ? 1 : Number(step);
    // `5/10` means from 5 on.
    const end = step !== undefined && !/[-*?]/.test(range) ? max : to;
    if (!(from >= min && from <= end && end <= max) || by < 1) return undefined;
    for (let value = from; value <= end; value += by) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function readRange(
  range: string,
  of: { min: number; max: number; names: readonly string[]; firstName: number },
): [number, number] {
  if (isAny(range)) return [of.min, of.max];
  const [from, to = from] = range.split('-').map(word => {
    const name = of.names.indexOf(word);
    if (name >= 0) return name + of.firstName;
    return /^\d+$/.test(word) ? Number(word) : NaN;
  });
  return [from, to];
}

function matchesDay(schedule: CronSchedule, day: Date): boolean {
  if (!schedule.months.has(day.getUTCMonth() + 1)) return false;
  const isDay = schedule.days.has(day.getUTCDate());
  const isWeekday = schedule.weekdays.has(day.getUTCDay());
  return schedule.anyDay || schedule.anyWeekday
    ? isDay && isWeekday
    : isDay || isWeekday;
}

/** The time at which the clocks of a zone show `wall`; undefined where they never do. */
function fromWall(wall: number, timeZone: string): Date | undefined {
  const guess = new Date(wall - offsetOf(timeZone, new Date(wall)));
  const time = new Date(wall - offsetOf(timeZone, guess));
  return time.getTime() + offsetOf(timeZone, time) === wall ? time : undefined;
}

/** Milliseconds that the clocks of a time zone are ahead of UTC. @throws RangeError for what is no time zone */
function offsetOf(timeZone: string, at: Date): number {
  if (timeZone === 'UTC') return 0;
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const part = (type: string) =>
    Number(parts.find(item => item.type === type)?.value);
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return wall - Math.floor(at.getTime() / 1000) * 1000;
}
