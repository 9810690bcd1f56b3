import { createExternalRouteRef } from '@backstage/frontend-plugin-api';

/** The page of a run. Where the runs plugin is not installed, runs are shown without a link. */
export const runRouteRef = createExternalRouteRef({
  params: ['id'],
  defaultTarget: 'runs.run',
});
