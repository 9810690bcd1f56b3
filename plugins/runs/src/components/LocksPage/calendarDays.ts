import { Lock, LockCalendar } from '@switchyard/backstage-plugin-runs-common';

/** What closes on a day. */
export interface CalendarDay {
  /** Midnight, by the clock of the browser. */
  date: Date;
  entries: Array<{ lock: Lock; from: Date; to: Date }>;
}

/** The days from one on, each with what closes on it, cut to the day, by the clock of the browser. */
export function calendarDays(
  calendar: LockCalendar,
  options: { first: Date; days: number },
): CalendarDay[] {
  return Array.from({ length: options.days }, (_, index) => {
    const date = midnight(options.first, index);
    const next = midnight(options.first, index + 1);
    const entries = calendar.items.flatMap(({ lock, windows }) =>
      windows
        .map(({ from, to }) => ({ from: new Date(from), to: new Date(to) }))
        .filter(({ from, to }) => from < next && to > date)
        .map(({ from, to }) => ({
          lock,
          from: from > date ? from : date,
          to: to < next ? to : next,
        })),
    );
    entries.sort((a, b) => +a.from - +b.from);
    return { date, entries };
  });
}

/** Not every day has 24 hours. */
function midnight(first: Date, days: number): Date {
  return new Date(
    first.getFullYear(),
    first.getMonth(),
    first.getDate() + days,
  );
}

/** 'all day', or 'from 18:00', 'until 9:00', '9:00–17:00'. */
export function describeTimes(
  { from, to }: { from: Date; to: Date },
  date: Date,
): string {
  const startsDay = +from === +date;
  const endsDay = +to === +midnight(date, 1);
  if (startsDay && endsDay) return 'all day';
  if (startsDay) return `until ${clock(to)}`;
  if (endsDay) return `from ${clock(from)}`;
  return `${clock(from)}–${clock(to)}`;
}

function clock(time: Date): string {
  return `${time.getHours()}:${String(time.getMinutes()).padStart(2, '0')}`;
}
