import { discoveryApiRef, fetchApiRef } from '@backstage/core-plugin-api';
import {
  ApiBlueprint,
  createFrontendPlugin,
} from '@backstage/frontend-plugin-api';
import {
  EntityCardBlueprint,
  EntityContentBlueprint,
} from '@backstage/plugin-catalog-react/alpha';
import { RiShipLine } from '@remixicon/react';
import { DeploysClient, deploysApiRef } from '../api';
import { runRouteRef } from '../routes';

export const deploysApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: deploysApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => DeploysClient.create(deps),
    }),
});

export const deployCard = EntityCardBlueprint.make({
  name: 'deploy',
  params: {
    type: 'content',
    filter: { kind: 'component' },
    loader: () =>
      import('../components/DeployCard').then(m => <m.DeployCard showRuns />),
  },
});

export const podsCard = EntityCardBlueprint.make({
  name: 'pods',
  params: {
    type: 'content',
    filter: { kind: 'component' },
    loader: () => import('../components/PodsCard').then(m => <m.PodsCard />),
  },
});

export const deployContent = EntityContentBlueprint.make({
  name: 'deploy',
  params: {
    path: '/deploy',
    title: 'Deploy',
    icon: <RiShipLine />,
    filter: { kind: 'component' },
    loader: () =>
      import('../components/DeployContent').then(m => <m.DeployContent />),
  },
});

/**
 * What runs where: the cards Deploy and Pods of a component, its tab Deploy, and the walk of a hotfix.
 *
 * @alpha
 */
export default createFrontendPlugin({
  pluginId: 'deploys',
  title: 'Deploys',
  icon: <RiShipLine />,
  info: { packageJson: () => import('../../package.json') },
  externalRoutes: { run: runRouteRef },
  extensions: [deploysApi, deployCard, podsCard, deployContent],
});
