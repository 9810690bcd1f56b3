import {
  BackstageCredentials,
  BackstageUserPrincipal,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import {
  AuthorizeResult,
  PolicyDecision,
  QueryPermissionRequest,
} from '@backstage/plugin-permission-common';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  EntityDeploysState,
  logsReadPermission,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  createDeploysDeploymentConditionalDecision,
  deploysDeploymentConditions,
} from '@switchyard/backstage-plugin-deploys-node';
import { fleetServiceRef } from '@switchyard/fleet-node';
import request from 'supertest';
import { DatabaseSettingStore } from './database/DatabaseSettingStore';
import { deploysPlugin } from './plugin';
import { FakeFleet } from './tests/FakeFleet';
import {
  intruder,
  LIVE_VERSION,
  orders,
  ordersFleet,
  podRow,
} from './tests/ordersWorld';

const databases = TestDatabases.create({ ids: ['POSTGRES_18', 'SQLITE_3'] });

const STATE = '/api/deploys/v1/entities/component/default/orders/state';
const POD = podRow('prod-blue', 0, LIVE_VERSION).name;
const LOGS = `/api/deploys/v1/entities/component/default/orders/pods/prod-blue/storefront/${POD}/logs`;
const EVENTS = LOGS.replace(/logs$/, 'events');
const METRICS = STATE.replace(/state$/, 'metrics');
const MERGED = STATE.replace(
  /state$/,
  'logs?cluster=prod-blue&namespace=storefront&workload=Deployment/orders',
);
const CONFIG = {
  switchyard: {
    environments: [
      { name: 'production', match: [{ cluster: ['prod-blue', 'prod-green'] }] },
    ],
    clusterAliases: [{ argocd: 'green-eu', cluster: 'prod-green' }],
  },
};

const GROUPS: Record<string, string> = {
  'user:default/dana': 'group:default/storefront',
  'user:default/ravi': 'group:default/realtime',
};

/** As a table of rights would: everyone sees, developers read logs of what their team owns in production, the guest reads none. */
function decide(
  { permission }: QueryPermissionRequest,
  user: string,
): PolicyDecision {
  if (permission.name !== logsReadPermission.name)
    return { result: AuthorizeResult.ALLOW };
  if (!GROUPS[user]) return { result: AuthorizeResult.DENY };
  return createDeploysDeploymentConditionalDecision(logsReadPermission, {
    allOf: [
      deploysDeploymentConditions.isEntityOwner({ ownerRefs: [GROUPS[user]] }),
      deploysDeploymentConditions.isInEnvironment({
        environments: ['production'],
      }),
    ],
  });
}

const byTable = mockServices.permissions.mock({
  authorizeConditional: async (queries, options) => {
    const { credentials } = options as {
      credentials: BackstageCredentials<BackstageUserPrincipal>;
    };
    return queries.map(query =>
      decide(query, credentials.principal.userEntityRef),
    );
  },
}).factory;

async function start(
  options: {
    fleet?: FakeFleet;
    permissions?: typeof byTable;
  } = {},
) {
  const fleet =
    options.fleet ??
    ordersFleet({ clusters: ['prod-blue', 'prod-green'], podsPerCluster: 5 });
  const publish = jest.fn(async () => {});
  const { server, stop } = await startTestBackend({
    features: [
      deploysPlugin,
      mockServices.rootConfig.factory({ data: CONFIG }),
      options.permissions ??
        mockServices.permissions.factory({ result: AuthorizeResult.ALLOW }),
      catalogServiceMock.factory({ entities: [orders, intruder] }),
      createServiceFactory({
        service: fleetServiceRef,
        deps: {},
        factory: () => fleet,
      }),
      createServiceFactory({
        service: signalsServiceRef,
        deps: {},
        factory: () => ({ publish }),
      }),
    ],
  });
  return { server, stop, fleet, publish };
}

