import { createRouteRef, createSubRouteRef } from '@backstage/core-plugin-api';

/** The list of runs. */
export const rootRouteRef = createRouteRef({ id: 'runs' });

/** The page of one run; its step may be named by `?step=`. */
export const runRouteRef = createSubRouteRef({
  id: 'runs.run',
  parent: rootRouteRef,
  path: '/:id',
});
