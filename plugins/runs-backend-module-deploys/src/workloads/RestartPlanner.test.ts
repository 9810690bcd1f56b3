import { JsonObject } from '@backstage/types';
import { WorkloadRow } from '@switchyard/fleet-node';
import { applicationRow } from '../__testUtils__/applications';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import {
  orders as entity,
  production as config,
  workloadRow,
} from '../__testUtils__/workloads';
import { createWorkloadConsentSource } from '../facts/workloadConsentSource';
import { RestartPlanner } from './RestartPlanner';
import { RestartInput } from './types';

function start(
  workloads: Array<Partial<WorkloadRow> & { spec?: JsonObject }> = [{}],
) {
  const fleet = createTestFleet();
  for (const { spec, ...row } of workloads) {
    const made = workloadRow(row);
    fleet.workloads.push(made);
    fleet.objects.set(made.uid, { spec: spec ?? {} });
    if (fleet.clusters.every(({ name }) => name !== made.cluster))
      fleet.clusters.push({
        name: made.cluster,
        url: `https://${made.cluster}`,
        state: 'live',
        since: '2026-11-20T10:00:00Z',
        asOf: '2026-11-20T12:00:00Z',
        kinds: [],
      });
  }
  const planner = RestartPlanner.create({ fleet: fleet.service, config });
  const plan = (input: RestartInput = {}, of = entity) =>
    planner.plan({
      entity: of,
      environment: 'production',
      input,
      signal: new AbortController().signal,
    });
  return { fleet, planner, plan };
}

const TWO = [{}, { cluster: 'prod-green', uid: 'uid-green' }];

it('restarts all that runs, in all clusters, each with a step that waits', async () => {
  const { plan, planner } = start(TWO);
  expect(planner.environments(entity)).toEqual(['production']);
  const made = await plan();
  expect(made).toMatchObject({
    title: 'Restart 2 workloads in 2 clusters',
    problems: [],
    warnings: [],
    keys: [
      'target:component:default/orders@production',
      'workload:prod-blue/Deployment/storefront/orders',
      'workload:prod-green/Deployment/storefront/orders',
    ],
    changes: [
      {
        cluster: 'prod-blue',
        what: 'pods of Deployment orders',
        before: '3 pods',
      },
      { cluster: 'prod-green' },
    ],
  });
  expect(
    made.steps.map(({ id, effect, needs }) => [id, effect, needs]),
  ).toEqual([
    ['restart.orders.prod-blue', 'adoptable', []],
    ['ready.orders.prod-blue', 'none', ['restart.orders.prod-blue']],
    ['restart.orders.prod-green', 'adoptable', []],
    ['ready.orders.prod-green', 'none', ['restart.orders.prod-green']],
  ]);
  // Whoever has seen the pods may go on without waiting for them.
  expect(
    made.steps.filter(({ skippable }) => skippable).map(({ id }) => id),
  ).toEqual(['ready.orders.prod-blue', 'ready.orders.prod-green']);
});

it('holds the Application too, and has its consent', async () => {
  const { fleet, plan } = start([{ entityRef: undefined }]);
  fleet.rows.push(
    applicationRow({
      resources: [
        {
          group: 'apps',
          version: 'v1',
          kind: 'Deployment',
          namespace: 'storefront',
          name: 'orders',
        },
      ],
    }),
  );
  const made = await plan();
  expect(made.problems).toEqual([]);
  expect(made.keys).toContain('application:main/argocd/orders-blue');
});

it('restarts those that are wanted only', async () => {
  const made = await start(TWO).plan({
    workloads: [{ name: 'orders', cluster: 'prod-green' }],
  });
  expect(made.title).toBe('Restart Deployment orders in prod-green');
  expect(made.steps).toHaveLength(2);
});

it('leaves out a Deployment that lends a Rollout its template', async () => {
  const made = await start([
    { desired: 0, updated: 0 },
    {
      kind: 'Rollout',
      uid: 'uid-rollout',
      rollout: {
        strategy: 'canary',
        aborted: false,
        workloadRef: { kind: 'Deployment', name: 'orders' },
      },
    },
  ]).plan();
  expect(made.title).toBe('Restart Rollout orders in prod-blue');
});

