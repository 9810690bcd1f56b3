import {
  createApiFactory,
  createComponentExtension,
  createPlugin,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/core-plugin-api';
import { DeploysClient, deploysApiRef } from './api';
import { runRouteRef } from './routes';

/**
 * The plugin for the old frontend system; the one for the new is the default export of `./alpha`.
 *
 * @public
 */
export const deploysPlugin = createPlugin({
  id: 'deploys',
  apis: [
    createApiFactory({
      api: deploysApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => DeploysClient.create(deps),
    }),
  ],
  externalRoutes: { run: runRouteRef },
});

/**
 * What runs where, for the overview of a component. `showRuns` adds the strip of a run under way, which the tab shows by itself.
 *
 * @public
 */
export const EntityDeployCard = deploysPlugin.provide(
  createComponentExtension({
    name: 'EntityDeployCard',
    component: {
      lazy: () => import('./components/DeployCard').then(m => m.DeployCard),
    },
  }),
);

/** The pods of a component in all its clusters. @public */
export const EntityPodsCard = deploysPlugin.provide(
  createComponentExtension({
    name: 'EntityPodsCard',
    component: {
      lazy: () => import('./components/PodsCard').then(m => m.PodsCard),
    },
  }),
);

/** The tab Deploy of a component's page. @public */
export const EntityDeployContent = deploysPlugin.provide(
  createComponentExtension({
    name: 'EntityDeployContent',
    component: {
      lazy: () =>
        import('./components/DeployContent').then(m => m.DeployContent),
    },
  }),
);
