import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBackendModule } from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import kubernetesPlugin from '@backstage/plugin-kubernetes-backend';
import {
  KubernetesFetcher,
  kubernetesFetcherExtensionPoint,
} from '@backstage/plugin-kubernetes-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { FleetService } from '@switchyard/fleet-node';
import { SandboxHandle, startSandbox } from '@switchyard/sandbox';
import request from 'supertest';
import kubernetesModuleFleet from '../index';
import { looksAtFleet } from './looksAtFleet';
import { eventually, normal } from './tabAnswers';

jest.setTimeout(120_000);

const BUDGETS = {
  group: 'policy',
  apiVersion: 'v1',
  plural: 'poddisruptionbudgets',
};
const POLICIES = {
  group: 'networking.k8s.io',
  apiVersion: 'v1',
  plural: 'networkpolicies',
};
const NOT_SERVED = {
  group: 'example.com',
  apiVersion: 'v1',
  plural: 'widgets',
};

function entity(name: string, annotations: Record<string, string> = {}) {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, annotations },
    spec: { type: 'service' },
  };
}

const selector = (text: string) => ({
  'backstage.io/kubernetes-label-selector': text,
});

const ENTITIES = [
  entity('orders', selector('app.kubernetes.io/name=orders')),
  entity('several', selector('app.kubernetes.io/name in (orders, search)')),
  entity(
    'all-but',
    selector('app.kubernetes.io/name,app.kubernetes.io/name!=orders'),
  ),
  entity('placed', {
    ...selector('app.kubernetes.io/name=orders'),
    'backstage.io/kubernetes-namespace': 'storefront',
  }),
  entity('elsewhere', {
    ...selector('app.kubernetes.io/name=orders'),
    'backstage.io/kubernetes-namespace': 'kube-system',
  }),
  entity('by-id', { 'backstage.io/kubernetes-id': 'orders' }),
  entity('by-name'),
  entity('wrong', selector('app in (')),
];

/** What the plugin's own fetcher was asked for. */
interface Fetched {
  cluster: string;
  types: string[];
}

