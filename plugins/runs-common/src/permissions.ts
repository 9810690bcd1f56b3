import { createPermission } from '@backstage/plugin-permission-common';

/**
 * Resource type of an action on a target. A resource ref is made by {@link stringifyTargetResourceRef}.
 *
 * @public
 */
export const RESOURCE_TYPE_RUNS_TARGET = 'runs-target';

/**
 * What a decision of the permission framework is about: an action on a component in an environment.
 *
 * @public
 */
export interface TargetResource {
  entityRef: string;
  environment: string;
  /** Action kind ('hotfix') or 'lock'. */
  action: string;
}

/**
 * `component:default/orders|production|hotfix`. The parts contain no `|`: entity refs, environments and kinds forbid it.
 *
 * @public
 */
export function stringifyTargetResourceRef(target: TargetResource): string {
  return [target.entityRef, target.environment, target.action].join('|');
}

/**
 * The inverse of {@link stringifyTargetResourceRef}; undefined for anything else.
 *
 * @public
 */
export function parseTargetResourceRef(
  ref: string,
): TargetResource | undefined {
  const parts = ref.split('|');
  if (parts.length !== 3 || parts.some(part => part === '')) return undefined;
  const [entityRef, environment, action] = parts;
  return { entityRef, environment, action };
}

/** See runs and locks of entities that one may see in the catalog. @public */
export const runReadPermission = createPermission({
  name: 'runs.run.read',
  attributes: { action: 'read' },
});

/** Preview and request a run of an action on a target. @public */
export const runCreatePermission = createPermission({
  name: 'runs.run.create',
  attributes: { action: 'create' },
  resourceType: RESOURCE_TYPE_RUNS_TARGET,
});

/** Steer runs of an action on a target: all verbs but the request. @public */
export const runControlPermission = createPermission({
  name: 'runs.run.control',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_RUNS_TARGET,
});

/** Approve and reject runs of an action on a target, besides being one of whom the policy names. @public */
export const runApprovePermission = createPermission({
  name: 'runs.run.approve',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_RUNS_TARGET,
});

/** Set a lock on a target. @public */
export const lockCreatePermission = createPermission({
  name: 'runs.lock.create',
  attributes: { action: 'create' },
  resourceType: RESOURCE_TYPE_RUNS_TARGET,
});

/** Release somebody else's lock on a target; one's own may always be released. @public */
export const lockReleasePermission = createPermission({
  name: 'runs.lock.release',
  attributes: { action: 'delete' },
  resourceType: RESOURCE_TYPE_RUNS_TARGET,
});

/**
 * Break the glass for a run of an action on a target, and be the second person who confirms it. Besides the right to the action itself.
 *
 * @public
 */
export const breakGlassPermission = createPermission({
  name: 'runs.break-glass',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_RUNS_TARGET,
});

/**
 * Set and release locks that bind more than components one could name: the platform, an environment, a cluster. It is asked about each environment
 * that the lock binds, without a component: a right that comes from owning one is not enough.
 *
 * @public
 */
export const platformLockPermission = createPermission({
  name: 'runs.lock.platform',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_RUNS_TARGET,
});

/** @public */
export const runsTargetPermissions = [
  runCreatePermission,
  runControlPermission,
  runApprovePermission,
  lockCreatePermission,
  lockReleasePermission,
  platformLockPermission,
  breakGlassPermission,
];

/** @public */
export const runsPermissions = [runReadPermission, ...runsTargetPermissions];
