import { discoveryApiRef, fetchApiRef } from '@backstage/core-plugin-api';
import {
  ApiBlueprint,
  createFrontendPlugin,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import { EntityCardBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { RiPlayListLine } from '@remixicon/react';
import {
  RunsClient,
  runsApiRef,
} from '@switchyard/backstage-plugin-runs-react';
import { HistoryClient, historyApiRef } from '../history';
import {
  approvalsRouteRef,
  auditRouteRef,
  deadLettersRouteRef,
  rightsRouteRef,
  locksRouteRef,
  recordRouteRef,
  rootRouteRef,
  runRouteRef,
} from '../routes';

export const runsApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: runsApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => RunsClient.create(deps),
    }),
});

export const historyApi = ApiBlueprint.make({
  name: 'history',
  params: defineParams =>
    defineParams({
      api: historyApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => HistoryClient.create(deps),
    }),
});

export const runsPage = PageBlueprint.make({
  params: {
    path: '/runs',
    routeRef: rootRouteRef,
    title: 'Runs',
    icon: <RiPlayListLine />,
    loader: () =>
      import('../components/RunsRouter').then(m => <m.RunsRouter />),
  },
});

export const locksCard = EntityCardBlueprint.make({
  name: 'locks',
  params: {
    type: 'info',
    filter: { kind: 'component' },
    loader: () => import('../components/LocksCard').then(m => <m.LocksCard />),
  },
});

/**
 * Runs and locks: the list of runs, the page of one run, the Locks card of a component.
 *
 * @alpha
 */
export default createFrontendPlugin({
  pluginId: 'runs',
  title: 'Runs',
  icon: <RiPlayListLine />,
  info: { packageJson: () => import('../../package.json') },
  routes: {
    root: rootRouteRef,
    run: runRouteRef,
    approvals: approvalsRouteRef,
    audit: auditRouteRef,
    deadLetters: deadLettersRouteRef,
    rights: rightsRouteRef,
    locks: locksRouteRef,
    record: recordRouteRef,
  },
  extensions: [runsApi, historyApi, runsPage, locksCard],
});
