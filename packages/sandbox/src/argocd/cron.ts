/** A cron expression of five fields. */
export interface CronSchedule {
  /** Whether it fires in the minute that a time of no time zone (milliseconds, read as UTC) lies in. */
  matches(time: number): boolean;
}

const MONTHS = [
  'JAN',
  'FEB',
  'MAR',
  'APR',
  'MAY',
  'JUN',
  'JUL',
  'AUG',
  'SEP',
  'OCT',
  'NOV',
  'DEC',
];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Throws a plain Error for an expression that is none. */
export function parseCron(expression: string): CronSchedule {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5) {
    throw new Error(
      `expected exactly 5 fields, found ${fields.length}: [${fields.join(
        ' ',
      )}]`,
    );
  }
  const minutes = parseField(fields[0], 0, 59);
  const hours = parseField(fields[1], 0, 23);
  const days = parseField(fields[2], 1, 31);
  const months = parseField(fields[3], 1, 12, MONTHS);
  const weekdays = new Set(
    [...parseField(fields[4], 0, 7, DAYS)].map(day => day % 7),
  );
  const anyDay = isAny(fields[2]);
  const anyWeekday = isAny(fields[4]);
  return {
    matches: time => {
      const date = new Date(time);
      const byDay = days.has(date.getUTCDate());
      const byWeekday = weekdays.has(date.getUTCDay());
      // Cron's oldest rule: where both are restricted, one of them is enough.
      const today =
        anyDay || anyWeekday ? byDay && byWeekday : byDay || byWeekday;
      return (
        today &&
        minutes.has(date.getUTCMinutes()) &&
        hours.has(date.getUTCHours()) &&
        months.has(date.getUTCMonth() + 1)
      );
    },
  };
}

function isAny(field: string): boolean {
  return field === '*' || field === '?' || field.startsWith('*/');
}

function parseField(
  field: string,
  from: number,
  to: number,
  names: readonly string[] = [],
): Set<number> {
  const values = new Set<number>();
  const number = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    const value = named >= 0 ? named + from : Number(text);
    if (!/^\d+$/.test(text) && named < 0) {
      throw new Error(`failed to parse int from ${text}`);
    }
    if (value < from || value > to) {
      throw new Error(
        `value (${value}) out of range [${from}, ${to}]: ${field}`,
      );
    }
    return value;
  };
  for (const part of field.split(',')) {
    const [range, step] = part.split('/');
    const isWildcard = range === '*' || range === '?';
    const [first, last] = range.split('-');
    const low = isWildcard ? from : number(first);
    let high =
      isWildcard || (step !== undefined && last === undefined) ? to : low;
    if (!isWildcard && last !== undefined) {
      high = number(last);
    }
    const by = step === undefined ? 1 : Number(step);
    if (!(by >= 1) || high < low) {
      throw new Error(`bad range or step: ${part}`);
    }
    for (let value = low; value <= high; value += by) {
      values.add(value);
    }
  }
  return values;
}
