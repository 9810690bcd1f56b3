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

/** What has stopped without a clear end. */
export const deadLettersRouteRef = createSubRouteRef({
  id: 'runs.dead-letters',
  parent: rootRouteRef,
  path: '/dead-letters',
});

/** What the viewer may do, and why not; the component may be named by `?entity=`. */
export const rightsRouteRef = createSubRouteRef({
  id: 'runs.rights',
  parent: rootRouteRef,
  path: '/rights',
});

/** Locks and freezes of the whole platform. */
export const locksRouteRef = createSubRouteRef({
  id: 'runs.locks',
  parent: rootRouteRef,
  path: '/locks',
});

/** How deploys went. */
export const recordRouteRef = createSubRouteRef({
  id: 'runs.record',
  parent: rootRouteRef,
  path: '/record',
});

/** The page of one run; its step may be named by `?step=`. */
export const runRouteRef = createSubRouteRef({
  id: 'runs.run',
  parent: rootRouteRef,
  path: '/:id',
});
