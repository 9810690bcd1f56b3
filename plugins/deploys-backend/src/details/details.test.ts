import {
  BackstageCredentials,
  BackstageUserPrincipal,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  AuthorizeResult,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  manifestsReadPermission,
  stateReadPermission,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  createDeploysDeploymentConditionalDecision,
  deploysDeploymentConditions,
} from '@switchyard/backstage-plugin-deploys-node';
import {
  ArgoCdError,
  ArgoCdReader,
  deploymentsOf,
  fleetServiceRef,
} from '@switchyard/fleet-node';
import request from 'supertest';
import { deploysPlugin } from '../plugin';
import { FakeFleet } from '../tests/FakeFleet';
import {
  intruder,
  orders,
  ordersFleet,
  targetsConfig,
} from '../tests/ordersWorld';

const BASE = '/api/deploys/v1/entities/component/default';
const CONFIG = {
  switchyard: {
    environments: [
      { name: 'production', match: [{ cluster: ['prod-blue', 'prod-green'] }] },
    ],
    clusterAliases: [{ argocd: 'green-eu', cluster: 'prod-green' }],
  },
};
const COMMIT = 'c0ffee'.padEnd(40, '0');
const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };
const SECRET = { kind: 'Secret', data: { password: 'canary-4711' } };

/** Dana's team owns orders; everybody sees; the guest does not even do that. */
const byTable = mockServices.permissions.mock({
  authorizeConditional: async (queries, options) => {
    const { credentials } = options as {
      credentials: BackstageCredentials<BackstageUserPrincipal>;
    };
    const user = credentials.principal.userEntityRef;
    return queries.map(({ permission }) => {
      if (user === 'user:default/guest') {
        return DENY;
      }
      return permission.name === stateReadPermission.name
        ? ALLOW
        : createDeploysDeploymentConditionalDecision(manifestsReadPermission, {
            anyOf: [
              deploysDeploymentConditions.isEntityOwner({
                ownerRefs:
                  user === 'user:default/dana'
                    ? ['group:default/storefront']
                    : ['group:default/realtime'],
              }),
            ],
          });
    });
  },
}).factory;

function aReader() {
  return {
    syncWindows: jest.fn(async () => ({
      canSync: true,
      activeWindows: [],
      assignedWindows: [
        { kind: 'deny', schedule: '0 18 * * 5', duration: '62h' },
      ],
    })),
    project: jest.fn(async () => ({
      name: 'storefront',
      syncWindows: [
        {
          kind: 'deny',
          schedule: '0 18 * * 5',
          duration: '62h',
          description: 'Weekend',
        },
      ],
    })),
    resourceTree: jest.fn(async () => []),
    managedResources: jest.fn(async () => [
      {
        group: '',
        kind: 'Secret',
        namespace: 'storefront',
        name: 'orders',
        hook: false,
        live: SECRET,
      },
    ]),
    revisionMetadata: jest.fn(async () => ({
      author: 'Dana <dana@example.com>',
      message: 'Ship it',
    })),
  };
}

