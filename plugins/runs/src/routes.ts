import { createRouteRef, createSubRouteRef } from '@backstage/core-plugin-api';

/** The list of runs. */
export const rootRouteRef = createRouteRef({ id: 'runs' });

/** What waits for the viewer's word. */
export const approvalsRouteRef = createSubRouteRef({
  id: 'runs.approvals',
  parent: rootRouteRef,
  path: '/approvals',
});

/** Who did what. */
export const auditRouteRef = createSubRouteRef({
  id: 'runs.audit',
  parent: rootRouteRef,
  path: '/audit',
});

/** The page of one run; its step may be named by `?step=`. */
export const runRouteRef = createSubRouteRef({
  id: 'runs.run',
  parent: rootRouteRef,
  path: '/:id',
});
