import { JsonObject } from '@backstage/types';
import { RegistryClient } from '@switchyard/backstage-plugin-deploys-node';
import { WorkloadRow } from '@switchyard/fleet-node';
import { applicationRow } from '../__testUtils__/applications';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import {
  orders as entity,
  production as config,
  workloadRow,
} from '../__testUtils__/workloads';
import { waysOf } from '../__testUtils__/ways';
import { createWorkloadConsentSource } from '../facts/workloadConsentSource';
import { GitClient } from '../git';
import { HotfixPlanner } from '../hotfix/HotfixPlanner';

const REPOSITORY = 'registry.example.com/orders';
/** The same component, which says what its image is. */
const named = {
  ...entity,
  metadata: {
    ...entity.metadata,
    annotations: {
      ...entity.metadata.annotations,
      'switchyard/image': REPOSITORY,
    },
  },
};
const DIGEST = `sha256:${'d'.repeat(64)}`;

type Workload = Partial<WorkloadRow> & {
  /** Images by container. */
  images?: Record<string, string>;
  init?: Record<string, string>;
  spec?: JsonObject;
  annotations?: JsonObject;
};

/** Workloads as a fleet has them, of a component that no Application deploys. */
function start(workloads: Workload[] = [{}]) {
  const fleet = createTestFleet();
  for (const each of workloads) {
    const { images, init = {}, spec, annotations = {}, ...row } = each;
    const containersOf = (list: Record<string, string>) =>
      Object.entries(list).map(([name, image]) => ({ name, image }));
    const containers = containersOf(images ?? { main: `${REPOSITORY}:v1` });
    const made = workloadRow({
      containers: [
        ...containersOf(init).map(container => ({
          ...container,
          kind: 'init' as const,
        })),
        ...containers.map(container => ({
          ...container,
          kind: 'container' as const,
        })),
      ],
      ...row,
    });
    const template = {
      template: {
        spec: { initContainers: containersOf(init), containers },
      },
    };
    fleet.workloads.push(made);
    fleet.objects.set(made.uid, {
      metadata: { annotations },
      spec: {
        ...(made.kind === 'CronJob'
          ? { jobTemplate: { spec: template } }
          : template),
        ...spec,
      },
    });
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
  const registry = {
    findDigest: async (_: string, tag: string) =>
      tag === 'v9' ? undefined : DIGEST,
  };
  const planner = HotfixPlanner.create({
    fleet: fleet.service,
    // Nothing of this stands in Git.
    git: {} as GitClient,
    registry: registry as unknown as RegistryClient,
    config,
    ...waysOf(),
  });
  const plan = (version = 'v2', of = entity) =>
    planner.plan({
      entity: of,
      environment: 'production',
      input: { version },
      signal: new AbortController().signal,
    });
  return { fleet, planner, plan };
}

const TWO: Workload[] = [{}, { cluster: 'prod-green', uid: 'uid-green' }];

it('sets one version on the objects in all clusters, and follows each', async () => {
  const { plan, planner } = start(TWO);
  expect(planner.environments(entity)).toEqual(['production']);
  const made = await plan();
  const change = {
    system: 'kubernetes',
    what: 'image of Deployment orders',
    ref: 'storefront/orders/main',
    before: `${REPOSITORY}:v1`,
    after: `${REPOSITORY}:v2`,
  };
  expect(made).toMatchObject({
    version: 2,
    title: 'Ship v2 to 2 clusters',
    problems: [],
    keys: [
      'target:component:default/orders@production',
      'workload:prod-blue/Deployment/storefront/orders',
      'workload:prod-green/Deployment/storefront/orders',
    ],
    changes: [
      { ...change, cluster: 'prod-blue' },
      { ...change, cluster: 'prod-green' },
    ],
    undo: 'Roll back to v1: what ran before is noted on each object',
  });
  expect(made.warnings.map(({ what }) => what)).toEqual([
    'Set on the object itself',
  ]);
  expect(
    made.steps.map(({ id, handler, effect, needs }) => [
      id,
      handler,
      effect,
      needs,
    ]),
  ).toEqual([
    ['image.orders.prod-blue', 'set-image', 'adoptable', []],
    [
      'rollout.orders.prod-blue',
      'image-rollout',
      'none',
      ['image.orders.prod-blue'],
    ],
    ['image.orders.prod-green', 'set-image', 'adoptable', []],
    [
      'rollout.orders.prod-green',
      'image-rollout',
      'none',
      ['image.orders.prod-green'],
    ],
  ]);
});

it('has the same intent whatever was before', async () => {
  const first = await start(TWO).plan();
  const second = await start([
    { images: { main: `${REPOSITORY}:v1.5` } },
    TWO[1],
  ]).plan();
  expect(second.intent).toEqual(first.intent);
  expect(second.changes).not.toEqual(first.changes);
});

it('changes only containers that run the image, init containers among them, and never leaves a digest behind', async () => {
  const { plan } = start([
    {
      images: {
        main: `${REPOSITORY}:v1@sha256:${'a'.repeat(64)}`,
        proxy: 'docker.io/envoyproxy/envoy:v1',
      },
      init: { migrate: `${REPOSITORY}:v1` },
    },
  ]);
  const { steps } = await plan('v2', named);
  expect(steps[0].input).toMatchObject({
    containers: expect.arrayContaining([
      {
        name: 'main',
        before: `${REPOSITORY}:v1@sha256:${'a'.repeat(64)}`,
        after: `${REPOSITORY}:v2@${DIGEST}`,
      },
      {
        name: 'migrate',
        before: `${REPOSITORY}:v1`,
        after: `${REPOSITORY}:v2`,
      },
    ]),
  });
  expect(JSON.stringify(steps)).not.toContain('envoy');
});

it('sets a CronJob too, and keeps what runs another image as it is', async () => {
  const { plan } = start([
    {},
    { kind: 'CronJob', name: 'nightly', desired: 0, updated: 0, available: 0 },
    {
      kind: 'StatefulSet',
      name: 'cache',
      images: { main: 'docker.io/library/redis:7' },
      entityRef: undefined,
    },
  ]);
  const { title, steps, problems, warnings } = await plan('v2', named);
  expect({ title, problems }).toEqual({
    title: 'Ship v2 to prod-blue',
    problems: [],
  });
  expect(steps.map(({ id }) => id)).toEqual([
    'image.orders.prod-blue',
    'rollout.orders.prod-blue',
    'image.nightly.prod-blue',
    'rollout.nightly.prod-blue',
  ]);
  expect(warnings.map(({ what }) => what)).toEqual([
    'Set on the object itself',
  ]);
});

it.each<[string, Workload, string]>([
  [
    'no consent',
    { entityRef: 'component:default/search' },
    'The target does not agree',
  ],
  [
    'an Application that the object names',
    { trackingId: 'shop:apps/Deployment:storefront/orders' },
    'Argo CD deploys it',
  ],
  [
    'Flux',
    {
      labels: {
        'backstage.io/kubernetes-id': 'orders',
        'kustomize.toolkit.fluxcd.io/name': 'shop',
      },
    },
    'Flux deploys it',
  ],
  [
    'an operator',
    { owner: { kind: 'Shop', name: 'orders', uid: 'x' } },
    'Something else makes it',
  ],
  ['a pause', { spec: { paused: true } }, 'The Deployment is paused'],
  [
    'OnDelete',
    { kind: 'DaemonSet', spec: { updateStrategy: { type: 'OnDelete' } } },
    'Pods are replaced by hand',
  ],
  [
    'what runs it already',
    { images: { main: `${REPOSITORY}:v2` } },
    'Nothing to change',
  ],
  [
    'two images',
    { images: { main: `${REPOSITORY}:v1`, other: 'docker.io/a/b:v1' } },
    'The image is not known',
  ],
])('makes no plan for %s', async (_, workload, what) => {
  const made = await start([workload]).plan();
  expect(made.problems.map(problem => problem.what)).toEqual([what]);
  expect(made.steps).toEqual([]);
});

it('makes no plan for what an Application of somebody else has among its resources', async () => {
  const { fleet, plan } = start();
  fleet.rows.push(
    applicationRow({
      name: 'shop',
      labels: {},
      annotations: {},
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
  expect((await plan()).problems).toMatchObject([
    {
      what: 'Argo CD deploys it',
      why: expect.stringContaining('belongs to Application shop'),
    },
  ]);
});

it('makes no plan for a version that the registry does not have, and for a template that a Rollout borrows', async () => {
  expect((await start().plan('v9')).problems).toMatchObject([
    { what: 'The version does not exist', field: 'version' },
  ]);
  const { plan } = start([
    { desired: 0, updated: 0, available: 0 },
    {
      kind: 'Rollout',
      uid: 'uid-rollout',
      images: {},
      rollout: {
        strategy: 'canary',
        aborted: false,
        workloadRef: { kind: 'Deployment', name: 'orders' },
      },
    },
  ]);
  expect((await plan()).problems).toMatchObject([
    { what: 'A Rollout takes its template' },
  ]);
});

it.each<[string, Workload, string]>([
  [
    'Helm',
    { annotations: { 'meta.helm.sh/release-name': 'shop' } },
    'Helm has installed it',
  ],
  [
    'another tool',
    {
      labels: {
        'backstage.io/kubernetes-id': 'orders',
        'app.kubernetes.io/managed-by': 'pulumi',
      },
    },
    'Something else may put it back',
  ],
  [
    'a newer version that runs',
    { images: { main: `${REPOSITORY}:v3` } },
    'Older version',
  ],
  [
    'being down',
    { spec: { strategy: { type: 'Recreate' } } },
    'Down for a while',
  ],
])('warns of %s', async (_, workload, what) => {
  const { warnings, problems } = await start([workload]).plan();
  expect(problems).toEqual([]);
  expect(warnings.map(each => each.what).sort()).toEqual(
    [what, 'Set on the object itself'].sort(),
  );
});

it('says that a manifest of kubectl names the version too, and what has run as a Job', async () => {
  const { fleet, plan } = start();
  fleet.service.origin = () => ({
    managers: [],
    lastAppliedApiVersion: 'apps/v1',
  });
  fleet.service.jobs = () => [
    {
      ...workloadRow({ kind: 'Job', name: 'orders-migrate', uid: 'uid-job' }),
      apiVersion: 'batch/v1',
      active: 0,
      succeeded: 1,
      failed: 0,
      condition: { type: 'Complete' },
    },
  ];
  expect((await plan()).warnings).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        what: 'A manifest names the version too',
      }),
      expect.objectContaining({
        what: 'No Job is run',
        why: expect.stringContaining('Job orders-migrate'),
      }),
    ]),
  );
});

it('asks for the consent of what a hotfix would touch, and of nothing that Git decides', async () => {
  const { fleet, plan } = start([
    {},
    { name: 'other', entityRef: undefined, images: { main: 'docker.io/a/b' } },
  ]);
  const read = (intent?: JsonObject) =>
    createWorkloadConsentSource({
      fleet: fleet.service,
      config,
      actions: ['restart'],
      shipping: ['hotfix'],
    }).read({
      entity: named,
      environment: 'production',
      action: 'hotfix',
      ...(intent && { plan: { kind: 'hotfix', version: 2, keys: [], intent } }),
      signal: new AbortController().signal,
    });
  const facts = [{ ref: 'Deployment storefront/orders', given: true }];
  const mayMatter = { state: 'read', facts };
  await expect(read()).resolves.toMatchObject(mayMatter);
  const { intent } = await plan('v2', named);
  await expect(read(intent)).resolves.toMatchObject(mayMatter);
  fleet.workloads[0] = workloadRow({ entityRef: undefined });
  await expect(read(intent)).resolves.toMatchObject({
    facts: [{ given: false }],
  });
});