describe('details of a deployment', () => {
  let fleet: FakeFleet;
  let reader: ReturnType<typeof aReader>;
  let server: Awaited<ReturnType<typeof startTestBackend>>['server'];
  let stop: () => Promise<void>;

  beforeAll(async () => {
    fleet = ordersFleet({
      clusters: ['prod-blue', 'prod-green'],
      podsPerCluster: 1,
    });
    const backend = await startTestBackend({
      features: [
        deploysPlugin,
        mockServices.rootConfig.factory({ data: CONFIG }),
        byTable,
        catalogServiceMock.factory({ entities: [orders, intruder] }),
        createServiceFactory({
          service: fleetServiceRef,
          deps: {},
          factory: () => fleet,
        }),
        createServiceFactory({
          service: signalsServiceRef,
          deps: {},
          factory: () => ({ publish: async () => {} }),
        }),
      ],
    });
    server = backend.server;
    stop = () => backend.stop();
  });

  afterAll(() => stop());

  beforeEach(() => {
    reader = aReader();
    fleet.argo = () => reader as unknown as ArgoCdReader;
    const full = fleet.full.get('orders-prod-blue')!;
    full.status!.history![1].revision = COMMIT;
    // Nothing that is kept from the test before.
    full.metadata.resourceVersion = String(Math.random());
  });

  const as = (user: string) =>
    mockCredentials.user.header(`user:default/${user}`);
  const ask = (entity: string, id: string, part: string, user = 'dana') =>
    request(server)
      .get(`${BASE}/${entity}/deployments/${encodeURIComponent(id)}/${part}`)
      .set('Authorization', as(user));
  const idsOf = (entity: Entity) =>
    deploymentsOf(entity, fleet, targetsConfig).deployments.map(({ id }) => id);
  const blue = (entity = orders) =>
    idsOf(entity).find(id => id.includes('orders-prod-blue'))!;

  it('are there for a line of the card', async () => {
    const id = blue();
    const details = await ask('orders', id, 'details');
    expect(details.status).toBe(200);
    expect(details.headers['cache-control']).toBe('private, no-store');
    expect(details.body).toMatchObject({
      operation: { phase: 'Succeeded' },
      syncPolicy: expect.stringMatching(/^Automated/),
      conditions: [],
      children: [],
    });
    const history = await ask('orders', id, 'history');
    expect(history.body.entries).toMatchObject([
      {
        id: 1,
        automated: true,
        commits: [
          {
            revision: COMMIT,
            author: 'Dana <dana@example.com>',
            message: 'Ship it',
          },
        ],
      },
      { id: 0, commits: [] },
    ]);
    const windows = await ask('orders', id, 'windows');
    expect(windows.body).toMatchObject({
      canSync: true,
      windows: [{ description: 'Weekend', active: false }],
    });
    const tree = await ask('orders', id, 'tree');
    expect(tree.body.roots).toHaveLength(3);
    const diff = await ask('orders', id, 'diff');
    expect(diff.body.resources).toMatchObject([
      { name: 'orders', change: 'deleted', masked: 1 },
    ]);
    expect(diff.text).not.toContain('canary');
  });

  it('ask Argo CD once for however many look', async () => {
    const id = blue();
    await Promise.all(
      Array.from({ length: 20 }, () =>
        Promise.all(
          ['tree', 'diff'].map(part => ask('orders', id, part).expect(200)),
        ),
      ),
    );
    expect(reader.resourceTree).toHaveBeenCalledTimes(1);
    expect(reader.managedResources).toHaveBeenCalledTimes(1);
  });

  it('tell an entity that only claims the Application nothing of cluster and Git', async () => {
    const id = blue(intruder);
    const { status: full } = fleet.full.get('orders-prod-blue')!;
    const before = structuredClone(full!);
    const canary = { message: 'denied by webhook: tenant acme' };
    full!.conditions = [{ type: 'SyncError', ...canary }];
    Object.assign(full!.operationState!, {
      ...canary,
      operation: { sync: {}, info: [{ name: 'why', value: 'acme' }] },
      syncResult: {
        revision: COMMIT,
        resources: [
          {
            kind: 'Deployment',
            name: 'orders',
            status: 'SyncFailed',
            ...canary,
          },
        ],
      },
    });
    const own = await ask('orders', blue(), 'details').expect(200);
    expect(own.text.match(/acme/g)).toHaveLength(4);
    const claimed = await ask('intruder', id, 'details', 'ravi').expect(200);
    expect(claimed.text).not.toContain('acme');
    expect(claimed.body).toMatchObject({
      operation: { phase: 'Succeeded', resources: [{ status: 'SyncFailed' }] },
      conditions: [{ type: 'SyncError', severity: 'error' }],
    });
    Object.assign(full!, before);
    const details = await ask('intruder', id, 'details', 'ravi').expect(200);
    expect(details.body).toMatchObject({
      children: [],
      withheld: expect.stringContaining('orders'),
    });
    expect(details.body).not.toHaveProperty('parent');
    for (const part of ['tree', 'diff']) {
      const { status, body } = await ask('intruder', id, part, 'ravi');
      expect([part, status]).toEqual([part, 403]);
      expect(body.error.message).toContain(
        'Application argocd/orders-prod-blue names another entity',
      );
    }
    const history = await ask('intruder', id, 'history', 'ravi');
    expect(history.text).not.toMatch(/Ship it|dana@/);
    expect(history.body.entries[0].commits[0]).toMatchObject({
      revision: COMMIT,
      problem: expect.stringContaining('names another entity'),
    });
    for (const call of Object.values(reader)) {
      expect(call).not.toHaveBeenCalled();
    }
  });

  it('ask for a project again soon that did not come in time, and not for one that may not be read', async () => {
    jest.useFakeTimers({
      doNotFake: ['nextTick', 'setImmediate'],
      now: Date.now(),
    });
    try {
      const windows = (kind: 'unreachable' | 'forbidden' | undefined) => {
        if (kind) {
          reader.project.mockRejectedValueOnce(
            new ArgoCdError({ kind, instance: 'main', message: 'no' }),
          );
        }
        return ask('orders', blue(), 'windows').expect(200);
      };
      const isKnown = ({ body }: { body: any }) =>
        body.windows.some(
          ({ description }: { description?: string }) => description,
        );
      // Nothing that is kept from the test before.
      jest.setSystemTime(Date.now() + 120_000);
      expect(isKnown(await windows('unreachable'))).toBe(false);
      expect(isKnown(await windows(undefined))).toBe(false);
      jest.setSystemTime(Date.now() + 6_000);
      expect(isKnown(await windows(undefined))).toBe(true);
      jest.setSystemTime(Date.now() + 120_000);
      expect(isKnown(await windows('forbidden'))).toBe(false);
      jest.setSystemTime(Date.now() + 6_000);
      expect(isKnown(await windows(undefined))).toBe(false);
      expect(reader.project).toHaveBeenCalledTimes(3);
    } finally {
      jest.useRealTimers();
    }
  });

  it('show manifests to those alone who may read them', async () => {
    const id = blue();
    const { status, body } = await ask('orders', id, 'diff', 'ravi');
    expect(status).toBe(403);
    expect(body.error.message).toBe(
      'You may not read manifests of component:default/orders in production on prod-blue. It is owned by group:default/storefront.',
    );
    expect(reader.managedResources).not.toHaveBeenCalled();
    await ask('orders', id, 'tree', 'ravi').expect(200);
    for (const part of ['details', 'history', 'windows', 'tree', 'diff']) {
      await ask('orders', id, part, 'guest').expect(403);
    }
  });

  it('are not there for what is none of the entity', async () => {
    const id = blue();
    await ask('orders', 'production/x', 'details').expect(404);
    await ask('nobody', id, 'details').expect(404);
    await ask('intruder', idsOf(orders)[1], 'tree').expect(404);
    await request(server)
      .get(`${BASE}/orders/deployments/${encodeURIComponent(id)}/details`)
      .set('Authorization', mockCredentials.none.header())
      .expect(401);
  });

  it('say what Argo CD did not do, and keep nothing of it', async () => {
    const id = blue();
    const error = new ArgoCdError({
      kind: 'unreachable',
      instance: 'main',
      message: 'Argo CD main refuses connections',
    });
    reader.resourceTree.mockRejectedValueOnce(error);
    const failed = await ask('orders', id, 'tree');
    expect(failed.status).toBe(503);
    expect(failed.body.error.message).toBe('Argo CD main refuses connections');
    await ask('orders', id, 'tree').expect(200);

    reader.revisionMetadata.mockRejectedValueOnce(error);
    const history = await ask('orders', id, 'history');
    expect(history.status).toBe(200);
    expect(history.body.entries[0].commits[0].problem).toBe(error.message);
  });

  it('without any Argo CD say that there is nothing to say', async () => {
    const rows = fleet.applicationRows.splice(0);
    try {
      const [id] = idsOf(orders);
      const { status, body } = await ask('orders', id, 'details');
      expect(status).toBe(404);
      expect(body.error.message).toMatch(/^No Application of Argo CD/);
    } finally {
      fleet.applicationRows.push(...rows);
    }
  });

  it('without any cluster are whole, for Argo CD tells them', async () => {
    const clusters = fleet.clusterList.splice(0);
    const pods = fleet.podRows.splice(0);
    const workloads = fleet.workloadRows.splice(0);
    try {
      const id = blue();
      for (const part of ['details', 'history', 'windows', 'tree', 'diff']) {
        await ask('orders', id, part).expect(200);
      }
    } finally {
      fleet.clusterList.push(...clusters);
      fleet.podRows.push(...pods);
      fleet.workloadRows.push(...workloads);
    }
  });
});
