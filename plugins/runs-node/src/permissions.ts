import { Entity } from '@backstage/catalog-model';
import { createPermissionResourceRef } from '@backstage/plugin-permission-node';
import { RESOURCE_TYPE_RUNS_TARGET, TargetResource } from '@switchyard/backstage-plugin-runs-common';

/**
 * A target as permission rules see it: with its catalog entity.
 *
 * @public
 */
export interface RunsTarget extends TargetResource {
  entity: Entity;
}

/**
 * Rules are never turned into queries: a decision is always about one target.
 *
 * @public
 */
export const runsTargetPermissionResourceRef = createPermissionResourceRef<RunsTarget, {}>().with({
  pluginId: 'runs',
  resourceType: RESOURCE_TYPE_RUNS_TARGET,
});
