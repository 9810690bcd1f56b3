import { nextTime, parseCron, parseGoDuration } from './cron';

it.each([
  ['0 22 * * *', 'UTC', '2026-11-28T20:00:00Z', '2026-11-28T22:00:00.000Z'],
  ['0 22 * * *', 'UTC', '2026-11-28T22:00:00Z', '2026-11-29T22:00:00.000Z'],
  [
    '*/15 9-17 * * 1-5',
    'UTC',
    '2026-11-27T17:46:00Z',
    '2026-11-30T09:00:00.000Z',
  ],
  ['0 18 * * FRI', 'UTC', '2026-11-28T00:00:00Z', '2026-12-04T18:00:00.000Z'],
  ['0 0 1 jan *', 'UTC', '2026-11-28T00:00:00Z', '2027-01-01T00:00:00.000Z'],
  // The day of the month or the day of the week.
  ['0 0 13 * 5', 'UTC', '2026-11-28T00:00:00Z', '2026-12-04T00:00:00.000Z'],
  ['0 0 * * 7', 'UTC', '2026-11-28T12:00:00Z', '2026-11-29T00:00:00.000Z'],
  ['5/20 * * * *', 'UTC', '2026-11-28T12:30:00Z', '2026-11-28T12:45:00.000Z'],
  ['@daily', 'UTC', '2026-11-28T12:00:00Z', '2026-11-29T00:00:00.000Z'],
  [
    '0 9 * * *',
    'Europe/Berlin',
    '2026-11-28T12:00:00Z',
    '2026-11-29T08:00:00.000Z',
  ],
  [
    '0 9 * * *',
    'Europe/Berlin',
    '2026-07-01T00:00:00Z',
    '2026-07-01T07:00:00.000Z',
  ],
  // Clocks go from 2 to 3 on 28 March: it is left out, as Argo CD does.
  [
    '30 2 * * *',
    'Europe/Berlin',
    '2027-03-27T12:00:00Z',
    '2027-03-29T00:30:00.000Z',
  ],
  ['0 0 ? * 1', 'UTC', '2026-11-28T00:00:00Z', '2026-11-30T00:00:00.000Z'],
  [
    '0 1 * * *',
    'America/Los_Angeles',
    '2026-11-28T06:00:00Z',
    '2026-11-28T09:00:00.000Z',
  ],
  ['0 0 29 2 *', 'UTC', '2026-11-28T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ['0 0 30 2 *', 'UTC', '2026-11-28T00:00:00Z', undefined],
])('%s in %s fires after %s at %s', (text, zone, after, expected) => {
  const time = nextTime(parseCron(text)!, zone, new Date(after));
  expect(time?.toISOString()).toBe(expected);
});

it.each([
  '',
  '* * * *',
  '60 * * * *',
  '* 24 * * *',
  '5-1 * * * *',
  'x * * * *',
  '*/0 * * * *',
  '* * 0 * *',
  '1,,2 * * * *',
])('%j is no schedule', text => expect(parseCron(text)).toBeUndefined());

it.each([
  ['1h', 3_600_000],
  ['1h30m', 5_400_000],
  ['90s', 90_000],
  ['0.5h', 1_800_000],
  ['1d', undefined],
  ['', undefined],
])('%j lasts %s ms', (text, ms) => expect(parseGoDuration(text)).toBe(ms));
