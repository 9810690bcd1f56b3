import {
  createExternalRouteRef,
  createRouteRef,
} from '@backstage/core-plugin-api';

/** The page of a run. Where the runs plugin is not installed, runs are shown without a link. */
export const runRouteRef = createExternalRouteRef({
  id: 'deploys.run',
  params: ['id'],
  optional: true,
  defaultTarget: 'runs.run',
});

/** What the viewer may do, and why not. Where the runs plugin is not installed there is no link to it. */
export const rightsRouteRef = createExternalRouteRef({
  id: 'deploys.rights',
  optional: true,
  defaultTarget: 'runs.rights',
});

/** Every component in every place. */
export const appsRouteRef = createRouteRef({ id: 'deploys.apps' });

/** Versions by component, environment and cluster. */
export const matrixRouteRef = createRouteRef({ id: 'deploys.matrix' });

/** What is wrong, for a screen on the wall. */
export const wallRouteRef = createRouteRef({ id: 'deploys.wall' });

/** What Switchyard can see, and what it cannot. */
export const sourcesRouteRef = createRouteRef({ id: 'deploys.sources' });

/** From the page Apps to the wall; no link where the wall is switched off. */
export const wallLinkRef = createExternalRouteRef({
  id: 'deploys.wall-link',
  optional: true,
  defaultTarget: 'deploys.wall',
});

/** From the wall back to the page Apps. */
export const appsLinkRef = createExternalRouteRef({
  id: 'deploys.apps-link',
  optional: true,
  defaultTarget: 'deploys.apps',
});
