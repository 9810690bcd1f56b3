import {
  discoveryApiRef,
  fetchApiRef,
  identityApiRef,
} from '@backstage/core-plugin-api';
import {
  ApiBlueprint,
  createFrontendPlugin,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import {
  EntityCardBlueprint,
  EntityContentBlueprint,
} from '@backstage/plugin-catalog-react/alpha';
import { MAPPED_ENTITIES } from '@switchyard/backstage-plugin-deploys-common';
import { actionFormsApiRef } from '@switchyard/backstage-plugin-runs-react';
import {
  RiApps2Line,
  RiDatabase2Line,
  RiGridLine,
  RiShipLine,
  RiTvLine,
} from '@remixicon/react';
import {
  DeploysClient,
  deploysApiRef,
  TerminalClient,
  terminalApiRef,
} from '../api';
import { FleetClient, fleetApiRef } from '../fleet';
import { deploysActionForms } from '../forms';
import {
  appsLinkRef,
  appsRouteRef,
  matrixRouteRef,
  rightsRouteRef,
  runRouteRef,
  sourcesRouteRef,
  wallLinkRef,
  wallRouteRef,
} from '../routes';

export const deploysApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: deploysApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => DeploysClient.create(deps),
    }),
});

export const fleetApi = ApiBlueprint.make({
  name: 'fleet',
  params: defineParams =>
    defineParams({
      api: fleetApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => FleetClient.create(deps),
    }),
});

export const actionFormsApi = ApiBlueprint.make({
  name: 'action-forms',
  params: defineParams =>
    defineParams({
      api: actionFormsApiRef,
      deps: {},
      factory: () => deploysActionForms,
    }),
});

export const appsPage = PageBlueprint.make({
  name: 'apps',
  params: {
    path: '/deploys/apps',
    routeRef: appsRouteRef,
    title: 'Apps',
    icon: <RiApps2Line />,
    loader: () => import('../components/AppsPage').then(m => <m.AppsPage />),
  },
});

export const matrixPage = PageBlueprint.make({
  name: 'matrix',
  params: {
    path: '/deploys/matrix',
    routeRef: matrixRouteRef,
    title: 'Matrix',
    icon: <RiGridLine />,
    loader: () =>
      import('../components/MatrixPage').then(m => <m.MatrixPage />),
  },
});

export const wallPage = PageBlueprint.make({
  name: 'wall',
  params: {
    path: '/deploys/wall',
    routeRef: wallRouteRef,
    title: 'Wall',
    icon: <RiTvLine />,
    loader: () => import('../components/WallPage').then(m => <m.WallPage />),
  },
});

export const sourcesPage = PageBlueprint.make({
  name: 'sources',
  params: {
    path: '/deploys/sources',
    routeRef: sourcesRouteRef,
    title: 'Sources',
    icon: <RiDatabase2Line />,
    loader: () =>
      import('../components/SourcesPage').then(m => <m.SourcesPage />),
  },
});

export const componentsCard = EntityCardBlueprint.make({
  name: 'components',
  params: {
    type: 'content',
    filter: { kind: { $in: ['system', 'domain', 'group', 'user'] } },
    loader: () =>
      import('../components/ComponentsCard').then(m => <m.ComponentsCard />),
  },
});

export const terminalApi = ApiBlueprint.make({
  name: 'terminal',
  params: defineParams =>
    defineParams({
      api: terminalApiRef,
      deps: {
        discoveryApi: discoveryApiRef,
        fetchApi: fetchApiRef,
        identityApi: identityApiRef,
      },
      factory: deps => TerminalClient.create(deps),
    }),
});

export const deployCard = EntityCardBlueprint.make({
  name: 'deploy',
  params: {
    type: 'content',
    filter: MAPPED_ENTITIES,
    loader: () =>
      import('../components/DeployCard').then(m => <m.DeployCard showRuns />),
  },
});

export const podsCard = EntityCardBlueprint.make({
  name: 'pods',
  params: {
    type: 'content',
    filter: MAPPED_ENTITIES,
    loader: () => import('../components/PodsCard').then(m => <m.PodsCard />),
  },
});

export const deployContent = EntityContentBlueprint.make({
  name: 'deploy',
  params: {
    path: '/deploy',
    title: 'Deploy',
    icon: <RiShipLine />,
    filter: MAPPED_ENTITIES,
    loader: () =>
      import('../components/DeployContent').then(m => <m.DeployContent />),
  },
});

/**
 * What runs where: the cards Deploy and Pods of a component and of whatever else is mapped, its tab Deploy, and the forms of the actions that deploy.
 *
 * @alpha
 */
export default createFrontendPlugin({
  pluginId: 'deploys',
  title: 'Deploys',
  icon: <RiShipLine />,
  info: { packageJson: () => import('../../package.json') },
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
  extensions: [
    deploysApi,
    terminalApi,
    fleetApi,
    actionFormsApi,
    appsPage,
    matrixPage,
    wallPage,
    sourcesPage,
    componentsCard,
    deployCard,
    podsCard,
    deployContent,
  ],
});
