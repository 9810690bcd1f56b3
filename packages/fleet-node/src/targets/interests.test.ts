import { FleetChange } from '../types';
import { deploymentsOf } from './deployments';
import { changeKeys, interestsOf } from './interests';
import { component } from './tests/entities';
import {
  application,
  cluster,
  fakeFleet,
  FakeFleetRows,
  job,
  ownedBy,
  pod,
  replicaSet,
  workload,
} from './tests/fakeFleet';

const config = { environments: [], clusterAliases: [], bindings: [] };
const IMAGE = 'orders:v1';
const LABELS = { 'backstage.io/kubernetes-id': 'orders' };

/** Objects that are found in every way there is, and as many of somebody else. */
function world(): Required<
  Omit<FakeFleetRows, 'argoInstances' | 'analysisRuns' | 'events'>
> {
  return {
    clusters: [cluster('prod-blue')],
    applications: [
      application('orders', {
        labels: { app: 'orders' },
        resources: [
          {
            group: 'apps',
            version: 'v1',
            kind: 'StatefulSet',
            namespace: 'storefront',
            name: 'cache',
          },
          {
            group: 'batch',
            version: 'v1',
            kind: 'Job',
            namespace: 'storefront',
            name: 'hook',
          },
        ],
      }),
      application('linked', {
        annotations: { 'backstage.io/entity-ref': 'component:default/orders' },
      }),
      application('other', { labels: { app: 'other' } }),
    ],
    workloads: [
      workload('Deployment', 'orders', IMAGE, { labels: LABELS }),
      workload('Deployment', 'unlabelled', IMAGE),
      workload('StatefulSet', 'cache', IMAGE),
      workload('CronJob', 'nightly', IMAGE, { labels: LABELS }),
      workload('Deployment', 'other', IMAGE, { labels: { app: 'other' } }),
    ],
    replicaSets: [
      replicaSet('orders', 1, IMAGE),
      replicaSet('orders', 2, IMAGE),
      replicaSet('unlabelled', 1, IMAGE),
      replicaSet('other', 1, IMAGE),
    ],
    pods: [
      pod('orders-1', IMAGE, { owner: ownedBy('ReplicaSet', 'orders-1') }),
      pod('orders-2', IMAGE, { owner: ownedBy('ReplicaSet', 'orders-2') }),
      pod('unlabelled-1', IMAGE, {
        owner: ownedBy('ReplicaSet', 'unlabelled-1'),
        labels: LABELS,
      }),
      pod('cache-0', IMAGE, { owner: ownedBy('StatefulSet', 'cache') }),
      pod('hook-1', IMAGE, { owner: ownedBy('Job', 'hook') }),
      pod('nightly-1-1', IMAGE, { owner: ownedBy('Job', 'nightly-1') }),
      pod('bare', IMAGE, { labels: LABELS }),
      pod('other-1', IMAGE, { owner: ownedBy('ReplicaSet', 'other-1') }),
    ],
    jobs: [
      job('hook', { active: 1 }),
      job('nightly-1', { active: 1, owner: ownedBy('CronJob', 'nightly') }),
    ],
  };
}

const entity = component('orders', {
  'argocd/app-selector': 'app=orders',
  'backstage.io/kubernetes-id': 'orders',
});
const KINDS = [
  'workloads',
  'replicaSets',
  'pods',
  'jobs',
  'applications',
] as const;

