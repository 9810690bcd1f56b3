import {
  AuthorizeResult,
  PermissionCriteria,
  PermissionCondition,
} from '@backstage/plugin-permission-common';
import { judgeAnywhere } from './judgeAnywhere';

const place = { action: 'hotfix', environment: 'production' };
const condition = (rule: string, params: object): PermissionCondition => ({
  rule,
  resourceType: 'runs-target',
  params: params as never,
});
const hotfix = condition('IS_ACTION', { actions: ['hotfix'] });
const sync = condition('IS_ACTION', { actions: ['sync'] });
const production = condition('IS_IN_ENVIRONMENT', {
  environments: ['production'],
});
const owned = (...ownerRefs: string[]) =>
  condition('IS_ENTITY_OWNER', { ownerRefs });
const ofTheCompany = condition('IS_ON_CALL', {});

describe('judgeAnywhere', () => {
  it.each<[PermissionCriteria<PermissionCondition>, string, string[]]>([
    [hotfix, 'every', []],
    [sync, 'none', []],
    [{ allOf: [hotfix, production] }, 'every', []],
    [{ allOf: [hotfix, owned('a')] }, 'some', ['a']],
    [{ allOf: [sync, owned('a')] }, 'none', []],
    [
      { anyOf: [{ allOf: [sync, owned('a')] }, owned('b', 'c'), owned('b')] },
      'some',
      ['b', 'c'],
    ],
    [{ anyOf: [owned('a'), hotfix] }, 'every', []],
    [{ not: production }, 'none', []],
    [{ not: sync }, 'every', []],
    // 'Not what a owns' is no reason to name a.
    [{ not: owned('a') }, 'some', []],
    [{ allOf: [hotfix, ofTheCompany] }, 'some', []],
  ])('%j: on %s', (conditions, on, ownedBy) => {
    expect(
      judgeAnywhere(
        {
          result: AuthorizeResult.CONDITIONAL,
          pluginId: 'runs',
          resourceType: 'runs-target',
          conditions,
        },
        place,
      ),
    ).toEqual({ on, ownedBy });
  });

  it('has nothing to find out where the answer is whole', () => {
    expect(judgeAnywhere({ result: AuthorizeResult.ALLOW }, place).on).toBe(
      'every',
    );
    expect(judgeAnywhere({ result: AuthorizeResult.DENY }, place).on).toBe(
      'none',
    );
  });
});
