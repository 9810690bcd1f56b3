import { createExternalRouteRef } from '@backstage/core-plugin-api';

/** The page of a run. Where the runs plugin is not installed, runs are shown without a link. */
export const runRouteRef = createExternalRouteRef({
  id: 'deploys.run',
  params: ['id'],
  optional: true,
  defaultTarget: 'runs.run',
});
