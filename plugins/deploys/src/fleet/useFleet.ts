import { useApi } from '@backstage/core-plugin-api';
import {
  LiveQueryOptions,
  LiveState,
  useLiveQuery,
} from '@switchyard/backstage-plugin-runs-react';
import { fleetApiRef, FleetTable } from './FleetApi';
import { mergeFleet } from './mergeFleet';

function fleetQuery(
  load: LiveQueryOptions<FleetTable>['load'],
): LiveQueryOptions<FleetTable> {
  return {
    load,
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
  return useLiveQuery(
    fleetApi,
    'fleet',
    fleetQuery(options => fleetApi.getFleet(options)),
  );
}

/** The lines of the components of a system, a domain, a group or a person, kept fresh. */
export function useFleetPart(entityRef: string): LiveState<FleetTable> {
  const fleetApi = useApi(fleetApiRef);
  return useLiveQuery(
    fleetApi,
    `part:${entityRef}`,
    fleetQuery(options => fleetApi.getPart(entityRef, options)),
  );
}
