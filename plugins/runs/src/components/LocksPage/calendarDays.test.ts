import { Lock } from '@switchyard/backstage-plugin-runs-common';
import { calendarDays, describeTimes } from './calendarDays';

const lock = { id: 'l1' } as Lock;
/** A time of the browser's clock. */
const local = (day: number, hour = 0) => new Date(2026, 2, day, hour);

describe('the days of the calendar', () => {
  const days = calendarDays(
    {
      items: [
        {
          lock,
          windows: [
            {
              from: local(3, 18).toISOString(),
              to: local(5, 8).toISOString(),
            },
            {
              from: local(5, 9).toISOString(),
              to: local(5, 17).toISOString(),
            },
          ],
        },
      ],
    },
    { first: local(2), days: 5 },
  );

  it('cuts what closes for several days into days, in order', () => {
    expect(
      days.map(({ date, entries }) => [
        date.getDate(),
        entries.map(entry => describeTimes(entry, date)),
      ]),
    ).toEqual([
      [2, []],
      [3, ['from 18:00']],
      [4, ['all day']],
      [5, ['until 8:00', '9:00–17:00']],
      [6, []],
    ]);
  });
});
