import { mkdtemp, rm } from 'node:fs/promises';
import { IncomingMessage } from 'node:http';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  DeploymentState,
  EntityDeploysState,
} from '@switchyard/backstage-plugin-deploys-common';
import { fleetServiceRef } from '@switchyard/fleet-node';
import { SandboxHandle, startSandbox } from '@switchyard/sandbox';
import request from 'supertest';
import { deploysPlugin } from '../plugin';
import { eventually } from './sandboxWorld';

jest.setTimeout(120_000);

const API = '/api/deploys/v1/entities/component/default';
const INSTANCES = ['east', 'west'] as const;
type Instance = (typeof INSTANCES)[number];

const orders = (name: string, annotations: Record<string, string> = {}) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name,
    annotations: {
      'argocd/app-selector': 'backstage-name=orders',
      ...annotations,
    },
  },
  spec: { type: 'service', owner: 'group:default/storefront' },
});

/**
 * Two worlds that call everything by the same names: Applications, projects, destinations; even the uids of objects are the same, as after a restore from a
 * backup. Only the portal's names of the clusters differ.
 */
describe('one entity in several Argo CD instances', () => {
  const worlds = {} as Record<
    Instance,
    { dir: string; sandbox: SandboxHandle }
  >;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  let logIns = 0;
  const countLogIns = (message: unknown) => {
    const { request: asked } = message as { request: IncomingMessage };
    if (asked.url === '/api/v1/session') logIns += 1;
  };

  const clusters = () =>
    INSTANCES.flatMap(instance =>
      worlds[instance].sandbox.clusters.map(({ name, url, token }) => ({
        name: `${instance}-${name}`,
        url,
        credential: async () => ({ token }),
      })),
    );

  beforeAll(async () => {
    subscribe('http.server.request.start', countLogIns);
    for (const name of INSTANCES) {
      const dir = await mkdtemp(join(tmpdir(), `deploys-${name}-`));
      worlds[name] = { dir, sandbox: await startSandbox({ dir }) };
    }
    backend = await startTestBackend({
      features: [
        deploysPlugin,
        createBackendPlugin({
          pluginId: 'clusters-of-both',
          register(env) {
            env.registerInit({
              deps: { fleet: fleetServiceRef },
              async init({ fleet }) {
                fleet.setClusterSource(async () => clusters());
              },
            });
          },
        }),
        mockServices.rootConfig.factory({ data: config() }),
        mockServices.permissions.factory({ result: AuthorizeResult.ALLOW }),
        catalogServiceMock.factory({
          entities: [
            orders('orders'),
            orders('only-west', { 'argocd/instance-name': 'west' }),
          ],
        }),
        createServiceFactory({
          service: signalsServiceRef,
          deps: {},
          factory: () => ({ publish: async () => {} }),
        }),
      ],
    });
    await eventually(async () => {
      const { body } = await request(backend.server).get(
        '/api/deploys/v1/fleet',
      );
      const sources = [...body.clusters, ...body.argoInstances];
      const live = sources.filter(({ state }) => state === 'live');
      if (live.length !== 8) throw new Error('The fleet is not connected yet');
    });
  });

  afterAll(async () => {
    unsubscribe('http.server.request.start', countLogIns);
    await backend?.stop();
    for (const { dir, sandbox } of Object.values(worlds)) {
      await sandbox.close();
      await rm(dir, { recursive: true, force: true });
    }
  });

  function config() {
    const { east, west } = worlds;
    return {
      argocd: {
        appLocatorMethods: [
          {
            type: 'config',
            instances: [
              {
                name: 'east',
                url: east.sandbox.argocd.url,
                token: east.sandbox.argocd.token,
              },
              {
                name: 'west',
                url: west.sandbox.argocd.url,
                username: west.sandbox.argocd.username,
                password: west.sandbox.argocd.password,
              },
            ],
          },
        ],
      },
      switchyard: {
        environments: [
          { name: 'production', match: [{ cluster: ['*-prod-*'] }] },
          { name: 'development', match: [{ cluster: ['*-dev'] }] },
        ],
        clusterAliases: INSTANCES.flatMap(instance =>
          worlds[instance].sandbox.clusters.map(({ name, argocdName }) => ({
            argocd: argocdName,
            instance,
            cluster: `${instance}-${name}`,
          })),
        ),
      },
    };
  }

  async function stateOf(name = 'orders'): Promise<EntityDeploysState> {
    const response = await request(backend.server).get(`${API}/${name}/state`);
    expect(response.status).toBe(200);
    return response.body;
  }
  const outline = (rows: DeploymentState[]) =>
    rows
      .map(({ application, cluster, workloads }) => [
        application?.instance,
        application?.name,
        cluster,
        workloads.some(({ pods }) => pods.length > 0),
      ])
      .sort();
  const allOf = (instance: Instance) => [
    [instance, 'orders-blue', `${instance}-prod-blue`, true],
    [instance, 'orders-dev', `${instance}-dev`, true],
    [instance, 'orders-green', `${instance}-prod-green`, true],
  ];
  async function read(instance: Instance, part: string) {
    const { deployments } = await stateOf();
    const { id } = deployments.find(
      ({ application }) =>
        application?.instance === instance &&
        application.name === 'orders-blue',
    )!;
    return request(backend.server).get(
      `${API}/orders/deployments/${encodeURIComponent(id)}/${part}`,
    );
  }
  async function fault(instance: Instance, body: object) {
    const { url } = worlds[instance].sandbox.faults;
    const response = await fetch(`${url}/api/faults`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  }

  it('has a line for each, joined to the cluster that this instance means', async () => {
    await eventually(async () =>
      expect(outline((await stateOf()).deployments)).toEqual([
        ...allOf('east'),
        ...allOf('west'),
      ]),
    );
    const { deployments } = await stateOf();
    expect(new Set(deployments.map(({ id }) => id)).size).toBe(6);
    for (const { application } of deployments) {
      expect(application!.url).toContain(
        worlds[application!.instance as Instance].sandbox.argocd.url,
      );
    }
  });

  it('keeps to the instances that the entity names', async () => {
    expect(outline((await stateOf('only-west')).deployments)).toEqual(
      allOf('west'),
    );
  });

  it('logged in once where that is by password, however much was asked', async () => {
    await Promise.all(
      Array.from({ length: 10 }, () => read('west', 'history')),
    );
    expect(logIns).toBe(1);
  });

  it('opens each with its own instance', async () => {
    await fault('west', {
      fault: 'argocd-window',
      target: 'storefront',
      on: true,
    });
    const canSync = async (instance: Instance) =>
      (await read(instance, 'windows')).body.canSync;
    expect(await canSync('east')).toBe(true);
    expect(await canSync('west')).toBe(false);
    await fault('west', {
      fault: 'argocd-window',
      target: 'storefront',
      on: false,
    });
  });

  it('keeps the last state of one that is down, says so, and has the other as before', async () => {
    await fault('west', { fault: 'argocd-down', on: true });
    await eventually(async () => {
      const { sources } = await stateOf();
      expect(sources.find(({ id }) => id === 'argocd:west')).toMatchObject({
        state: 'unreachable',
      });
    });
    const { deployments, sources } = await stateOf();
    expect(outline(deployments)).toEqual([...allOf('east'), ...allOf('west')]);
    expect(sources.find(({ id }) => id === 'argocd:east')).toMatchObject({
      state: 'live',
    });
    expect((await read('east', 'tree')).status).toBe(200);
    const refused = await read('west', 'tree');
    expect(refused.status).toBe(503);
    expect(refused.body.error.message).not.toContain('127.0.0.1');
    await fault('west', { fault: 'argocd-down', on: false });
    await eventually(async () =>
      expect((await read('west', 'tree')).status).toBe(200),
    );
  });
});
