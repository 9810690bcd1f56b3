import { useApi } from '@backstage/core-plugin-api';
import {
  RunDetail,
  TERMINAL_RUN_STATUSES,
} from '@switchyard/backstage-plugin-runs-common';
import { runsApiRef } from '../api';
import { LiveState, useLiveQuery } from '../live/useLiveQuery';

/**
 * Everything of one run, kept fresh.
 *
 * @public
 */
export function useRun(runId: string): LiveState<RunDetail> {
  const runsApi = useApi(runsApiRef);
  return useLiveQuery<RunDetail>(runsApi, `run:${runId}`, {
    load: () => runsApi.getRun(runId),
    describe: run => run,
    isBusy: run => !TERMINAL_RUN_STATUSES.includes(run.status),
  });
}
