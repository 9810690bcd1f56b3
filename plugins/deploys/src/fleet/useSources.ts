import { useApi } from '@backstage/core-plugin-api';
import { FleetState } from '@switchyard/backstage-plugin-deploys-common';
import {
  LiveState,
  useLiveQuery,
} from '@switchyard/backstage-plugin-runs-react';
import { fleetApiRef } from './FleetApi';

/** How well clusters and Argo CD instances can be seen. No signal tells of it: it is read again now and then, sooner while something is wrong. */
export function useSources(): LiveState<FleetState> {
  const fleetApi = useApi(fleetApiRef);
  return useLiveQuery(fleetApi, 'sources', {
    load: () => fleetApi.getSources(),
    describe: () => ({}),
    isBusy: ({ clusters, argoInstances }) =>
      [...clusters, ...argoInstances].some(({ state }) => state !== 'live'),
  });
}
