import { spawn } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BackendFeature,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import kubernetesPlugin from '@backstage/plugin-kubernetes-backend';
import {
  kubernetesAuthStrategyExtensionPoint,
  kubernetesClusterSupplierExtensionPoint,
} from '@backstage/plugin-kubernetes-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { JsonObject } from '@backstage/types';
import { FleetService } from '@switchyard/fleet-node';
import { SandboxHandle, startSandbox } from '@switchyard/sandbox';
import { generate } from 'selfsigned';
import kubernetesModuleFleet from '../index';
import { FakeClouds } from './FakeClouds';
import { Gateway } from './Gateway';
import { looksAtFleet } from './looksAtFleet';
import { eventually } from './tabAnswers';

/** The client of Google's list of clusters, as it is, but for where it asks. */
jest.mock('@google-cloud/container', () => {
  const actual = jest.requireActual('@google-cloud/container');
  class ClusterManagerClient extends actual.v1.ClusterManagerClient {
    constructor(options: object = {}) {
      const { hostname, port } = new URL(process.env.FAKE_CLOUDS_URL!);
      super({
        ...options,
        fallback: true,
        protocol: 'http',
        apiEndpoint: hostname,
        port: Number(port),
      });
    }
  }
  return { ...actual, v1: { ...actual.v1, ClusterManagerClient } };
});

jest.setTimeout(120_000);

const MINUTE_MS = 60_000;
const CALLERS = 40;
const ROLE = 'arn:aws:iam::123456789012:role/portal';
/** Only the calendar: what waits, waits as ever. */
const TIMERS = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