it.each<[string, Parameters<typeof start>[0], RestartInput, string]>([
  ['nothing that runs', [], {}, 'Nothing runs in production'],
  ['another name', [{}], { workloads: [{ name: 'x' }] }, 'No such workload'],
  [
    'no consent',
    [{ entityRef: 'component:default/search' }],
    {},
    'The target does not agree',
  ],
  ['a pause', [{ spec: { paused: true } }], {}, 'The Deployment is paused'],
  [
    'OnDelete',
    [{ kind: 'DaemonSet', spec: { updateStrategy: { type: 'OnDelete' } } }],
    {},
    'Pods are replaced by hand',
  ],
])('makes no plan for %s', async (_, workloads, input, what) => {
  const made = await start(workloads).plan(input);
  expect(made.problems.map(problem => problem.what)).toEqual([what]);
  expect(made.steps).toEqual([]);
});

it.each<[string, Partial<WorkloadRow> & { spec?: JsonObject }, string]>([
  ['no pods', { desired: 0, updated: 0, available: 0 }, 'Nothing runs'],
  [
    'Recreate',
    { spec: { strategy: { type: 'Recreate' } } },
    'Down for a while',
  ],
  [
    'a StatefulSet of one',
    { kind: 'StatefulSet', desired: 1, updated: 1, available: 1 },
    'Down for a while',
  ],
  ['pods that are not ready', { available: 2, unavailable: 1 }, 'Not at rest'],
  [
    'a partition',
    {
      kind: 'StatefulSet',
      spec: { updateStrategy: { rollingUpdate: { partition: 1 } } },
    },
    'Some pods stay',
  ],
])('warns of %s', async (_, workload, what) => {
  const made = await start([workload]).plan();
  expect(made.warnings.map(warning => warning.what)).toEqual([what]);
});

it('warns of a cluster that does not answer', async () => {
  const { fleet, plan } = start();
  fleet.clusters[0].state = 'unreachable';
  expect((await plan()).warnings).toMatchObject([
    { what: 'Cluster unreachable', ref: 'prod-blue' },
  ]);
});

describe('consent of workloads', () => {
  const read = (
    fleet: ReturnType<typeof start>['fleet'],
    plan?: JsonObject,
    environment = 'production',
  ) =>
    createWorkloadConsentSource({
      fleet: fleet.service,
      config,
      actions: ['restart'],
      shipping: [],
    }).read({
      entity,
      environment,
      action: 'restart',
      ...(plan && {
        plan: { kind: 'restart', version: 1, keys: [], intent: plan },
      }),
      signal: new AbortController().signal,
    });

  it('is a fact about each that a card or a plan is about', async () => {
    const { fleet, plan } = start([
      {},
      { name: 'other', entityRef: 'component:default/search' },
    ]);
    const facts = [
      { ref: 'Deployment storefront/orders', given: true },
      { ref: 'Deployment storefront/other', given: false },
    ];
    await expect(read(fleet)).resolves.toMatchObject({ state: 'read', facts });
    await expect(read(fleet, undefined, 'dev')).resolves.toMatchObject({
      facts: [],
    });
    const { intent } = await plan({ workloads: [{ name: 'orders' }] });
    await expect(read(fleet, intent)).resolves.toMatchObject({
      facts: [facts[0]],
    });
    fleet.workloads.length = 0;
    await expect(read(fleet, intent)).resolves.toMatchObject({
      facts: [{ ...facts[0], given: false }],
    });
  });

  it('is not readable before a cluster was heard of', async () => {
    const { fleet } = start();
    fleet.clusters.push({
      name: 'prod-green',
      url: 'https://green',
      state: 'connecting',
      since: '2026-11-20T10:00:00Z',
      kinds: [],
    });
    await expect(read(fleet)).resolves.toEqual({
      state: 'not-readable',
      why: 'prod-green has not been heard of yet',
    });
  });
});
