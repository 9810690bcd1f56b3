import {
  parseTargetResourceRef,
  runsPermissions,
  stringifyTargetResourceRef,
} from './permissions';

describe('the ref of a target', () => {
  it('says component, environment and action, and is read back', () => {
    const target = {
      entityRef: 'component:default/orders',
      environment: 'production',
      action: 'hotfix',
    };
    expect(stringifyTargetResourceRef(target)).toBe(
      'component:default/orders|production|hotfix',
    );
    expect(parseTargetResourceRef(stringifyTargetResourceRef(target))).toEqual(
      target,
    );
  });

  it.each(['', 'a', 'a|b', 'a|b|c|d', '|b|c', 'a||c'])("is not '%s'", ref => {
    expect(parseTargetResourceRef(ref)).toBeUndefined();
  });
});

it('names each permission once', () => {
  const names = runsPermissions.map(permission => permission.name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.every(name => name.startsWith('runs.'))).toBe(true);
});