describe('clusters, as the Kubernetes plugin finds them and signs in to them', () => {
  const environment = { ...process.env };
  const undo: Array<() => unknown> = [];
  const gateways: Record<string, Gateway> = {};
  const ownStrategy = { asked: 0, fails: false };
  let sandbox: SandboxHandle;
  let clouds: FakeClouds;
  let fleets: FleetService[];

  const statuses = () => fleets.flatMap(fleet => fleet.clusters());
  const statusOf = (name: string) =>
    statuses().find(each => each.name === name)!;
  const fleetOf = (name: string) => fleets[name === 'own' ? 1 : 0];

  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'fleet-clusters-'));
    undo.push(() => rm(dir, { recursive: true }));
    sandbox = await startSandbox({ dir });
    undo.push(() => sandbox.close());
    letTheLocatorOfGkeGo();
    jest.useFakeTimers({ doNotFake: [...TIMERS], advanceTimers: true });
    undo.push(() => jest.useRealTimers().restoreAllMocks());
    clouds = await FakeClouds.start();
    undo.push(() => clouds.close());
    Object.assign(process.env, clouds.environment, {
      FAKE_CLOUDS_URL: clouds.url,
    });
    undo.push(() => {
      process.env = environment;
    });
    await openGateways();
    fleets = [
      await startWithWhatThePluginBrings(),
      await startWithOwnStrategy(),
    ];
  });

  afterAll(async () => {
    for (const each of undo.reverse()) await each();
  });

  async function openGateways() {
    const [{ url, token }] = sandbox.clusters;
    const open = async (
      name: string,
      takes: (token: string) => boolean,
      rest: Partial<Parameters<typeof Gateway.start>[0]> = {},
    ) => {
      const upstream = { url, token };
      gateways[name] = await Gateway.start({ upstream, takes, ...rest });
      undo.push(() => gateways[name].close());
    };
    await open('plain', each => each === 'token-of-the-portal');
    await open('aws', each =>
      isAwsToken(each, {
        cluster: 'shop-aws',
        account: ['AKIAEXAMPLE', 'secret-of-the-portal'],
      }),
    );
    await open('catalogued', each =>
      isAwsToken(each, {
        cluster: 'catalogued',
        account: ['ASIAROLE', 'secret-of-the-role'],
      }),
    );
    await open('azure', each => clouds.isGood(each));
    const { private: key, cert } = generate(undefined, { keySize: 2048 });
    await open('gke', each => clouds.isGood(each), { tls: { key, cert } });
    await open('own', each => each === `own-${ownStrategy.asked}`);
    const endpoint = new URL(gateways.gke.url).host;
    clouds.clusters = [
      { name: 'gke', endpoint, resourceLabels: { portal: 'watched' } },
      { name: 'gke-people', endpoint, resourceLabels: { portal: 'people' } },
      { name: 'gke-other', endpoint },
    ];

    const kubectl = process.env.SWITCHYARD_CONTRACT_KUBECTL;
    // The address is the plugin's; nothing else can be configured.
    const port = 8001;
    if (!kubectl) {
      await open('local', each => each === '', { port });
      return;
    }
    const proxy = spawn(kubectl, ['proxy', '--port', `${port}`], {
      env: {
        ...process.env,
        KUBECONFIG: process.env.SWITCHYARD_CONTRACT_KUBECONFIG,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    undo.push(() => proxy.kill());
    await once(proxy.stdout, 'data');
  }

  /** A portal with the real Kubernetes plugin, the module and the fleet. */
  async function start(kubernetes: JsonObject, features: BackendFeature[]) {
    let service: FleetService;
    const backend = await startTestBackend({
      features: [
        kubernetesPlugin,
        kubernetesModuleFleet,
        ...features,
        looksAtFleet(found => {
          service = found;
        }),
        mockServices.rootConfig.factory({
          data: {
            kubernetes: {
              serviceLocatorMethod: { type: 'multiTenant' },
              ...kubernetes,
            },
          },
        }),
      ],
    });
    undo.push(() => backend.stop());
    return service!;
  }

  function startWithWhatThePluginBrings() {
    const gke = (people: boolean) => ({
      type: 'gke',
      projectId: 'shop',
      ...(!people && { authProvider: 'googleServiceAccount' }),
      skipTLSVerify: true,
      matchingResourceLabels: [
        { key: 'portal', value: people ? 'people' : 'watched' },
      ],
    });
    return start(
      {
        clusterLocatorMethods: [
          {
            type: 'config',
            clusters: [
              {
                name: 'plain',
                url: gateways.plain.url,
                authProvider: 'serviceAccount',
                serviceAccountToken: 'token-of-the-portal',
              },
              {
                name: 'aws',
                url: gateways.aws.url,
                authProvider: 'aws',
                authMetadata: { 'kubernetes.io/x-k8s-aws-id': 'shop-aws' },
              },
              {
                name: 'azure',
                url: gateways.azure.url,
                authProvider: 'azure',
              },
              {
                name: 'people',
                url: gateways.plain.url,
                authProvider: 'oidc',
                oidcTokenProvider: 'okta',
              },
            ],
          },
          gke(false),
          gke(true),
          { type: 'localKubectlProxy' },
          { type: 'catalog', dangerouslyAllowClusterUrls: ['127.0.0.1'] },
        ],
      },
      [
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Resource',
              metadata: {
                name: 'catalogued',
                annotations: {
                  'kubernetes.io/api-server': gateways.catalogued.url,
                  'kubernetes.io/api-server-certificate-authority': '',
                  'kubernetes.io/auth-provider': 'aws',
                  'kubernetes.io/aws-assume-role': ROLE,
                  'kubernetes.io/aws-external-id': 'portal-1',
                },
              },
              spec: { type: 'kubernetes-cluster', owner: 'platform' },
            },
          ],
        }),
      ],
    );
  }

  /** A strategy of one's own takes the place of all that the plugin brings. */
  function startWithOwnStrategy() {
    const ownModule = createBackendModule({
      pluginId: 'kubernetes',
      moduleId: 'of-the-company',
      register(env) {
        env.registerInit({
          deps: {
            strategies: kubernetesAuthStrategyExtensionPoint,
            suppliers: kubernetesClusterSupplierExtensionPoint,
          },
          async init({ strategies, suppliers }) {
            strategies.addAuthStrategy('vault', {
              async getCredential() {
                if (ownStrategy.fails) throw new Error('sealed');
                ownStrategy.asked += 1;
                const token = `own-${ownStrategy.asked}`;
                return { type: 'bearer token', token };
              },
              validateCluster: () => [],
              presentAuthMetadata: () => ({}),
            });
            suppliers.addClusterSupplier({
              getClusters: async () => [
                {
                  name: 'own',
                  url: gateways.own.url,
                  authMetadata: { 'kubernetes.io/auth-provider': 'vault' },
                },
              ],
            });
          },
        });
      },
    });
    return start({ clusterLocatorMethods: [] }, [
      catalogServiceMock.factory({ entities: [] }),
      ownModule,
    ]);
  }

  /** As many callers as would be there when a page is opened by many at once: each asks the cluster itself. */
  async function askAllAtOnce(cluster: string) {
    const fleet = fleetOf(cluster);
    const answers = await Promise.allSettled(
      Array.from({ length: CALLERS }, () =>
        fleet.podLogs({
          cluster,
          namespace: 'storefront',
          pod: 'nobody',
          container: 'main',
          signal: AbortSignal.timeout(MINUTE_MS),
        }),
      ),
    );
    return answers.map(answer =>
      answer.status === 'rejected' ? answer.reason.name : 'read',
    );
  }
  const allSaid = (name: string) => Array(CALLERS).fill(name);
  const tokensOf = (name: string) => new Set(gateways[name].tokens).size;

  it('watches all but those that need a person', async () => {
    await eventually(() =>
      expect(
        Object.fromEntries(statuses().map(({ name, state }) => [name, state])),
      ).toEqual({
        plain: 'live',
        aws: 'live',
        azure: 'live',
        gke: 'live',
        local: 'live',
        catalogued: 'live',
        own: 'live',
        people: 'not-watched',
        'gke-people': 'not-watched',
      }),
    );
  });

  it.each(['plain', 'aws', 'azure', 'gke', 'local', 'catalogued', 'own'])(
    'watches %s, and lets no one in between',
    async name => {
      expect(statusOf(name).kinds).toContainEqual(
        expect.objectContaining({ kind: 'Pod', state: 'live' }),
      );
      expect(await askAllAtOnce(name)).toEqual(allSaid('NotFoundError'));
      // A real `kubectl proxy` does not tell.
      expect(gateways[name]?.refused ?? 0).toBe(0);
    },
  );

  it('says of those that need a person that they are not watched, and why', () => {
    expect(statusOf('people').problem).toBe(
      "people is not watched: auth provider 'oidc' needs the token of the person who looks",
    );
    expect(statusOf('gke-people').problem).toBe(
      "gke-people is not watched: auth provider 'google' needs the token of the person who looks",
    );
  });

  it('asked for each token once, however many watches there are', () => {
    expect(ownStrategy.asked).toBe(1);
    expect(clouds.given).toEqual({
      azure: 1,
      // Two locators ask for the list of clusters, each with a token of its own.
      google: 3,
      role: 1,
    });
    expect(clouds.roles[0]).toEqual({ arn: ROLE, externalId: 'portal-1' });
    for (const name of Object.keys(gateways)) {
      expect([name, tokensOf(name)]).toEqual([name, 1]);
    }
  });

  it('renews before the end: of AWS after 13 minutes, and where nobody knows it after five', async () => {
    const names = ['aws', 'catalogued', 'gke', 'own', 'azure'];
    const { google, role } = clouds.given;
    pass(13.5 * MINUTE_MS);
    for (const name of names) await askAllAtOnce(name);
    // Nobody waits for the next one.
    await eventually(() =>
      expect(clouds.given).toEqual({
        azure: 1,
        google: google + 1,
        role: role + 1,
      }),
    );
    expect(ownStrategy.asked).toBe(2);
    for (const name of names) await askAllAtOnce(name);
    expect(ownStrategy.asked).toBe(2);
    expect(clouds.given).toEqual({
      azure: 1,
      google: google + 1,
      role: role + 1,
    });
    for (const name of ['aws', 'catalogued', 'gke']) {
      expect([name, tokensOf(name)]).toEqual([name, 2]);
      expect([name, gateways[name].refused]).toEqual([name, 0]);
    }
  });

  it('renews before the end that a token names', async () => {
    pass(46 * MINUTE_MS);
    await askAllAtOnce('azure');
    await eventually(() => expect(clouds.given.azure).toBe(2));
    expect(await askAllAtOnce('azure')).toEqual(allSaid('NotFoundError'));
    expect(clouds.given.azure).toBe(2);
    expect(gateways.azure.refused).toBe(0);
    expect(tokensOf('azure')).toBe(2);
  });

  it('says that no credential can be had, keeps what it knows, and heals by itself', async () => {
    const known = fleetOf('own').pods({ cluster: 'own' }).length;
    ownStrategy.fails = true;
    // What is held is refused from now on, and nothing else can be had.
    ownStrategy.asked += 1;
    gateways.own.cut();
    await eventually(() =>
      expect(statusOf('own')).toMatchObject({
        state: 'unreachable',
        problem: 'own cannot be asked: no credential could be obtained',
      }),
    );
    expect(await askAllAtOnce('own')).toEqual(
      allSaid('ServiceUnavailableError'),
    );
    expect(fleetOf('own').pods({ cluster: 'own' })).toHaveLength(known);
    ownStrategy.fails = false;
    await eventually(() => expect(statusOf('own').state).toBe('live'));
  });
});

