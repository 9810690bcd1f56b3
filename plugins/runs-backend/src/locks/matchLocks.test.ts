import { LockScope } from '@switchyard/backstage-plugin-runs-common';
import { FactReading } from '@switchyard/backstage-plugin-runs-node';
import { evaluate, InterlockInput } from '../interlock/evaluate';
import { isEntityKey, keyOfLock, keysOfPlace, systemsOf } from './lockKeys';
import { BindingLock, findClusters, findLocks } from './matchLocks';

const NOW = new Date('2026-03-02T10:00:00Z');
const ORDERS = 'component:default/orders';
const SHOP = 'system:default/shop';
const target = {
  entityRef: ORDERS,
  environment: 'production',
  systems: [SHOP],
  clusters: ['blue'],
};
const facts: Array<{ sourceId: string; reading: FactReading }> = [
  {
    sourceId: 'a',
    reading: {
      state: 'read',
      asOf: '',
      facts: [
        { type: 'cluster', name: 'green' },
        {
          type: 'shared-target',
          ref: 'Application argocd/shop',
          entityRef: 'component:default/web',
        },
      ],
    },
  },
  { sourceId: 'b', reading: { state: 'not-readable', why: 'down' } },
];

function lockOn(
  scope: LockScope,
  more: Partial<BindingLock> = {},
): BindingLock {
  return {
    id: 'l1',
    scope,
    kind: 'lock',
    reason: 'Stock-taking',
    createdBy: 'user:default/omar',
    holder: 'user:default/omar',
    holderMayDeploy: true,
    createdAt: NOW,
    readAt: NOW,
    ...more,
  };
}

// What a lock is on, in which environment, and whether it binds a hotfix of orders in production.
const TABLE: Array<
  [LockScope, Partial<BindingLock>, string | undefined, boolean]
> = [
  ['platform', {}, undefined, true],
  ['platform', {}, 'production', true],
  ['platform', {}, 'development', false],
  ['environment', {}, 'production', true],
  ['environment', {}, 'development', false],
  ['environment', {}, 'unassigned', false],
  ['cluster', { cluster: 'blue' }, undefined, true],
  ['cluster', { cluster: 'green' }, undefined, true],
  ['cluster', { cluster: 'yellow' }, undefined, false],
  ['cluster', { cluster: 'blue' }, 'production', true],
  ['cluster', { cluster: 'blue' }, 'development', false],
  ['system', { entityRef: SHOP }, undefined, true],
  ['system', { entityRef: SHOP }, 'production', true],
  ['system', { entityRef: SHOP }, 'development', false],
  ['system', { entityRef: 'system:default/other' }, undefined, false],
  ['component', { entityRef: ORDERS }, undefined, true],
  ['component', { entityRef: ORDERS }, 'production', true],
  ['component', { entityRef: ORDERS }, 'development', false],
  ['component', { entityRef: 'component:default/web' }, undefined, true],
  ['component', { entityRef: 'component:default/web' }, 'development', false],
  ['component', { entityRef: 'component:default/search' }, undefined, false],
  ['component', { entityRef: 'component:other/orders' }, undefined, false],
];

