import { useApi } from '@backstage/core-plugin-api';
import { GateInbox } from '@switchyard/backstage-plugin-runs-common';
import { runsApiRef } from '../api';
import { LiveState, useLiveQuery } from '../live/useLiveQuery';

/**
 * What waits for this viewer at gates and for emergency passes, and what the viewer waits for, kept fresh.
 *
 * @public
 */
export function useGateInbox(): LiveState<GateInbox> {
  const runsApi = useApi(runsApiRef);
  return useLiveQuery<GateInbox>(runsApi, 'gates', {
    load: () => runsApi.listGates(),
    describe: ({ channel }) => ({ channel }),
    isBusy: ({ forMe, mine, passes }) =>
      [forMe, mine, passes.forMe, passes.mine].some(items => items.length > 0),
  });
}
