import {
  createApiFactory,
  createComponentExtension,
  createPlugin,
  createRoutableExtension,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/core-plugin-api';
import {
  RunsClient,
  runsApiRef,
} from '@switchyard/backstage-plugin-runs-react';
import { HistoryClient, historyApiRef } from './history';
import {
  approvalsRouteRef,
  auditRouteRef,
  deadLettersRouteRef,
  rightsRouteRef,
  locksRouteRef,
  recordRouteRef,
  rootRouteRef,
  runRouteRef,
} from './routes';

/**
 * The plugin for the old frontend system; the one for the new is the default export of `./alpha`.
 *
 * @public
 */
export const runsPlugin = createPlugin({
  id: 'runs',
  apis: [
    createApiFactory({
      api: runsApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => RunsClient.create(deps),
    }),
    createApiFactory({
      api: historyApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => HistoryClient.create(deps),
    }),
  ],
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
});

/** The list of runs, and the page of one below it. @public */
export const RunsPage = runsPlugin.provide(
  createRoutableExtension({
    name: 'RunsPage',
    mountPoint: rootRouteRef,
    component: () => import('./components/RunsPage').then(m => m.RunsPage),
  }),
);

/** What binds a component and who can lift it, for its overview. @public */
export const EntityLocksCard = runsPlugin.provide(
  createComponentExtension({
    name: 'EntityLocksCard',
    component: {
      lazy: () => import('./components/LocksCard').then(m => m.LocksCard),
    },
  }),
);
