import { Entity } from '@backstage/catalog-model';
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  DeploymentResource,
  RESOURCE_TYPE_DEPLOYS_DEPLOYMENT,
} from '@switchyard/backstage-plugin-deploys-common';
import { placeRules } from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';

/**
 * A deployment as permission rules see it: with its catalog entity.
 *
 * @public
 */
export interface DeploysDeployment extends DeploymentResource {
  entity: Entity;
}

/**
 * Rules are never turned into queries: a decision is always about one deployment.
 *
 * @public
 */
export const deploysDeploymentPermissionResourceRef =
  createPermissionResourceRef<DeploysDeployment, {}>().with({
    pluginId: 'deploys',
    resourceType: RESOURCE_TYPE_DEPLOYS_DEPLOYMENT,
  });

const isInCluster = createPermissionRule({
  name: 'IS_IN_CLUSTER',
  description: 'Allow what is about one of the given clusters',
  resourceRef: deploysDeploymentPermissionResourceRef,
  paramsSchema: z.object({
    clusters: z
      .array(z.string())
      .describe('Names of clusters, as in the Kubernetes plugin'),
  }),
  apply: (deployment, { clusters }) => clusters.includes(deployment.cluster),
  toQuery: () => ({}),
});

/**
 * Rules about a deployment, for policies of one's own.
 *
 * @public
 */
export const deploysDeploymentRules = {
  isEntityOwner: createPermissionRule({
    ...placeRules.isEntityOwner,
    resourceRef: deploysDeploymentPermissionResourceRef,
  }),
  isInEnvironment: createPermissionRule({
    ...placeRules.isInEnvironment,
    resourceRef: deploysDeploymentPermissionResourceRef,
  }),
  isInCluster,
};

const exported = createConditionExports({
  resourceRef: deploysDeploymentPermissionResourceRef,
  rules: deploysDeploymentRules,
});

/**
 * Conditions of {@link deploysDeploymentRules}, to be used with {@link createDeploysDeploymentConditionalDecision}.
 *
 * @public
 */
export const deploysDeploymentConditions = exported.conditions;

/**
 * Makes a policy's conditional answer about a deployment.
 *
 * @public
 */
export const createDeploysDeploymentConditionalDecision =
  exported.createConditionalDecision;
