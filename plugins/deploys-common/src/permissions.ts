import { createPermission } from '@backstage/plugin-permission-common';

/**
 * Resource type of what can be read of a deployment. A resource ref is made by {@link stringifyDeploymentResourceRef}.
 *
 * @public
 */
export const RESOURCE_TYPE_DEPLOYS_DEPLOYMENT = 'deploys-deployment';

/**
 * What a decision of the permission framework is about: a component in one environment and cluster.
 *
 * @public
 */
export interface DeploymentResource {
  entityRef: string;
  environment: string;
  /** Of the fleet. */
  cluster: string;
}

/**
 * `component:default/orders|production|prod-blue`. Entity refs and environments contain no `|`; a cluster, which stands last, may.
 *
 * @public
 */
export function stringifyDeploymentResourceRef(
  deployment: DeploymentResource,
): string {
  const { entityRef, environment, cluster } = deployment;
  return [entityRef, environment, cluster].join('|');
}

/**
 * The inverse of {@link stringifyDeploymentResourceRef}; undefined for anything else.
 *
 * @public
 */
export function parseDeploymentResourceRef(
  ref: string,
): DeploymentResource | undefined {
  const [, entityRef, environment, cluster] =
    /^([^|]+)\|([^|]+)\|(.+)$/.exec(ref) ?? [];
  return cluster === undefined
    ? undefined
    : { entityRef, environment, cluster };
}

/** See what clusters and Argo CD say about entities that one may see in the catalog. @public */
export const stateReadPermission = createPermission({
  name: 'deploys.state.read',
  attributes: { action: 'read' },
});

/**
 * See everything that the fleet knows on the fleet pages: also what belongs to components that one may not see in the catalog, and what belongs
 * to none. Widens {@link stateReadPermission}, without which it gives nothing.
 *
 * @public
 */
export const fleetReadPermission = createPermission({
  name: 'deploys.fleet.read',
  attributes: { action: 'read' },
});

/** Read logs of a deployment's pods, where the target agrees. @public */
export const logsReadPermission = createPermission({
  name: 'deploys.logs.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_DEPLOYS_DEPLOYMENT,
});

/** Read what a sync would change in a deployment, where the target agrees: manifests, without secret values. @public */
export const manifestsReadPermission = createPermission({
  name: 'deploys.manifests.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_DEPLOYS_DEPLOYMENT,
});

/** Open a terminal in a container of a deployment, where the target agrees. @public */
export const terminalUsePermission = createPermission({
  name: 'deploys.terminal.use',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_DEPLOYS_DEPLOYMENT,
});

/** Run a command of the allow-list in a container of a deployment, where the target agrees. @public */
export const commandRunPermission = createPermission({
  name: 'deploys.command.run',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_DEPLOYS_DEPLOYMENT,
});

/** @public */
export const deploysDeploymentPermissions = [
  logsReadPermission,
  manifestsReadPermission,
  terminalUsePermission,
  commandRunPermission,
];

/** @public */
export const deploysPermissions = [
  stateReadPermission,
  fleetReadPermission,
  ...deploysDeploymentPermissions,
];
