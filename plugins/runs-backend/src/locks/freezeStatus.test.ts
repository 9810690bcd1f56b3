import { LockSchedule } from '@switchyard/backstage-plugin-runs-common';
import { closedNow, statusOf, TimedLock, Timeline } from './freezeStatus';

const office: LockSchedule = {
  mode: 'allow',
  rule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
  start: '2026-01-01T09:00',
  durationMinutes: 8 * 60,
  timeZone: 'Europe/Berlin',
};
const weekend: LockSchedule = {
  mode: 'deny',
  rule: 'FREQ=WEEKLY;BYDAY=FR',
  start: '2026-01-02T18:00',
  durationMinutes: 62 * 60,
  timeZone: 'Europe/Berlin',
};
const lock = (id: string, more: Partial<TimedLock> = {}): TimedLock => ({
  id,
  kind: 'freeze',
  reason: id,
  ...more,
});
const saturday: LockSchedule = {
  ...office,
  rule: 'FREQ=WEEKLY;BYDAY=SA',
  durationMinutes: 60,
};
const at = (text: string) => new Date(text);

// Monday 2 March 2026; Berlin is an hour ahead of UTC.
describe('whether it is closed', () => {
  it.each<[string, TimedLock[], string, object]>([
    ['nothing binds', [], '2026-03-02T10:00Z', { closed: false }],
    [
      'a lock without an end',
      [lock('a')],
      '2026-03-02T10:00Z',
      { closed: true, reason: 'a' },
    ],
    [
      'a planned one, and its end',
      [
        lock('a', {
          startsAt: at('2026-03-02T12:00Z'),
          expiresAt: at('2026-03-02T14:00Z'),
        }),
      ],
      '2026-03-02T10:00Z',
      {
        closed: false,
        nextClose: '2026-03-02T12:00:00.000Z',
        nextCloseReason: 'a',
      },
    ],
    [
      'within a closed window',
      [lock('weekend', { schedule: weekend })],
      '2026-03-07T10:00Z',
      {
        closed: true,
        reason: 'weekend',
        nextOpen: '2026-03-09T07:00:00.000Z',
        nextClose: '2026-03-13T17:00:00.000Z',
        nextCloseReason: 'weekend',
      },
    ],
    [
      'outside of it',
      [lock('weekend', { schedule: weekend })],
      '2026-03-02T10:00Z',
      {
        closed: false,
        nextClose: '2026-03-06T17:00:00.000Z',
        nextCloseReason: 'weekend',
      },
    ],
    [
      'outside of open hours',
      [lock('office', { schedule: office })],
      '2026-03-02T06:00Z',
      {
        closed: true,
        reason: 'office',
        nextOpen: '2026-03-02T08:00:00.000Z',
        nextClose: '2026-03-02T16:00:00.000Z',
        nextCloseReason: 'office',
      },
    ],
    [
      'open hours of several count together',
      [
        lock('office', { schedule: office }),
        lock('saturday', { schedule: saturday }),
      ],
      '2026-03-07T08:30Z',
      {
        closed: false,
        nextClose: '2026-03-07T09:00:00.000Z',
        nextCloseReason: 'office',
      },
    ],
    [
      'closed comes before open',
      [
        lock('saturday', { schedule: saturday }),
        lock('weekend', { schedule: weekend }),
      ],
      '2026-03-07T08:30Z',
      // No Saturday hour is ever outside of a weekend.
      { closed: true, reason: 'weekend' },
    ],
    [
      'open hours that are over bind no more',
      [
        lock('office', {
          schedule: office,
          expiresAt: at('2026-03-02T06:30Z'),
        }),
      ],
      '2026-03-02T06:00Z',
      { closed: true, reason: 'office', nextOpen: '2026-03-02T06:30:00.000Z' },
    ],
    [
      'warnings close nothing',
      [lock('a', { kind: 'warning' })],
      '2026-03-02T10:00Z',
      { closed: false },
    ],
  ])('%s', (_, locks, now, expected) => {
    expect(statusOf(locks, at(now))).toEqual(expected);
  });

  it('opens on the day of the spring at the time that the wall clock says', () => {
    const night = lock('night', {
      schedule: {
        ...weekend,
        rule: 'FREQ=DAILY',
        start: '2026-01-01T02:30',
        durationMinutes: 60,
      },
    });
    // 02:30 does not exist in Berlin on 29 March: it is closed from 03:30 summer time.
    expect(statusOf([night], at('2026-03-29T01:45Z'))).toMatchObject({
      closed: true,
      nextOpen: '2026-03-29T02:30:00.000Z',
    });
    expect(statusOf([night], at('2026-03-29T00:45Z')).closed).toBe(false);
  });

  it('says until when each of several closes', () => {
    const locks = [
      lock('weekend', { schedule: weekend }),
      lock('stock', { expiresAt: at('2026-03-08T00:00Z') }),
    ];
    expect(closedNow(locks, at('2026-03-07T10:00Z'))).toEqual([
      { lock: locks[0], until: at('2026-03-09T07:00Z') },
      { lock: locks[1], until: at('2026-03-08T00:00Z') },
    ]);
  });

  it('lays out when a lock closes', () => {
    const span = {
      from: Date.parse('2026-03-02T00:00Z'),
      to: Date.parse('2026-03-04T00:00Z'),
    };
    const timeline = new Timeline([lock('office', { schedule: office })], span);
    expect(
      timeline
        .closedTimesOf('office')
        .map(({ from, to }) => [from, to].map(time => new Date(time).toJSON())),
    ).toEqual([
      ['2026-03-02T00:00:00.000Z', '2026-03-02T08:00:00.000Z'],
      ['2026-03-02T16:00:00.000Z', '2026-03-03T08:00:00.000Z'],
      ['2026-03-03T16:00:00.000Z', '2026-03-04T00:00:00.000Z'],
    ]);
  });
});
