import {
  createApiFactory,
  createComponentExtension,
  createPlugin,
  createRoutableExtension,
  discoveryApiRef,
  fetchApiRef,
  identityApiRef,
} from '@backstage/core-plugin-api';
import { actionFormsApiRef } from '@switchyard/backstage-plugin-runs-react';
import {
  DeploysClient,
  deploysApiRef,
  TerminalClient,
  terminalApiRef,
} from './api';
import { FleetClient, fleetApiRef } from './fleet';
import { deploysActionForms } from './forms';
import {
  appsLinkRef,
  appsRouteRef,
  matrixRouteRef,
  rightsRouteRef,
  runRouteRef,
  sourcesRouteRef,
  wallLinkRef,
  wallRouteRef,
} from './routes';

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
    createApiFactory({
      api: terminalApiRef,
      deps: {
        discoveryApi: discoveryApiRef,
        fetchApi: fetchApiRef,
        identityApi: identityApiRef,
      },
      factory: deps => TerminalClient.create(deps),
    }),
    createApiFactory({
      api: fleetApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => FleetClient.create(deps),
    }),
    createApiFactory(actionFormsApiRef, deploysActionForms),
  ],
  routes: {
    apps: appsRouteRef,
    matrix: matrixRouteRef,
    sources: sourcesRouteRef,
    wall: wallRouteRef,
  },
  externalRoutes: {
    rights: rightsRouteRef,
    run: runRouteRef,
    wallLink: wallLinkRef,
    appsLink: appsLinkRef,
  },
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

/** Every component in every place, what is wrong first; at `/deploys/apps`. @public */
export const AppsPage = deploysPlugin.provide(
  createRoutableExtension({
    name: 'AppsPage',
    component: () => import('./components/AppsPage').then(m => m.AppsPage),
    mountPoint: appsRouteRef,
  }),
);

/** Versions by component, environment and cluster; at `/deploys/matrix`. @public */
export const MatrixPage = deploysPlugin.provide(
  createRoutableExtension({
    name: 'MatrixPage',
    component: () => import('./components/MatrixPage').then(m => m.MatrixPage),
    mountPoint: matrixRouteRef,
  }),
);

/** What is wrong, for a screen on the wall; at `/deploys/wall`. @public */
export const WallPage = deploysPlugin.provide(
  createRoutableExtension({
    name: 'WallPage',
    component: () => import('./components/WallPage').then(m => m.WallPage),
    mountPoint: wallRouteRef,
  }),
);

/** What Switchyard can see and what it cannot, and how to mend it; at `/deploys/sources`. @public */
export const SourcesPage = deploysPlugin.provide(
  createRoutableExtension({
    name: 'SourcesPage',
    component: () =>
      import('./components/SourcesPage').then(m => m.SourcesPage),
    mountPoint: sourcesRouteRef,
  }),
);

/** What the components of a system, a domain, a group or a person run where, for its overview. @public */
export const EntityComponentsCard = deploysPlugin.provide(
  createComponentExtension({
    name: 'EntityComponentsCard',
    component: {
      lazy: () =>
        import('./components/ComponentsCard').then(m => m.ComponentsCard),
    },
  }),
);
