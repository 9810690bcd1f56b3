import { createBackendModule } from '@backstage/backend-plugin-api';
import { mockCredentials, mockServices, startTestBackend, TestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { runsActionsExtensionPoint } from '@switchyard/backstage-plugin-runs-node';
import request from 'supertest';
import { runsPlugin } from './plugin';
import { TestDatabase } from './tests/TestDatabase';
import { createKind, ENTITY_REF, until } from './tests/testKind';

const entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'orders', namespace: 'default' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/storefront' }],
};
const user = { apiVersion: 'backstage.io/v1alpha1', kind: 'User', metadata: { name: 'mock', namespace: 'default' } };

describe('runsPlugin', () => {
  let database: TestDatabase;
  let backend: TestBackend;

  beforeAll(async () => {
    database = await TestDatabase.create();
    backend = await startTestBackend({
      features: [
        runsPlugin,
        createBackendModule({
          pluginId: 'runs',
          moduleId: 'test',
          register(env) {
            env.registerInit({
              deps: { actions: runsActionsExtensionPoint },
              async init({ actions }) {
                actions.addActionKind(createKind({}));
              },
            });
          },
        }),
        mockServices.database.mock(database.createService(database.createKnex())).factory,
        catalogServiceMock.factory({ entities: [entity, user] }),
        createServiceFactory({
          service: signalsServiceRef,
          deps: {},
          factory: () => ({ publish: async () => {} }),
        }),
      ],
    });
  });

  afterAll(async () => {
    await backend?.stop();
    await database?.drop();
  });

  const body = { action: 'test', entityRef: ENTITY_REF, environment: 'production', input: { version: 'v2' } };

  it('carries a request from preview to success', async () => {
    const preview = await request(backend.server).post('/api/runs/v1/previews').send(body).expect(200);
    expect(preview.body.verdict).toEqual({ allowed: true, blockers: [], warnings: [] });

    const created = await request(backend.server)
      .post('/api/runs/v1/runs')
      .set('Authorization', mockCredentials.user.header())
      .set('Idempotency-Key', 'first')
      .send({ ...body, reason: 'To see it work', planHash: preview.body.planHash });
    expect(created.body).toMatchObject({ status: 'queued', stepsTotal: 2, requestedBy: 'user:default/mock' });
    expect(created.status).toBe(201);

    await until(async () => {
      const { body: run } = await request(backend.server).get(`/api/runs/v1/runs/${created.body.id}`);
      return run.status === 'succeeded';
    });
  });
});