describe('what a lock binds', () => {
  it.each(TABLE)('%s %j in %s: %s', (scope, more, environment, binds) => {
    const lock = lockOn(scope, { ...more, environment });
    expect(findLocks({ target, locks: [lock], facts })).toHaveLength(
      binds ? 1 : 0,
    );
  });

  it.each(TABLE.filter(([, , , binds]) => binds))(
    '%s %j in %s is found under a key of the place',
    (scope, more, environment) => {
      const keys = keysOfPlace({
        entityRefs: [ORDERS, 'component:default/web'],
        systems: [SHOP],
        clusters: findClusters(facts).concat('blue'),
      });
      expect(keys).toContain(keyOfLock({ scope, ...more, environment }));
    },
  );

  it('is not confused by clusters that are called like something else', () => {
    for (const cluster of [
      'platform',
      'default/orders',
      'a b',
      'component:x/y',
    ])
      expect(isEntityKey(keyOfLock({ scope: 'cluster', cluster }))).toBe(false);
    expect(keyOfLock({ scope: 'cluster', cluster: 'a b' })).not.toContain(' ');
  });

  it('knows the systems of an entity by what the catalog says', () => {
    expect(
      systemsOf({
        apiVersion: 'v1',
        kind: 'Component',
        metadata: { name: 'orders' },
        relations: [
          { type: 'partOf', targetRef: 'system:default/Shop' },
          { type: 'partOf', targetRef: 'component:default/suite' },
          { type: 'ownedBy', targetRef: 'group:default/storefront' },
        ],
      }),
    ).toEqual(['system:default/shop']);
    expect(systemsOf(undefined)).toEqual([]);
  });

  it('costs little for those that do not bind', () => {
    const locks = Array.from({ length: 10_000 }, (_, index) =>
      lockOn('component', {
        id: `l${index}`,
        entityRef: `component:default/c${index}`,
      }),
    );
    expect(findLocks({ target, locks, facts })).toEqual([]);
  });
});

describe('what a lock says', () => {
  const ask = (lock: BindingLock, more: Partial<InterlockInput> = {}) =>
    evaluate({
      action: 'hotfix',
      target,
      actor: 'user:default/dana',
      owners: [],
      locks: { state: 'read', value: [lock] },
      facts: facts.slice(0, 1),
      entityExists: { state: 'read', value: true },
      findings: { error: 'block', warning: 'warn', info: 'ignore' },
      ...more,
    });

  it.each<[Partial<BindingLock> & { scope: LockScope }, string]>([
    [{ scope: 'platform' }, 'everything'],
    [
      { scope: 'platform', environment: 'production' },
      'everything in production',
    ],
    [{ scope: 'environment', environment: 'production' }, 'all of production'],
    [{ scope: 'cluster', cluster: 'blue' }, 'all on cluster blue'],
    [
      { scope: 'system', entityRef: SHOP, environment: 'production' },
      'all of system:default/shop in production',
    ],
  ])('%j binds %s', ({ scope, ...more }, words) => {
    const until = new Date('2026-03-03T10:00:00Z');
    const lock = lockOn(scope, { ...more, kind: 'freeze', expiresAt: until });
    expect(ask(lock).blockers).toEqual([
      {
        type: 'freeze',
        what: 'Frozen',
        why: `Frozen by omar: Stock-taking (${words})`,
        since: NOW.toISOString(),
        until: until.toISOString(),
        liftedBy: ['user:default/omar'],
        ref: 'l1',
      },
    ]);
  });

  it('binds from its start on, by the clock that read it', () => {
    const planned = (at: string) =>
      ask(lockOn('platform', { startsAt: new Date(at) })).allowed;
    expect(planned('2026-03-02T10:00:00Z')).toBe(false);
    expect(planned('2026-03-02T10:00:00.001Z')).toBe(true);
  });

  it('warns without forbidding', () => {
    const verdict = ask(lockOn('platform', { kind: 'warning' }));
    expect(verdict.allowed).toBe(true);
    expect(verdict.warnings).toEqual([
      {
        what: 'Warning',
        why: 'Warning by omar: Stock-taking (everything)',
        ref: 'l1',
      },
    ]);
  });

  it('binds its holder too where it says so, and follows whom it was handed to', () => {
    const actor = 'user:default/omar';
    const mine = lockOn('component', { entityRef: ORDERS });
    expect(ask(mine, { actor }).allowed).toBe(true);
    expect(ask({ ...mine, holderMayDeploy: false }, { actor }).allowed).toBe(
      false,
    );
    const handedOn = { ...mine, holder: 'user:default/dana' };
    expect(ask(handedOn, { actor }).blockers).toMatchObject([
      { liftedBy: ['user:default/dana'] },
    ]);
    expect(ask(handedOn).allowed).toBe(true);
  });
});