describe('deploysPlugin', () => {
  it('serves a state of at most 20 kB, and again only if it changed', async () => {
    const { server } = await start();
    const first = await request(server).get(STATE);
    expect(first.status).toBe(200);
    expect(Buffer.byteLength(first.text)).toBeLessThan(20_000);
    expect(first.body.summary.text).toBe('All 10 pods are ready on 2 clusters');
    const again = await request(server)
      .get(STATE)
      .set('If-None-Match', first.headers.etag);
    expect(again.status).toBe(304);
  });

  it('rings on the channel of the state when a pod changes', async () => {
    const { server, fleet, publish } = await start();
    const { body } = await request(server).get(STATE);
    fleet.putPod(podRow('prod-blue', 0, LIVE_VERSION, { ready: false }));
    for (
      let tries = 0;
      publish.mock.calls.length === 0 && tries < 100;
      tries++
    ) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    const changed = await request(server).get(STATE);
    expect(publish).toHaveBeenCalledWith({
      recipients: { type: 'broadcast' },
      channel: body.channel,
      message: { hash: changed.body.hash },
    });
    expect(changed.body.hash).not.toBe(body.hash);
  });

  it.each([STATE, LOGS, '/api/deploys/v1/fleet'])(
    'wants a token for %s',
    async path => {
      const { server } = await start();
      const response = await request(server)
        .get(path)
        .set('authorization', mockCredentials.none.header());
      expect(response.status).toBe(401);
    },
  );

  it.each([
    [STATE, 'deploys.state.read'],
    [
      STATE.replace('/state', '/versions?environment=production'),
      'deploys.state.read',
    ],
    ['/api/deploys/v1/fleet', 'deploys.state.read'],
    [LOGS, 'deploys.logs.read'],
    [MERGED, 'deploys.logs.read'],
    [EVENTS, 'deploys.state.read'],
    [METRICS, 'deploys.state.read'],
    // Without permission nobody learns whether there is such an entity.
    [STATE.replace('orders', 'nobody'), 'deploys.state.read'],
    [LOGS.replace('orders', 'nobody'), 'deploys.logs.read'],
    [MERGED.replace('default/orders', 'default/nobody'), 'deploys.logs.read'],
    [METRICS.replace('orders', 'nobody'), 'deploys.state.read'],
  ])('refuses %s without the permission', async (path, permission) => {
    const { server } = await start({
      permissions: mockServices.permissions.factory({
        result: AuthorizeResult.DENY,
      }),
    });
    const response = await request(server).get(path);
    expect(response.status).toBe(403);
    expect(response.body.error.message).toContain(permission);
  });

  it('answers 404 for an unknown entity and 400 for what is no entity', async () => {
    const { server } = await start();
    const missing = await request(server).get(
      STATE.replace('orders', 'nobody'),
    );
    expect(missing.status).toBe(404);
    const malformed = await request(server).get(
      STATE.replace('orders', '..%2F..'),
    );
    expect(malformed.status).toBe(400);
  });

  it('reads a log for the entity that the target names, and for no other', async () => {
    const { server } = await start();
    const log = await request(server).get(LOGS);
    expect([log.status, log.text]).toEqual([200, 'first\nsecond\n']);
    const refused = await request(server).get(
      LOGS.replace('orders', 'intruder'),
    );
    expect(refused.status).toBe(403);
    expect(refused.body.error.message).toContain('does not name this entity');
  });

  it('reads the logs of a workload as one, for the entity that the target names and for no other', async () => {
    const { server, fleet } = await start();
    const { text, status } = await request(server).get(`${MERGED}&tail=7`);
    expect(status).toBe(200);
    const records = text
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line));
    expect(records.filter(({ type }) => type === 'source')).toHaveLength(5);
    expect(records.filter(Array.isArray)).toHaveLength(10);
    expect(fleet.logRequests[0]).toMatchObject({
      tailLines: 7,
      timestamps: true,
      follow: false,
    });
    for (const [path, expected] of [
      [MERGED.replace('default/orders', 'default/intruder'), 403],
      [MERGED.replace('Deployment/orders', 'Deployment/other'), 404],
      [MERGED.replace('prod-blue', 'dev'), 404],
      [`${MERGED}&pod=orders-not-there`, 404],
    ] as const) {
      const refused = await request(server).get(path);
      expect([path, refused.status]).toEqual([path, expected]);
    }
  });

  it('tells the events of a pod with those of what made it, newest last', async () => {
    const { server, fleet } = await start();
    const { owner, uid } = podRow('prod-blue', 0, LIVE_VERSION);
    const [{ uid: deployment }] = fleet.workloads({ cluster: 'prod-blue' });
    const say = (about: string, reason: string, minute: number) => ({
      ...podRow('prod-blue', 0, LIVE_VERSION),
      kind: 'Event',
      uid: reason,
      type: 'Warning',
      reason,
      message: `Words of ${reason}`,
      count: 3,
      lastAt: `2026-11-20T10:0${minute}:00Z`,
      about: { kind: 'Pod', namespace: 'storefront', name: 'x', uid: about },
    });
    fleet.eventRows.push(
      say(uid, 'Unhealthy', 3),
      say(owner!.uid, 'SuccessfulCreate', 2),
      say(deployment, 'ScalingReplicaSet', 1),
      say('another', 'Killing', 4),
    );
    const { body } = await request(server).get(EVENTS);
    expect(body.readable).toBe(true);
    expect(body.items.map((each: any) => each.reason)).toEqual([
      'ScalingReplicaSet',
      'SuccessfulCreate',
      'Unhealthy',
    ]);
    expect(body.items[2]).toEqual({
      type: 'Warning',
      reason: 'Unhealthy',
      message: 'Words of Unhealthy',
      count: 3,
      firstAt: '2026-11-20T10:00:00Z',
      lastAt: '2026-11-20T10:03:00Z',
      about: { kind: 'Pod', name: 'x' },
    });
    const refused = await request(server).get(
      EVENTS.replace('orders', 'intruder'),
    );
    expect(refused.status).toBe(403);
  });

  it('tells what pods use against what they ask for and may use', async () => {
    const fleet = ordersFleet({
      clusters: ['prod-blue', 'prod-green'],
      podsPerCluster: 1,
    });
    const blue = podRow('prod-blue', 0, LIVE_VERSION);
    blue.containers[0].resources = {
      cpuRequest: '250m',
      memoryRequest: '128Mi',
      memoryLimit: '256Mi',
    };
    fleet.putPod(blue);
    fleet.podMetrics = async ({ cluster }) =>
      cluster === 'prod-blue'
        ? {
            state: 'read',
            asOf: '2026-11-20T10:00:00Z',
            pods: new Map([
              [
                blue.name,
                {
                  at: '2026-11-20T10:00:00Z',
                  containers: [
                    { name: 'orders', cpu: 0.123456789, memory: 1024 },
                  ],
                },
              ],
            ]),
          }
        : { state: 'not-readable', why: 'It may not', pods: new Map() };
    const { server } = await start({ fleet });
    const { body } = await request(server).get(METRICS);
    expect(body.places).toEqual([
      {
        cluster: 'prod-blue',
        namespace: 'storefront',
        state: 'read',
        asOf: '2026-11-20T10:00:00Z',
      },
      {
        cluster: 'prod-green',
        namespace: 'storefront',
        state: 'not-readable',
        why: 'It may not',
      },
    ]);
    expect(body.pods[blue.uid]).toEqual([
      {
        name: 'orders',
        cpu: 0.1235,
        memory: 1024,
        cpuRequest: 0.25,
        memoryRequest: 128 * 1024 * 1024,
        memoryLimit: 256 * 1024 * 1024,
      },
    ]);
    expect(body.pods[podRow('prod-green', 0, LIVE_VERSION).uid]).toEqual([
      { name: 'orders' },
    ]);
  });

  describe('with permissions that are narrowed', () => {
    const ordersEverywhere = () =>
      ordersFleet({
        clusters: ['prod-blue', 'prod-green', 'dev'],
        podsPerCluster: 1,
      });
    const as = (person: string) =>
      mockCredentials.user.header(`user:default/${person}`);
    const WHY =
      'You may not read logs of component:default/orders in production on prod-blue. It is owned by group:default/storefront.';

    it('lets the owner read logs, and nobody else, whatever the page has told', async () => {
      const fleet = ordersEverywhere();
      const { server } = await start({ fleet, permissions: byTable });
      const read = async (person: string, path = LOGS) => {
        const { status, body } = await request(server)
          .get(path)
          .set('authorization', as(person));
        return [status, body.error?.message];
      };
      expect(await read('dana')).toEqual([200, undefined]);
      expect(fleet.logRequests).toHaveLength(1);
      expect(await read('ravi')).toEqual([403, WHY]);
      expect(await read('ravi', MERGED)).toEqual([403, WHY]);
      expect(await read('guest')).toEqual([
        403,
        'You may not read logs: it needs the permission deploys.logs.read',
      ]);
      // The team owns orders, and may read its logs in production only.
      const elsewhere = podRow('dev', 0, LIVE_VERSION).name;
      expect(
        await read(
          'dana',
          LOGS.replace(
            `prod-blue/storefront/${POD}`,
            `dev/storefront/${elsewhere}`,
          ),
        ),
      ).toEqual([
        403,
        WHY.replace('production on prod-blue', 'unassigned on dev'),
      ]);
      expect(fleet.logRequests).toHaveLength(1);
    });

    it("tells each person's page what that person may, and why not", async () => {
      const { server } = await start({
        fleet: ordersEverywhere(),
        permissions: byTable,
      });
      const grantsOf = async (person: string) => {
        const { body } = await request(server)
          .get(STATE)
          .set('authorization', as(person));
        return (body as EntityDeploysState).logs;
      };
      const ask = ['group:default/storefront'];
      const production = { environment: 'production', visible: true };
      expect(await grantsOf('dana')).toEqual([
        { ...production, cluster: 'prod-blue', allowed: true },
        { ...production, cluster: 'prod-green', allowed: true },
        {
          environment: 'unassigned',
          cluster: 'dev',
          visible: true,
          allowed: false,
          why: WHY.replace('production on prod-blue', 'unassigned on dev'),
          ask,
        },
      ]);
      expect((await grantsOf('ravi'))[0]).toEqual({
        ...production,
        cluster: 'prod-blue',
        allowed: false,
        why: WHY,
        ask,
      });
      expect(
        (await grantsOf('guest')).map(({ visible, allowed }) => [
          visible,
          allowed,
        ]),
      ).toEqual([
        [false, false],
        [false, false],
        [false, false],
      ]);
    });

    it("takes no person's answer for another's, though the hash is the same", async () => {
      const { server } = await start({ permissions: byTable });
      const read = (person: string, etag = '') =>
        request(server)
          .get(STATE)
          .set({ authorization: as(person), 'if-none-match': etag });
      const dana = await read('dana');
      const ravi = await read('ravi');
      expect(ravi.body.hash).toBe(dana.body.hash);
      expect((await read('dana', dana.headers.etag)).status).toBe(304);
      expect((await read('dana', ravi.headers.etag)).status).toBe(200);
    });

    it('answers the permission framework about one deployment', async () => {
      const { server } = await start();
      const { conditions } = decide(
        { permission: logsReadPermission },
        'user:default/dana',
      ) as { conditions: object };
      const refs = [
        'component:default/orders|production|prod-blue',
        'component:default/orders|development|dev',
        'component:default/intruder|production|prod-blue',
        'component:default/nobody|production|prod-blue',
        'orders',
      ];
      const { status, body } = await request(server)
        .post('/api/deploys/.well-known/backstage/permissions/apply-conditions')
        .set('authorization', mockCredentials.service.header())
        .send({
          items: refs.map((resourceRef, id) => ({
            id: String(id),
            resourceRef,
            resourceType: 'deploys-deployment',
            conditions,
          })),
        });
      expect(status).toBe(200);
      expect(
        body.items.map(({ result }: { result: string }) => result),
      ).toEqual(['ALLOW', 'DENY', 'DENY', 'DENY', 'DENY']);
    });
  });

  it('serves its description to anybody', async () => {
    const { server } = await start();
    const response = await request(server)
      .get('/api/deploys/openapi.json')
      .set('authorization', mockCredentials.none.header());
    expect(response.status).toBe(200);
    expect(response.body.info.title).toBe('Switchyard deploys');
  });
});

describe('DatabaseSettingStore', () => {
  it.each(databases.eachSupportedId())(
    'keeps the first value for all replicas, %p',
    async id => {
      const knex = await databases.init(id);
      const database = mockServices.database.mock({
        getClient: async () => knex,
        migrations: {},
      });
      const stores = [
        await DatabaseSettingStore.create({ database }),
        await DatabaseSettingStore.create({ database }),
      ];
      const values = await Promise.all(
        stores.map((store, index) =>
          store.getOrCreate('secret', () => `of ${index}`),
        ),
      );
      expect(values[0]).toBe(values[1]);
      expect(await stores[1].getOrCreate('secret', () => 'later')).toBe(
        values[0],
      );
      await knex.migrate.rollback(
        { directory: `${__dirname}/../migrations` },
        true,
      );
      expect(await knex.schema.hasTable('deploys_settings')).toBe(false);
    },
  );
});
