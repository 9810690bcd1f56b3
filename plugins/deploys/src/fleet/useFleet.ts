import { useApi } from '@backstage/core-plugin-api';
import {
  LiveQueryOptions,
  LiveState,
  useLiveQuery,
} from '@switchyard/backstage-plugin-runs-react';
import { FleetApi, fleetApiRef, FleetTable } from './FleetApi';
import { mergeFleet } from './mergeFleet';

function fleetQuery(fleetApi: FleetApi): LiveQueryOptions<FleetTable> {
  return {
    load: () => fleetApi.getFleet(),
    describe: ({ channel, hash }) => ({ channel, hash }),
    isBusy: ({ incomplete, sources }) =>
      incomplete === true ||
      sources.some(({ state }) => state === 'connecting'),
    merge: mergeFleet,
  };
}

/** All lines that the person may see, kept fresh. */
export function useFleet(): LiveState<FleetTable> {
  const fleetApi = useApi(fleetApiRef);
  return useLiveQuery(fleetApi, 'fleet', fleetQuery(fleetApi));
}
