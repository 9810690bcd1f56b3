import { Entity, RELATION_OWNED_BY } from '@backstage/catalog-model';
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  RESOURCE_TYPE_RUNS_TARGET,
  TargetResource,
} from '@switchyard/backstage-plugin-runs-common';
import { z } from 'zod';

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
export const runsTargetPermissionResourceRef = createPermissionResourceRef<
  RunsTarget,
  {}
>().with({
  pluginId: 'runs',
  resourceType: RESOURCE_TYPE_RUNS_TARGET,
});

/**
 * Full entity refs of the users and groups that own the entity, in lower case, as the catalog's relations say.
 *
 * @public
 */
export function getOwnerRefs(entity: Entity): string[] {
  return (entity.relations ?? [])
    .filter(relation => relation.type === RELATION_OWNED_BY)
    .map(relation => relation.targetRef.toLocaleLowerCase('en-US'));
}

/**
 * Rules about anything that has a component and an environment. Another domain makes them its own with
 * `createPermissionRule({ ...placeRules.isEntityOwner, resourceRef })`. They are never turned into queries.
 *
 * @public
 */
export const placeRules = {
  isEntityOwner: {
    name: 'IS_ENTITY_OWNER',
    description:
      'Allow what is about a component that is owned by one of the given users or groups',
    paramsSchema: z.object({
      ownerRefs: z
        .array(z.string())
        .describe('Entity refs of which one must own the component'),
    }),
    apply: (
      place: { entity: Entity },
      { ownerRefs }: { ownerRefs: string[] },
    ): boolean => {
      const owners = getOwnerRefs(place.entity);
      return ownerRefs.some(ref =>
        owners.includes(ref.toLocaleLowerCase('en-US')),
      );
    },
    toQuery: () => ({}),
  },
  isInEnvironment: {
    name: 'IS_IN_ENVIRONMENT',
    description: 'Allow what is about one of the given environments',
    paramsSchema: z.object({
      environments: z
        .array(z.string())
        .describe('Names of environments, as in switchyard.environments'),
    }),
    apply: (
      place: { environment: string },
      { environments }: { environments: string[] },
    ): boolean => environments.includes(place.environment),
    toQuery: () => ({}),
  },
};

const isEntityOwner = createPermissionRule({
  ...placeRules.isEntityOwner,
  resourceRef: runsTargetPermissionResourceRef,
});

// A lock without an environment is asked about once per environment: only who may lock everywhere may set it.
const isInEnvironment = createPermissionRule({
  ...placeRules.isInEnvironment,
  resourceRef: runsTargetPermissionResourceRef,
});

const isAction = createPermissionRule({
  name: 'IS_ACTION',
  description: 'Allow the given actions',
  resourceRef: runsTargetPermissionResourceRef,
  paramsSchema: z.object({
    actions: z
      .array(z.string())
      .describe("Action kinds such as 'hotfix', or 'lock'"),
  }),
  apply: (target, { actions }) => actions.includes(target.action),
  toQuery: () => ({}),
});

/**
 * Rules about an action on a target, for policies of one's own.
 *
 * @public
 */
export const runsTargetRules = { isEntityOwner, isInEnvironment, isAction };

const exported = createConditionExports({
  resourceRef: runsTargetPermissionResourceRef,
  rules: runsTargetRules,
});

/**
 * Conditions of {@link runsTargetRules}, to be used with {@link createRunsTargetConditionalDecision}.
 *
 * @public
 */
export const runsTargetConditions = exported.conditions;

/**
 * Makes a policy's conditional answer about a target.
 *
 * @public
 */
export const createRunsTargetConditionalDecision =
  exported.createConditionalDecision;
