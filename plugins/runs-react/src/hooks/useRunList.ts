import { useApi } from '@backstage/core-plugin-api';
import { TERMINAL_RUN_STATUSES } from '@switchyard/backstage-plugin-runs-common';
import { RunList, runsApiRef, RunsFilter } from '../api';
import { LiveState, useLiveQuery } from '../live/useLiveQuery';

/**
 * Runs that this viewer may see, kept fresh.
 *
 * @public
 */
export function useRunList(filter: RunsFilter = {}): LiveState<RunList> {
  const runsApi = useApi(runsApiRef);
  const key = JSON.stringify([
    filter.entityRef ?? '',
    [...(filter.status ?? [])].sort(),
    filter.kind ?? '',
    filter.environment ?? '',
    filter.requestedBy ?? '',
    filter.from ?? '',
    filter.to ?? '',
    filter.limit ?? 0,
    filter.cursor ?? '',
  ]);
  return useLiveQuery<RunList>(runsApi, `runs:${key}`, {
    load: () => runsApi.listRuns(filter),
    describe: ({ channel }) => ({ channel }),
    isBusy: list =>
      list.items.some(run => !TERMINAL_RUN_STATUSES.includes(run.status)),
  });
}
