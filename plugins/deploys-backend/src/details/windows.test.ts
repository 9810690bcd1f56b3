import { SyncWindow } from '@switchyard/fleet-node';
import { describeWindows } from './windows';

const NOW = new Date('2026-11-27T19:30:00Z');
const nightly: SyncWindow = {
  kind: 'deny',
  schedule: '0 20 * * *',
  duration: '10h',
};
const weekend: SyncWindow = {
  kind: 'deny',
  schedule: '0 18 * * 5',
  duration: '62h',
};
const office: SyncWindow = {
  kind: 'allow',
  schedule: '0 9 * * 1-5',
  duration: '8h',
  manualSync: true,
};
const project = (...syncWindows: object[]) => ({
  name: 'storefront',
  syncWindows: syncWindows as any,
});

it('says what is active until when and what comes next, with the reason', () => {
  expect(
    describeWindows(
      {
        canSync: false,
        activeWindows: [weekend],
        assignedWindows: [nightly, weekend],
      },
      project(nightly, { ...weekend, description: 'Weekend freeze' }),
      NOW,
    ),
  ).toEqual({
    canSync: false,
    text: 'Closed by a deny window: Weekend freeze',
    windows: [
      expect.objectContaining({
        active: false,
        next: '2026-11-27T20:00:00.000Z',
      }),
      expect.objectContaining({
        description: 'Weekend freeze',
        active: true,
        until: '2026-11-30T08:00:00.000Z',
        next: '2026-12-04T18:00:00.000Z',
      }),
    ],
  });
});

it('reckons in the time zone of the project', () => {
  const { windows } = describeWindows(
    { canSync: true, activeWindows: [], assignedWindows: [nightly] },
    project({ ...nightly, timeZone: 'America/New_York' }),
    NOW,
  );
  expect(windows[0]).toMatchObject({
    timeZone: 'America/New_York',
    next: '2026-11-28T01:00:00.000Z',
  });
});

it('says that zones are not known where the project may not be read', () => {
  expect(
    describeWindows(
      { canSync: true, activeWindows: [], assignedWindows: [nightly] },
      undefined,
      NOW,
    ).problem,
  ).toMatch(/may not read the project/);
  expect(
    describeWindows(
      { canSync: true, activeWindows: [], assignedWindows: [] },
      undefined,
      NOW,
    ),
  ).toEqual({ canSync: true, text: 'No sync window applies', windows: [] });
});

it('takes a window that fires before it ends as one', () => {
  const hourly = { ...nightly, schedule: '0 * * * *', duration: '90m' };
  const [window] = describeWindows(
    { canSync: false, activeWindows: [hourly], assignedWindows: [hourly] },
    project(hourly),
    NOW,
  ).windows;
  // It never ends, and so never begins again.
  expect(window.until ?? window.next).toBeUndefined();
});

it('says nothing of times that it cannot reckon', () => {
  const odd = { ...nightly, schedule: 'whenever' };
  const bad = { ...nightly, timeZone: 'Mars/Base' };
  for (const window of [odd, bad]) {
    const [described] = describeWindows(
      { canSync: false, activeWindows: [window], assignedWindows: [window] },
      project(window),
      NOW,
    ).windows;
    expect(described).toMatchObject({ active: true });
    expect(described.next ?? described.until).toBeUndefined();
  }
});

it.each([
  [
    true,
    [office],
    'No allow window is active, which lets only syncs by hand through',
  ],
  [
    false,
    [{ ...office, manualSync: false }],
    'Closed: no allow window is active',
  ],
  [true, [nightly], 'Open: no deny window is active'],
])('canSync %s with %j: %s', (canSync, assignedWindows, text) => {
  expect(
    describeWindows(
      { canSync, activeWindows: [], assignedWindows },
      project(),
      NOW,
    ).text,
  ).toBe(text);
});
