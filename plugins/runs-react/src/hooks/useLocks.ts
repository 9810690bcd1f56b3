import { useApi } from '@backstage/core-plugin-api';
import {
  Lock,
  LockCalendar,
  LockPlacesList,
} from '@switchyard/backstage-plugin-runs-common';
import { runsApiRef } from '../api';
import { LiveState, useLiveQuery } from '../live/useLiveQuery';

/** Everything about locks that a page about all of them shows. */
export interface LocksOverview {
  locks: Lock[];
  calendar: LockCalendar;
  places: LockPlacesList;
}

const DAY_MS = 24 * 3_600_000;
const CALENDAR_DAYS = 28;

/**
 * Locks, freezes and warnings that this person can see, what closes in the next four weeks, and what may be locked; kept fresh.
 *
 * @public
 */
export function useLocks(): LiveState<LocksOverview> {
  const runsApi = useApi(runsApiRef);
  return useLiveQuery<LocksOverview>(runsApi, 'locks', {
    load: async () => {
      const today = new Date();
      today.setHours(0, 0, 0, 0);
      const [locks, calendar, places] = await Promise.all([
        runsApi.listLocks(),
        runsApi.getLockCalendar({
          from: today.toISOString(),
          to: new Date(today.getTime() + CALENDAR_DAYS * DAY_MS).toISOString(),
        }),
        runsApi.listLockPlaces(),
      ]);
      return { locks, calendar, places };
    },
    isBusy: () => false,
    describe: ({ locks, places }) => ({
      channel: places.channel,
      changesAt: locks
        .flatMap(({ nextStart, nextEnd }) => [nextStart, nextEnd])
        .filter((at): at is string => at !== undefined),
    }),
  });
}
