import { RegistryClient } from '@switchyard/backstage-plugin-deploys-node';
import { Application, ApplicationRow } from '@switchyard/fleet-node';
import { applicationOf, applicationRow } from '../__testUtils__/applications';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import {
  orders as entity,
  production as config,
  workloadRow,
} from '../__testUtils__/workloads';
import { GitClient, GitError } from '../git';
import { OverridePlanner } from './OverridePlanner';

const IMAGE = 'registry.example.com/orders';
type Source = ApplicationRow['sources'][number];

const CHART: Source = {
  repoURL: 'https://charts.example.com',
  chart: 'site',
  targetRevision: '1.0.0',
  helm: { valuesObject: { image: { tag: 'v1' } } },
};

function start(
  options: {
    source?: Source;
    status?: Partial<NonNullable<Application['status']>>;
    row?: Partial<ApplicationRow>;
    metadata?: Partial<Application['metadata']>;
    git?: Partial<GitClient>;
  } = {},
) {
  const { source = CHART, row, metadata } = options;
  const fleet = createTestFleet();
  fleet.clusters.push({
    name: 'prod-blue',
    url: 'https://prod-blue',
    state: 'live',
    since: '2026-11-20T10:00:00Z',
    asOf: '2026-11-20T12:00:00Z',
    kinds: [],
  });
  fleet.workloads.push(workloadRow());
  fleet.rows.push(
    applicationRow({
      sources: [source],
      resources: [
        {
          group: 'apps',
          version: 'v1',
          kind: 'Deployment',
          namespace: 'storefront',
          name: 'orders',
        },
      ],
      ...row,
    }),
  );
  const application = applicationOf();
  fleet.full.set('orders-blue', {
    ...application,
    metadata: { ...application.metadata, ...metadata },
    spec: { ...application.spec, source },
    status: { ...application.status, ...options.status },
  });
  const git = {
    repository: () => {
      throw new GitError('not-configured', 'No integration is configured');
    },
    ...options.git,
  } as unknown as GitClient;
  const registry = {
    findDigest: async (_: string, tag: string) =>
      tag === 'v9' ? undefined : 'sha256:x',
  };
  const planner = OverridePlanner.create({
    fleet: fleet.service,
    git,
    registry: registry as unknown as RegistryClient,
    config,
  });
  const plan = (version = 'v2') =>
    planner.plan({
      entity,
      environment: 'production',
      input: { version },
      signal: new AbortController().signal,
    });
  return { fleet, plan };
}

it('sets a Helm parameter over what the values of the Application say, syncs and follows', async () => {
  const made = await start().plan();
  expect(made).toMatchObject({
    title: 'Override with v2 in prod-blue',
    problems: [],
    keys: [
      'application:main/argocd/orders-blue',
      'target:component:default/orders@production',
    ],
    changes: [
      {
        system: 'argocd',
        what: 'Helm parameter image.tag of Application orders-blue',
        before: 'nothing',
        after: 'image.tag=v2',
      },
      { what: 'image of Deployment orders', after: `${IMAGE}:v2` },
    ],
    undo: 'Remove override: what Git says is deployed again',
  });
  expect(made.warnings.map(({ what }) => what)).toEqual([
    'Git says something else',
  ]);
  expect(
    made.steps.map(({ id, handler, needs }) => [id, handler, needs]),
  ).toEqual([
    ['override.orders-blue', 'override', []],
    ['sync.orders-blue', 'request-sync', ['override.orders-blue']],
    ['settle.orders-blue', 'settle', ['sync.orders-blue']],
    ['rollout.orders.prod-blue', 'image-rollout', ['sync.orders-blue']],
  ]);
  expect(made.steps[0].input).toMatchObject({
    after: { name: 'image.tag', value: 'v2', forceString: true },
    before: null,
    was: 'v1',
  });
});

it('leaves the sync to Argo CD where it syncs by itself, and says that nothing stops it then', async () => {
  const autoSync = { enabled: true, prune: false, selfHeal: true };
  const made = await start({ row: { autoSync } }).plan();
  expect(made.warnings.map(({ what }) => what)).toContain('Auto-sync is on');
  expect(made.steps.map(({ id, needs }) => [id, needs])).toEqual([
    ['override.orders-blue', []],
    ['settle.orders-blue', ['override.orders-blue']],
    ['rollout.orders.prod-blue', ['override.orders-blue']],
  ]);
});

it.each<[string, Source['kustomize'], string, string]>([
  ['no image', undefined, 'nothing', `${IMAGE}:v2`],
  ['its image', { images: [`${IMAGE}:v0`] }, `${IMAGE}:v0`, `${IMAGE}:v2`],
  [
    'a renamed image',
    { images: [`orders=${IMAGE}:v0`, 'other:v1'] },
    `orders=${IMAGE}:v0`,
    `orders=${IMAGE}:v2`,
  ],
])(
  'sets an image of kustomize where the Application names %s',
  async (_, kustomize, before, after) => {
    const source = {
      repoURL: 'https://git.example.com/x',
      path: 'a',
      kustomize,
    };
    const { changes, problems } = await start({
      source,
      status: { sourceType: 'Kustomize' },
    }).plan();
    expect(problems).toEqual([]);
    expect(changes[0]).toMatchObject({ before, after });
  },
);

it.each<[string, Parameters<typeof start>[0], string]>([
  [
    'plain manifests',
    {
      source: { repoURL: 'https://git.example.com/x', path: 'a' },
      status: { sourceType: 'Directory' },
    },
    'Argo CD cannot override it',
  ],
  [
    'a chart of which no value is known',
    { source: { ...CHART, helm: undefined } },
    'The value is not known',
  ],
  [
    'what an ApplicationSet makes',
    {
      metadata: {
        ownerReferences: [
          {
            apiVersion: 'argoproj.io/v1alpha1',
            kind: 'ApplicationSet',
            name: 'orders',
            uid: 'x',
          },
        ],
      },
    },
    'The Application is generated',
  ],
  [
    'what does not agree',
    { row: { annotations: {} } },
    'The target does not agree',
  ],
])('makes no plan for %s', async (_, options, what) => {
  const made = await start(options).plan();
  expect(made.problems.map(problem => problem.what)).toContain(what);
  expect(made.steps).toEqual([]);
});

it('makes no plan for a version that is not there', async () => {
  expect((await start().plan('v9')).problems).toMatchObject([
    { what: 'The version does not exist' },
  ]);
});
