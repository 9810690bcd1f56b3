import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createBackendModule,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import kubernetesPlugin from '@backstage/plugin-kubernetes-backend';
import {
  AuthenticationStrategy,
  kubernetesAuthStrategyExtensionPoint,
} from '@backstage/plugin-kubernetes-node';
import {
  FleetCluster,
  fleetServiceRef,
  UnwatchedCluster,
} from '@switchyard/fleet-node';
import request from 'supertest';
import kubernetesModuleFleet from './index';

/** Strategies of a company's own: the module must use them instead of the plugin's. */
const ownStrategies = createBackendModule({
  pluginId: 'kubernetes',
  moduleId: 'own-strategies',
  register(env) {
    env.registerInit({
      deps: { strategies: kubernetesAuthStrategyExtensionPoint },
      async init({ strategies }) {
        const strategy = (
          getCredential: AuthenticationStrategy['getCredential'],
        ): AuthenticationStrategy => ({
          getCredential,
          validateCluster: () => [],
          presentAuthMetadata: () => ({}),
        });
        strategies.addAuthStrategy(
          'serviceAccount',
          strategy(async cluster => ({
            type: 'bearer token',
            token: `own-${cluster.authMetadata.serviceAccountToken}`,
          })),
        );
        for (const provider of ['oidc', 'localKubectlProxy']) {
          strategies.addAuthStrategy(
            provider,
            strategy(async () => ({ type: 'anonymous' })),
          );
        }
      },
    });
  },
});

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

describe('kubernetesModuleFleet', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fleet-module-'));
    await writeFile(join(folder, 'ca.pem'), PEM);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  /** Starts the real Kubernetes plugin with the module; answers what the fleet was given, and the logger. */
  async function start(clusters: object[] | undefined) {
    const setClusterSource = jest.fn();
    const rootLogger = mockServices.rootLogger.mock();
    const logged: Array<[string, unknown]> = [];
    rootLogger.child.mockReturnValue(rootLogger);
    rootLogger.warn.mockImplementation((message, meta) => {
      logged.push([message, meta]);
    });
    const backend = await startTestBackend({
      features: [
        kubernetesPlugin,
        ownStrategies,
        kubernetesModuleFleet,
        createServiceFactory({
          service: fleetServiceRef,
          deps: {},
          factory: () => ({ setClusterSource } as any),
        }),
        rootLogger.factory,
        mockServices.rootConfig.factory({
          data: {
            ...(clusters && {
              kubernetes: {
                serviceLocatorMethod: { type: 'multiTenant' },
                clusterLocatorMethods: [{ type: 'config', clusters }],
              },
            }),
          },
        }),
      ],
    });
    const source:
      | (() => Promise<Array<FleetCluster | UnwatchedCluster>>)
      | undefined = setClusterSource.mock.calls[0]?.[0];
    return { backend, source, setClusterSource, logged };
  }

  it('hands over every cluster, with a way to its credential or the reason why it cannot be watched', async () => {
    const { backend, source, setClusterSource, logged } = await start([
      {
        name: 'prod-blue',
        title: 'Blue',
        url: 'https://blue.example',
        authProvider: 'serviceAccount',
        serviceAccountToken: 'token-blue',
        caFile: join(folder, 'ca.pem'),
        caData: 'ignored',
      },
      {
        name: 'prod-green',
        url: 'https://green.example/prefix',
        authProvider: 'serviceAccount',
        serviceAccountToken: 'token-green\n',
        caData: 'Q0E=',
        skipTLSVerify: true,
      },
      {
        name: 'people-only',
        url: 'https://people.example',
        authProvider: 'oidc',
        oidcTokenProvider: 'okta',
      },
      {
        name: 'proxied',
        url: 'http://localhost:8001',
        authProvider: 'localKubectlProxy',
      },
      {
        name: 'no-ca',
        url: 'https://no-ca.example',
        authProvider: 'serviceAccount',
        serviceAccountToken: 't',
        caFile: join(folder, 'missing.pem'),
      },
    ]);
    try {
      expect(setClusterSource).toHaveBeenCalledTimes(1);
      const clusters = await source!();
      expect(clusters).toEqual([
        {
          name: 'prod-blue',
          title: 'Blue',
          url: 'https://blue.example',
          caData: Buffer.from(PEM).toString('base64'),
          credential: expect.any(Function),
          resources: [],
        },
        {
          name: 'prod-green',
          url: 'https://green.example/prefix',
          caData: 'Q0E=',
          skipTLSVerify: true,
          credential: expect.any(Function),
          resources: [],
        },
        {
          name: 'people-only',
          url: 'https://people.example',
          notWatched:
            "auth provider 'oidc' needs the token of the person who looks",
        },
        {
          name: 'proxied',
          url: 'http://localhost:8001',
          credential: expect.any(Function),
          resources: [],
        },
        {
          name: 'no-ca',
          url: 'https://no-ca.example',
          notWatched: 'its CA file cannot be read',
        },
      ]);
      const credentials = clusters.flatMap(cluster =>
        'credential' in cluster ? [cluster.credential()] : [],
      );
      await expect(Promise.all(credentials)).resolves.toEqual([
        { token: 'own-token-blue' },
        { token: 'own-token-green' },
        {},
      ]);

      await source!();
      // Each that is not watched is named once, however often the fleet asks.
      expect(
        logged.filter(([message]) => message === 'Cluster is not watched'),
      ).toEqual([
        [
          'Cluster is not watched',
          {
            cluster: 'people-only',
            reason:
              "auth provider 'oidc' needs the token of the person who looks",
          },
        ],
        [
          'Cluster is not watched',
          { cluster: 'no-ca', reason: 'its CA file cannot be read' },
        ],
      ]);
    } finally {
      await backend.stop();
    }
  });

  it('leaves the Kubernetes plugin as it was', async () => {
    const { backend } = await start([
      {
        name: 'prod-blue',
        url: 'https://blue.example',
        authProvider: 'serviceAccount',
        serviceAccountToken: 'token-blue',
      },
    ]);
    try {
      const response = await request(backend.server).get(
        '/api/kubernetes/clusters',
      );
      expect(response.body).toEqual({
        items: [expect.objectContaining({ name: 'prod-blue' })],
      });
    } finally {
      await backend.stop();
    }
  });

  it('does nothing where the portal has no clusters configured', async () => {
    const { backend, setClusterSource } = await start(undefined);
    expect(setClusterSource).not.toHaveBeenCalled();
    await backend.stop();
  });
});
