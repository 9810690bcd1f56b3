import { createServiceFactory } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
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
const CONFIG = {
  switchyard: {
    environments: [
      { name: 'production', match: [{ cluster: ['prod-blue', 'prod-green'] }] },
    ],
    clusterAliases: [{ argocd: 'green-eu', cluster: 'prod-green' }],
  },
};

async function start(
  options: {
    fleet?: FakeFleet;
    permission?: AuthorizeResult.ALLOW | AuthorizeResult.DENY;
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
      mockServices.permissions.factory({
        result: options.permission ?? AuthorizeResult.ALLOW,
      }),
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
    // Without permission nobody learns whether there is such an entity.
    [STATE.replace('orders', 'nobody'), 'deploys.state.read'],
  ])('refuses %s without the permission', async (path, permission) => {
    const { server } = await start({ permission: AuthorizeResult.DENY });
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
      await knex.migrate.down({
        directory: `${__dirname}/../migrations`,
      });
      expect(await knex.schema.hasTable('deploys_settings')).toBe(false);
    },
  );
});
