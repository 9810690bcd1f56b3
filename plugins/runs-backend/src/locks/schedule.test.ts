import { LockSchedule } from '@switchyard/backstage-plugin-runs-common';
import { findScheduleProblems, windowsOf } from './schedule';

const NIGHT: LockSchedule = {
  mode: 'deny',
  rule: 'FREQ=DAILY',
  start: '2026-01-01T02:30',
  durationMinutes: 60,
  timeZone: 'Europe/Berlin',
};

/** The windows between two moments, as moments in UTC. */
function windows(
  schedule: Partial<LockSchedule>,
  from: string,
  to: string,
): string[] {
  return windowsOf(
    { ...NIGHT, ...schedule },
    { from: Date.parse(from), to: Date.parse(to) },
  ).map(({ from: start, to: end }) =>
    [start, end]
      .map(time => new Date(time).toISOString().slice(5, 16))
      .join(' – '),
  );
}

describe('windows of a schedule', () => {
  // The wall clock of Berlin skips 02:00–03:00 on 29 March and has it twice on 25 October 2026; of New York on 8 March and 1 November.
  it.each<[string, Partial<LockSchedule>, string, string[]]>([
    [
      'Berlin, spring: a start that is skipped is moved on, not left out',
      {},
      '2026-03-29',
      ['03-29T01:30 – 03-29T02:30'],
    ],
    [
      'Berlin, spring: the day before and the day after are as ever',
      {},
      '2026-03-28',
      ['03-28T01:30 – 03-28T02:30'],
    ],
    [
      'Berlin, spring: an end that is skipped is moved on',
      { start: '2026-01-01T01:30' },
      '2026-03-29',
      ['03-29T00:30 – 03-29T01:30'],
    ],
    [
      'Berlin, spring: a window never ends before it begins',
      { durationMinutes: 40 },
      '2026-03-29',
      ['03-29T01:30 – 03-29T02:10'],
    ],
    [
      'Berlin, autumn: what comes twice is closed from the first to the second',
      {},
      '2026-10-25',
      ['10-25T00:30 – 10-25T02:30'],
    ],
    [
      'Berlin, autumn: what comes twice is open once',
      { mode: 'allow', durationMinutes: 15 },
      '2026-10-25',
      ['10-25T01:30 – 10-25T01:45'],
    ],
    [
      'New York, spring',
      { timeZone: 'America/New_York' },
      '2026-03-08',
      ['03-08T07:30 – 03-08T08:30'],
    ],
    [
      'New York, autumn',
      { timeZone: 'America/New_York', start: '2026-01-01T01:30' },
      '2026-11-01',
      ['11-01T05:30 – 11-01T07:30'],
    ],
  ])('%s', (_, schedule, day, expected) => {
    expect(windows(schedule, `${day}T00:00Z`, `${day}T23:00Z`)).toEqual(
      expected,
    );
  });

  it.each([
    ['Europe/Berlin', '2026-03-27', '03-27T17:00 – 03-30T06:00'],
    ['Europe/Berlin', '2026-10-23', '10-23T16:00 – 10-26T07:00'],
    ['America/New_York', '2026-03-06', '03-06T23:00 – 03-09T12:00'],
    ['America/New_York', '2026-10-30', '10-30T22:00 – 11-02T13:00'],
  ])(
    'a weekend of %s ends on Monday at 8:00 by the wall clock: %s',
    (timeZone, day, expected) => {
      const weekend = {
        timeZone,
        rule: 'FREQ=WEEKLY;BYDAY=FR',
        start: '2026-01-02T18:00',
        durationMinutes: 62 * 60,
      };
      expect(windows(weekend, `${day}T12:00Z`, `${day}T23:59Z`)).toEqual([
        expected,
      ]);
    },
  );

  it('finds one that began before, and joins those that touch', () => {
    expect(
      windows(
        { start: '2026-01-01T00:00', durationMinutes: 24 * 60 },
        '2026-06-01T12:00Z',
        '2026-06-03T12:00Z',
      ),
    ).toEqual(['05-29T22:00 – 06-05T22:00']);
  });

  it('knows the rules of RFC 5545', () => {
    const lastFriday = {
      rule: 'FREQ=MONTHLY;BYDAY=-1FR;COUNT=2',
      start: '2026-01-01T20:00',
    };
    expect(
      windows(lastFriday, '2026-01-01T00:00Z', '2027-01-01T00:00Z'),
    ).toEqual(['01-30T19:00 – 01-30T20:00', '02-27T19:00 – 02-27T20:00']);
    expect(
      windows(
        { rule: 'FREQ=DAILY;INTERVAL=3;UNTIL=20260108T000000Z' },
        '2026-01-01T00:00Z',
        '2026-02-01T00:00Z',
      ),
    ).toHaveLength(3);
  });

  it.each<[Partial<LockSchedule>, string, RegExp]>([
    [{ rule: 'FREQ=HOURLY' }, 'rule', /daily, weekly/],
    [{ rule: 'every friday' }, 'rule', /recurrence rule such as/],
    [{ rule: 'FREQ=WEEKLY;BYDAY=XX' }, 'rule', /recurrence rule such as/],
    [{ timeZone: 'Europe/Atlantis' }, 'timeZone', /Europe\/Berlin/],
    [{ start: '2026-13-01T00:00' }, 'start', /2026-01-30T18:00/],
    [{ start: 'tomorrow' }, 'start', /2026-01-30T18:00/],
    [{ start: '2026-01-01T00:00Z' }, 'start', /2026-01-30T18:00/],
  ])('says what is wrong with %j', (wrong, field, message) => {
    expect(findScheduleProblems({ ...NIGHT, ...wrong })).toEqual([
      { field, message: expect.stringMatching(message) },
    ]);
    expect(findScheduleProblems(NIGHT)).toEqual([]);
  });
});