describe('the standard Kubernetes tab', () => {
  let dir: string;
  let sandbox: SandboxHandle;
  /** The plugin as it is, and answered by the fleet. */
  let plain: Awaited<ReturnType<typeof start>>;
  let ours: Awaited<ReturnType<typeof start>>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'fleet-tab-'));
    sandbox = await startSandbox({ dir });
    plain = await start({ answerKubernetesTab: false });
    ours = await start({ answerKubernetesTab: true });
    await eventually(async () => {
      const states = ours
        .fleet()
        .clusters()
        .map(({ state }) => state)
        .join();
      if (states !== 'live,live,live,not-watched') throw new Error(states);
    });
  });

  afterAll(async () => {
    await plain?.backend.stop();
    await ours?.backend.stop();
    await sandbox?.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function start(options: {
    answerKubernetesTab: boolean;
    deny?: boolean;
  }) {
    let fleet: FleetService | undefined;
    const fetched: Fetched[] = [];
    const backend = await startTestBackend({
      features: [
        kubernetesPlugin,
        kubernetesModuleFleet,
        catalogServiceMock.factory({ entities: ENTITIES }),
        ...(options.deny
          ? [mockServices.permissions.factory({ result: AuthorizeResult.DENY })]
          : []),
        looksAtFleet(service => {
          fleet = service;
        }),
        createBackendModule({
          pluginId: 'kubernetes',
          moduleId: 'of-the-test',
          register(env) {
            env.registerInit({
              deps: { fetchers: kubernetesFetcherExtensionPoint },
              async init({ fetchers }) {
                fetchers.addFetcher(async ({ getDefault }) =>
                  countFetches(await getDefault(), fetched),
                );
              },
            });
          },
        }),
        mockServices.rootConfig.factory({
          data: {
            switchyard: {
              fleet: { answerKubernetesTab: options.answerKubernetesTab },
            },
            kubernetes: {
              serviceLocatorMethod: { type: 'multiTenant' },
              customResources: [BUDGETS, NOT_SERVED],
              clusterLocatorMethods: [{ type: 'config', clusters: clusters() }],
            },
          },
        }),
      ],
    });
    return { backend, fetched, fleet: () => fleet! };
  }

  function clusters() {
    return [
      ...sandbox.clusters.map(({ name, url, tokens }) => ({
        name,
        url,
        authProvider: 'serviceAccount',
        // Rights are not what this is about, and custom resources need more of them.
        serviceAccountToken: tokens.admin,
        ...(name === 'prod-green' && {
          title: 'Green',
          skipMetricsLookup: true,
          customResources: [POLICIES],
          dashboardUrl: 'https://dashboards.example',
          dashboardApp: 'standard',
        }),
      })),
      // The same cluster, for people who bring their own token.
      {
        name: 'people-only',
        url: sandbox.clusters[0].url,
        authProvider: 'oidc',
        oidcTokenProvider: 'okta',
      },
    ];
  }

  async function ask(
    { backend, fetched }: typeof plain,
    name: string,
    customResources?: object[],
  ) {
    fetched.length = 0;
    const query = customResources ? 'custom' : 'workloads';
    const response = await request(backend.server)
      .post(`/api/kubernetes/resources/${query}/query`)
      .send({
        entityRef: `component:default/${name}`,
        auth: { oidc: { okta: sandbox.clusters[0].tokens.admin } },
        ...(customResources && { customResources }),
      });
    return { status: response.status, body: normal(response.body) };
  }

  /** Both answers, once they are the same: a watch may be a moment behind. */
  async function compare(name: string, customResources?: object[]) {
    let answer: Awaited<ReturnType<typeof ask>>;
    await eventually(async () => {
      answer = await ask(ours, name, customResources);
      expect(answer.status).toBe(200);
      expect(answer).toEqual(await ask(plain, name, customResources));
    });
    return answer!.body;
  }

  async function fault(body: object) {
    const response = await fetch(`${sandbox.faults.url}/api/faults`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  }

  const stateOf = (cluster: string) =>
    ours
      .fleet()
      .clusters()
      .find(({ name }) => name === cluster)?.state;

  async function restart(cluster: string) {
    await fault({ fault: 'cluster-down', target: cluster, on: true });
    await eventually(async () => expect(stateOf(cluster)).toBe('unreachable'));
    await fault({ fault: 'cluster-down', target: cluster, on: false });
    await eventually(async () => expect(stateOf(cluster)).toBe('live'));
  }

  const itemOf = (items: any[], name: string) =>
    items.find(({ cluster }) => cluster.name === name);

  it.each(ENTITIES.map(({ metadata }) => metadata.name))(
    'has the same objects as before: %s',
    async name => {
      const { items } = await compare(name);
      expect(itemOf(items, 'dev')).toBeDefined();
    },
  );

  it('has every kind of the plugin, with its dashboards, and its errors', async () => {
    const { items } = await compare('orders');
    const blue = itemOf(items, 'prod-blue');
    const kinds = blue.resources
      .filter(({ resources }: any) => resources.length > 0)
      .map(({ type }: any) => type);
    expect(kinds).toEqual(
      expect.arrayContaining([
        'pods',
        'services',
        'deployments',
        'replicasets',
      ]),
    );
    expect(blue.errors).toContainEqual(
      expect.objectContaining({
        errorType: 'NOT_FOUND',
        resourcePath: '/apis/example.com/v1/widgets',
      }),
    );
    expect(itemOf(items, 'prod-green').cluster).toEqual({
      name: 'prod-green',
      title: 'Green',
      dashboardUrl: 'https://dashboards.example',
      dashboardApp: 'standard',
    });
  });

  it('fetches only what the fleet does not hold', async () => {
    await compare('orders');
    await ask(ours, 'orders');
    const typesOf = (name: string) =>
      ours.fetched
        .filter(({ cluster }) => cluster === name)
        .flatMap(({ types }) => types)
        .sort();
    expect(typesOf('prod-green')).toEqual([
      'configmaps',
      'limitranges',
      'resourcequotas',
    ]);
    expect(typesOf('prod-blue')).toEqual([
      'configmaps',
      'limitranges',
      'metrics',
      'resourcequotas',
      'widgets',
    ]);
    // Whoever looks has a right of their own there.
    expect(typesOf('people-only')).toContain('pods');
  });

  it('has the same custom resources by matcher', async () => {
    await compare('orders', [BUDGETS, POLICIES]);
    await compare('orders', [
      { group: 'apps', apiVersion: 'v1', plural: 'deployments' },
      { group: '', apiVersion: 'v1', plural: 'pods' },
    ]);
    await compare('orders', [NOT_SERVED]);
  });

  it('says the same of a kind that is forbidden', async () => {
    const forbid = (on: boolean) =>
      fault({
        fault: 'cluster-forbids',
        target: 'dev',
        value: 'jobs.batch',
        on,
      });
    await forbid(true);
    // A watch that is open goes on until it is made anew.
    await restart('dev');
    const { items } = await compare('orders');
    expect(itemOf(items, 'dev').errors).toContainEqual(
      expect.objectContaining({ resourcePath: '/apis/batch/v1/jobs' }),
    );
    await forbid(false);
  });

  it('says at once of a cluster that is down what the plugin says after trying, and has the others', async () => {
    await fault({ fault: 'cluster-down', target: 'prod-green', on: true });
    await eventually(async () =>
      expect(
        ours
          .fleet()
          .clusters()
          .find(({ name }) => name === 'prod-green')!
          .kinds.filter(({ state }) => state === 'live'),
      ).toEqual([]),
    );
    const mine = (await ask(ours, 'orders')).body.items;
    const theirs = (await ask(plain, 'orders')).body.items;
    const withoutWords = (items: any[]) =>
      items.map(item => ({
        ...item,
        errors: item.errors.map(({ message, ...error }: any) => error),
      }));
    expect(withoutWords(mine)).toEqual(withoutWords(theirs));
    const green = itemOf(mine, 'prod-green');
    expect(green).toMatchObject({
      resources: [],
      errors: [
        {
          errorType: 'FETCH_ERROR',
          message: expect.stringMatching(/^prod-green /),
        },
      ],
    });
    expect(ours.fetched.some(({ cluster }) => cluster === 'prod-green')).toBe(
      false,
    );
    await fault({ fault: 'cluster-down', target: 'prod-green', on: false });
    await compare('orders');
  });

  it('keeps the permissions of the plugin', async () => {
    const denied = await start({ answerKubernetesTab: true, deny: true });
    try {
      await expect(ask(denied, 'orders')).resolves.toMatchObject({
        status: 403,
      });
      await expect(ask(denied, 'orders', [BUDGETS])).resolves.toMatchObject({
        status: 403,
      });
      expect(denied.fetched).toEqual([]);
    } finally {
      await denied.backend.stop();
    }
  });
});

function countFetches(
  fetcher: KubernetesFetcher,
  fetched: Fetched[],
): KubernetesFetcher {
  return {
    fetchObjectsForService(params) {
      fetched.push({
        cluster: params.clusterDetails.name,
        types: [
          ...Array.from(params.objectTypesToFetch, ({ plural }) => plural),
          ...params.customResources.map(({ plural }) => plural),
        ],
      });
      return fetcher.fetchObjectsForService(params);
    },
    fetchPodMetricsByNamespaces(cluster, ...rest) {
      fetched.push({ cluster: cluster.name, types: ['metrics'] });
      return fetcher.fetchPodMetricsByNamespaces(cluster, ...rest);
    },
  };
}
