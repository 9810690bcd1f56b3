import { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import { readSwitchyardConfig } from '@switchyard/fleet-node';
import { applicationRow } from '../__testUtils__/applications';
import { createTestFleet } from '../__testUtils__/createTestFleet';
import { ApplicationCreatePlanner } from './ApplicationCreatePlanner';
import { readNewApplicationRules } from './rules';
import { ApplicationCreateInput } from './types';

const REPOSITORY = 'https://git.example.com/storefront/parcel.git';

function world(cluster = 'prod-green') {
  const config = new ConfigReader({
    switchyard: {
      environments: [
        { name: 'development', match: [{ cluster: 'dev' }] },
        { name: 'production', match: [{ cluster: 'prod-*' }] },
      ],
      clusterAliases: [{ argocd: 'green-eu', cluster: 'prod-green' }],
      deploys: {
        newApplications: [
          {
            owners: ['storefront'],
            instance: 'main',
            project: 'storefront',
            namespace: 'storefront',
            repositories: ['https://git.example.com/storefront/'],
            clusters: [
              { cluster: 'prod-blue', application: '{component}-blue' },
              {
                cluster,
                argocdName: 'green-eu',
                application: '{component}-green',
              },
              { cluster: 'dev' },
            ],
          },
        ],
      },
    },
  });
  const fleet = createTestFleet();
  fleet.clusters = ['prod-blue', 'prod-green', 'dev'].map(name => ({
    name,
    url: `https://${name}.example.com`,
    state: 'live',
    since: '2026-11-20T10:00:00Z',
  })) as typeof fleet.clusters;
  const planner = ApplicationCreatePlanner.create({
    fleet: fleet.service,
    config: readSwitchyardConfig(config),
    rules: readNewApplicationRules(config),
  });
  return {
    fleet,
    planner,
    plan: (
      input: Partial<ApplicationCreateInput> = {},
      entity = component('parcel', 'storefront'),
    ) =>
      planner.plan({
        entity,
        environment: 'production',
        input: { repository: REPOSITORY, ...input },
        signal: new AbortController().signal,
      }),
  };
}

function component(name: string, owner: string): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default' },
    relations: [{ type: 'ownedBy', targetRef: `group:default/${owner}` }],
  };
}

it('creates one for each cluster of the environment, that names its component', async () => {
  const { plan } = world();
  const made = await plan();
  expect(made).toMatchObject({
    title: 'Deploy parcel to 2 clusters for the first time',
    problems: [],
    warnings: [],
    keys: [
      'application:main/argocd/parcel-blue',
      'application:main/argocd/parcel-green',
    ],
    intent: {
      targets: [{ cluster: 'prod-blue' }, { cluster: 'prod-green' }],
    },
  });
  expect(
    made.steps.map(({ id, effect, needs }) => [id, effect, needs]),
  ).toEqual([
    ['create.parcel-blue', 'adoptable', []],
    ['deployed.parcel-blue', 'none', ['create.parcel-blue']],
    ['create.parcel-green', 'adoptable', []],
    ['deployed.parcel-green', 'none', ['create.parcel-green']],
  ]);
  expect(made.steps[2].input).toEqual({
    instance: 'main',
    cluster: 'prod-green',
    manifest: {
      metadata: {
        name: 'parcel-green',
        namespace: 'argocd',
        labels: { 'backstage-name': 'parcel' },
        annotations: { 'backstage.io/entity-ref': 'component:default/parcel' },
      },
      spec: {
        project: 'storefront',
        source: {
          repoURL: REPOSITORY,
          path: 'deploy/overlays/prod-green',
          targetRevision: 'main',
        },
        destination: { name: 'green-eu', namespace: 'storefront' },
        syncPolicy: { automated: { prune: true, selfHeal: true } },
      },
    },
  });
});

it('knows environments by the owner, and those alone where something is missing', () => {
  const { planner, fleet } = world();
  expect(planner.environments(component('parcel', 'storefront'))).toEqual([
    'development',
    'production',
  ]);
  expect(planner.environments(component('parcel', 'realtime'))).toEqual([]);
  fleet.rows.push(
    applicationRow({ name: 'parcel-blue' }),
    applicationRow({ name: 'parcel-dev' }),
  );
  expect(planner.environments(component('parcel', 'storefront'))).toEqual([
    'production',
  ]);
});

it.each([
  'https://git.example.com/realtime/parcel.git',
  'https://git.example.com/storefront/../realtime/parcel.git',
  'https://git.example.com/storefront/..%2frealtime/parcel.git',
  'https://git.example.com/storefront/%2e%2e/realtime/parcel.git',
  'https://git.example.com/storefront',
  'https://git.example.com.evil.example/storefront/parcel.git',
  'https://git.example.com@evil.example/storefront/parcel.git',
  'http://git.example.com/storefront/parcel.git',
  'https://git.example.com/storefront/parcel.git?x=1',
  'ssh://git.example.com/storefront/parcel.git',
  'storefront/parcel',
])('does not take the repository %s', async repository => {
  const { plan } = world();
  const { steps, problems } = await plan({ repository });
  expect(steps).toEqual([]);
  expect(problems).toMatchObject([{ field: 'repository' }]);
});

it('says which clusters there are', async () => {
  const { plan } = world();
  const { steps, problems } = await plan({ clusters: ['prod-blue', 'dev'] });
  expect(steps).toEqual([]);
  expect(problems).toMatchObject([
    {
      field: 'clusters',
      why: 'In production these components may run in prod-blue, prod-green, and not in dev',
    },
  ]);
  const one = await plan({ clusters: ['prod-blue'] });
  expect(one).toMatchObject({
    title: 'Deploy parcel to prod-blue for the first time',
    problems: [],
  });
});

it('leaves alone what has the name', async () => {
  const { plan, fleet } = world();
  fleet.rows.push(applicationRow({ name: 'parcel-blue' }));
  // Not in memory: it came a moment ago.
  fleet.full.set('parcel-green', {} as any);
  const { steps, problems } = await plan();
  expect(steps).toEqual([]);
  expect(problems).toMatchObject([
    { what: 'There is one already', ref: 'Application argocd/parcel-blue' },
    { what: 'There is one already', ref: 'Application argocd/parcel-green' },
  ]);
});

it('says what is wrong with the name of the component, and with the configuration', async () => {
  const { plan } = world();
  expect(
    (await plan({}, component('Parcel_1', 'storefront'))).problems,
  ).toMatchObject([
    { what: 'The name cannot be used' },
    { what: 'The name cannot be used' },
  ]);
  // An Argo CD that means another cluster by the name than the configuration says.
  const { problems } = await world('prod-red').plan();
  expect(problems).toMatchObject([
    {
      what: 'Cluster not known',
      why: 'The destination green-eu is prod-green, and not prod-red as switchyard.deploys.newApplications says',
    },
  ]);
});