describe('interestsOf', () => {
  it.each(KINDS)('names every change of %s that touches the entity', kind => {
    const rows = world();
    const before = deploymentsOf(entity, fakeFleet(rows), config);
    let touching = 0;
    for (const row of rows[kind]) {
      const without = {
        ...rows,
        [kind]: (rows[kind] as Array<typeof row>).filter(each => each !== row),
      };
      const after = deploymentsOf(entity, fakeFleet(without), config);
      const touches = JSON.stringify(after) !== JSON.stringify(before);
      const change = {
        ...(kind === 'applications'
          ? { type: 'application' }
          : {
              type: 'object',
              kind: 'kind' in row ? row.kind : '',
              cluster: 'prod-blue',
            }),
        row,
        deleted: false,
      } as FleetChange;
      const keys = changeKeys(change);
      const missed = (world_: typeof rows, answer: typeof before) => {
        const interests = interestsOf(entity, fakeFleet(world_), answer);
        return touches && !keys.some(key => interests.has(key));
      };
      // When it goes, and when it comes.
      expect([row.name, missed(rows, before), missed(without, after)]).toEqual([
        row.name,
        false,
        false,
      ]);
      if (touches) touching += 1;
    }
    expect(touching).toBeGreaterThan(1);
  });

  it.each([
    [
      'a label',
      component('orders', { 'backstage.io/kubernetes-id': 'orders' }),
    ],
    ['an Application', component('orders', { 'argocd/app-name': 'orders' })],
  ])(
    'hears of a Rollout that is found by %s, and of its AnalysisRuns',
    (_, found) => {
      const rollout = workload('Rollout', 'orders', IMAGE, { labels: LABELS });
      const run = {
        ...pod('orders-1-2', IMAGE),
        kind: 'AnalysisRun',
        owner: ownedBy('Rollout', 'orders'),
        metrics: [],
      };
      const resource = {
        group: 'argoproj.io',
        version: 'v1alpha1',
        kind: 'Rollout',
        namespace: 'storefront',
        name: 'orders',
      };
      const rows = {
        applications: [application('orders', { resources: [resource] })],
        workloads: [rollout],
      };
      const heard = (
        world_: FakeFleetRows,
        row: typeof rollout | typeof run,
      ) => {
        const fleet = fakeFleet(world_);
        const interests = interestsOf(
          found,
          fleet,
          deploymentsOf(found, fleet, config),
        );
        const { kind } = row;
        const change = {
          type: 'object',
          kind,
          cluster: 'prod-blue',
          row,
        } as const;
        return changeKeys({ ...change, deleted: false }).some(key =>
          interests.has(key),
        );
      };
      // When it comes, and when it changes.
      expect(heard({ ...rows, workloads: [] }, rollout)).toBe(true);
      expect(heard(rows, rollout)).toBe(true);
      expect(heard(rows, run)).toBe(true);
    },
  );

  it('leaves alone what others change', () => {
    const rows = world();
    const fleet = fakeFleet(rows);
    const interests = interestsOf(
      entity,
      fleet,
      deploymentsOf(entity, fleet, config),
    );
    const others = [
      ...rows.workloads.filter(({ name }) => name === 'other'),
      ...rows.replicaSets.filter(({ name }) => name === 'other-1'),
      ...rows.pods.filter(({ name }) => name === 'other-1'),
    ];
    expect(others).toHaveLength(3);
    for (const row of others) {
      const change = {
        type: 'object',
        kind: row.kind,
        cluster: 'prod-blue',
        row,
        deleted: false,
      } as const;
      expect(changeKeys(change).filter(key => interests.has(key))).toEqual([]);
    }
  });

  it('hears events about its pods, and its full Applications', () => {
    const fleet = fakeFleet(world());
    const interests = interestsOf(
      entity,
      fleet,
      deploymentsOf(entity, fleet, config),
    );
    const { uid, namespace, name, ...rest } = world().pods[0];
    const event = {
      ...rest,
      uid: 'event',
      namespace,
      name: 'event',
      kind: 'Event',
      type: 'Warning',
      reason: 'Unhealthy',
      message: '',
      count: 1,
      lastAt: '',
      about: { kind: 'Pod', namespace, name, uid },
    };
    const changes: FleetChange[] = [
      {
        type: 'object',
        kind: 'Event',
        cluster: 'prod-blue',
        row: event,
        deleted: false,
      },
      {
        type: 'full-application',
        ref: { instance: 'main', namespace: 'argocd', name: 'orders' },
        deleted: false,
      },
    ];
    for (const change of changes) {
      expect(changeKeys(change).some(key => interests.has(key))).toBe(true);
    }
  });
});
