import { createPermission } from '@backstage/plugin-permission-common';

/** See what clusters and Argo CD say about entities that one may see in the catalog. @public */
export const stateReadPermission = createPermission({
  name: 'deploys.state.read',
  attributes: { action: 'read' },
});

/** Read logs of pods of entities that one may see, where the target agrees. @public */
export const logsReadPermission = createPermission({
  name: 'deploys.logs.read',
  attributes: { action: 'read' },
});

/** @public */
export const deploysPermissions = [stateReadPermission, logsReadPermission];
