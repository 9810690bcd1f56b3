import { parseCron } from './cron';
import { canSync, isActive, windowsFor } from './syncWindows';
import { Application, SyncWindow } from './types';

const NOON = new Date('2026-11-20T12:00:30Z');
const open = { schedule: '0 11 * * *', duration: '2h' };
const shut = { schedule: '0 3 * * *', duration: '1h' };

function windows(
  ...given: Array<
    [kind: 'allow' | 'deny', active: boolean, manualSync?: boolean]
  >
): SyncWindow[] {
  return given.map(([kind, active, manualSync]) => ({
    kind,
    ...(active ? open : shut),
    applications: ['*'],
    manualSync,
  }));
}

describe('canSync', () => {
  it.each([
    ['no window', windows(), true, true],
    ['an active deny', windows(['deny', true]), false, false],
    [
      'an active deny that lets people',
      windows(['deny', true, true]),
      false,
      true,
    ],
    [
      'two active denies, one of which lets people',
      windows(['deny', true, true], ['deny', true]),
      false,
      false,
    ],
    ['an inactive deny', windows(['deny', false]), true, true],
    ['an active allow', windows(['allow', true]), true, true],
    ['only an inactive allow', windows(['allow', false]), false, false],
    [
      'only an inactive allow that lets people',
      windows(['allow', false, true]),
      false,
      true,
    ],
    [
      'an active and an inactive allow',
      windows(['allow', true], ['allow', false]),
      true,
      true,
    ],
    [
      'an active allow under an active deny',
      windows(['allow', true], ['deny', true]),
      false,
      false,
    ],
    [
      'an inactive allow beside an inactive deny',
      windows(['allow', false], ['deny', false]),
      false,
      false,
    ],
  ])('with %s: by itself %p, by hand %p', (_, given, automated, manual) => {
    expect(canSync(given, { manual: false, now: NOON })).toBe(automated);
    expect(canSync(given, { manual: true, now: NOON })).toBe(manual);
  });
});

describe('isActive', () => {
  it.each([
    ['0 12 * * *', '1h', undefined, '2026-11-20T11:59:59Z', false],
    ['0 12 * * *', '1h', undefined, '2026-11-20T12:00:01Z', true],
    ['0 12 * * *', '1h', undefined, '2026-11-20T12:59:59Z', true],
    ['0 12 * * *', '1h', undefined, '2026-11-20T13:00:01Z', false],
    ['30 23 * * *', '1h', 'Europe/Berlin', '2026-11-20T22:45:00Z', true],
    ['30 23 * * *', '1h', 'Europe/Berlin', '2026-11-20T23:29:00Z', true],
    ['30 23 * * *', '1h', 'Europe/Berlin', '2026-07-20T21:45:00Z', true],
    ['30 23 * * *', '1h', 'Europe/Berlin', '2026-07-20T22:45:00Z', false],
    ['0 0 * * SAT,SUN', '24h', undefined, '2026-11-21T15:00:00Z', true],
    ['0 0 * * SAT,SUN', '24h', undefined, '2026-11-23T15:00:00Z', false],
    ['0 18 * * FRI', '62h', undefined, '2026-11-23T07:00:00Z', true],
    ['*/15 9-17 * 11 1-5', '5m', undefined, '2026-11-20T16:16:00Z', true],
    ['*/15 9-17 * 11 1-5', '5m', undefined, '2026-11-20T16:22:00Z', false],
    ['0 0 1 * MON', '1h', undefined, '2026-11-23T00:30:00Z', true],
    ['0 0 1 * MON', '1h', undefined, '2026-11-01T00:30:00Z', true],
    ['* * * * *', '90s', undefined, '2026-11-20T12:00:30Z', true],
  ])(
    '%s for %s in %s at %s: %p',
    (schedule, duration, timeZone, at, active) => {
      expect(
        isActive({ kind: 'deny', schedule, duration, timeZone }, new Date(at)),
      ).toBe(active);
    },
  );

  it('refuses what is no schedule', () => {
    expect(() => parseCron('0 0 * *')).toThrow('expected exactly 5 fields');
    expect(() => parseCron('61 0 * * *')).toThrow('out of range');
    expect(() =>
      isActive({ kind: 'deny', schedule: '* * * * *', duration: 'long' }, NOON),
    ).toThrow("cannot parse duration 'long'");
  });
});

describe('windowsFor', () => {
  const application = {
    metadata: { name: 'settlement-blue' },
    spec: { destination: { namespace: 'platform' } },
  } as Application;
  const window = (more: Partial<SyncWindow>): SyncWindow => ({
    kind: 'deny',
    ...open,
    ...more,
  });

  it.each([
    [
      'an application by glob',
      window({ applications: ['settlement-*'] }),
      true,
    ],
    ['another application', window({ applications: ['orders-*'] }), false],
    ['the namespace', window({ namespaces: ['plat*'] }), true],
    ['the cluster', window({ clusters: ['prod-blue'] }), true],
    [
      'one of two',
      window({ applications: ['orders-*'], namespaces: ['platform'] }),
      true,
    ],
    [
      'one of two where both are needed',
      window({
        applications: ['orders-*'],
        namespaces: ['platform'],
        andOperator: true,
      }),
      false,
    ],
    [
      'both where both are needed',
      window({
        applications: ['settlement-blue'],
        namespaces: ['platform'],
        andOperator: true,
      }),
      true,
    ],
    ['nothing', window({}), false],
  ])('a window for %s', (_, given, applies) => {
    expect(
      windowsFor([given], application, ['https://blue', 'prod-blue']),
    ).toEqual(applies ? [given] : []);
  });
});