/** It asks again each hour for ever, which would keep the process from its end. */
function letTheLocatorOfGkeGo(): void {
  const plain = global.setTimeout;
  jest
    .spyOn(global, 'setTimeout')
    .mockImplementation((callback, milliseconds, ...rest) => {
      const timer = plain(callback, milliseconds, ...rest);
      if (milliseconds! >= 60 * MINUTE_MS) timer.unref();
      return timer;
    });
}

/** Lets time go by at once. */
function pass(milliseconds: number): void {
  jest.setSystemTime(Date.now() + milliseconds);
}

/** As the authenticator of EKS looks at it: a request to STS, signed not long ago, with the name of the cluster signed too. */
function isAwsToken(
  token: string,
  options: { cluster: string; account: [id: string, secret: string] },
): boolean {
  const { cluster, account } = options;
  const [prefix, encoded] = token.split('k8s-aws-v1.');
  if (prefix !== '' || !encoded) return false;
  const url = new URL(Buffer.from(encoded, 'base64url').toString('utf8'));
  const query = Object.fromEntries(url.searchParams);
  const { 'X-Amz-Signature': signature, 'X-Amz-Date': date } = query;
  const [id, day, ...scope] = query['X-Amz-Credential'].split('/');
  const sort = Array.from(url.searchParams)
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(pair => pair.map(encode).join('='))
    .sort()
    .join('&');
  const canonical = [
    'GET',
    '/',
    sort,
    `host:${url.host}`,
    `x-k8s-aws-id:${cluster}`,
    '',
    'host;x-k8s-aws-id',
    createHash('sha256').digest('hex'),
  ].join('\n');
  const toSign = [
    'AWS4-HMAC-SHA256',
    date,
    [day, ...scope].join('/'),
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  const key = [day, ...scope].reduce<string | Buffer>(
    (before, part) => createHmac('sha256', before).update(part).digest(),
    `AWS4${account[1]}`,
  );
  const expected = createHmac('sha256', key).update(toSign).digest('hex');
  const at = Date.parse(
    date.replace(
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
      '$1-$2-$3T$4:$5:$6Z',
    ),
  );
  return (
    url.host === 'sts.eu-west-1.amazonaws.com' &&
    id === account[0] &&
    signature === expected &&
    Date.now() - at < 15 * MINUTE_MS
  );
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    each => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
