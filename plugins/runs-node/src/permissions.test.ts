import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { runCreatePermission } from '@switchyard/backstage-plugin-runs-common';
import {
  createRunsTargetConditionalDecision,
  getOwnerRefs,
  RunsTarget,
  runsTargetConditions,
  runsTargetRules,
} from './permissions';

const target: RunsTarget = {
  entityRef: 'component:default/orders',
  environment: 'production',
  action: 'hotfix',
  entity: {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'orders' },
    relations: [
      { type: 'ownedBy', targetRef: 'group:default/Storefront' },
      { type: 'partOf', targetRef: 'system:default/storefront' },
    ],
  },
};

describe('the rules of a target', () => {
  it('know the owner by relation, without regard to case', () => {
    const { isEntityOwner } = runsTargetRules;
    expect(getOwnerRefs(target.entity)).toEqual(['group:default/storefront']);
    expect(
      isEntityOwner.apply(target, {
        ownerRefs: ['user:default/dana', 'Group:default/storefront'],
      }),
    ).toBe(true);
    expect(
      isEntityOwner.apply(target, { ownerRefs: ['group:default/realtime'] }),
    ).toBe(false);
    expect(
      isEntityOwner.apply(target, { ownerRefs: ['system:default/storefront'] }),
    ).toBe(false);
    expect(
      isEntityOwner.apply(
        { ...target, entity: { ...target.entity, relations: undefined } },
        { ownerRefs: [] },
      ),
    ).toBe(false);
  });

  it('compare environment and action', () => {
    const { isInEnvironment, isAction } = runsTargetRules;
    expect(
      isInEnvironment.apply(target, { environments: ['production'] }),
    ).toBe(true);
    expect(
      isInEnvironment.apply(target, { environments: ['development'] }),
    ).toBe(false);
    expect(isAction.apply(target, { actions: ['sync', 'hotfix'] })).toBe(true);
    expect(isAction.apply(target, { actions: [] })).toBe(false);
  });

  it('make conditional answers of a policy', () => {
    expect(
      createRunsTargetConditionalDecision(runCreatePermission, {
        anyOf: [runsTargetConditions.isAction({ actions: ['hotfix'] })],
      }),
    ).toEqual({
      result: AuthorizeResult.CONDITIONAL,
      pluginId: 'runs',
      resourceType: 'runs-target',
      conditions: {
        anyOf: [
          {
            rule: 'IS_ACTION',
            resourceType: 'runs-target',
            params: { actions: ['hotfix'] },
          },
        ],
      },
    });
  });
});
