import { mockCredentials, mockErrorHandler, mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import express from 'express';
import request from 'supertest';
import { createRouter } from './router';
import { readOpenApiDocument } from './router/openApiDocument';
import { HealthReporter } from './health/HealthReporter';
import { LockService, RunService } from './service/types';

const RUN = '00000000-0000-4000-8000-000000000000';

async function start(runs: Partial<RunService>) {
  const logger = mockServices.logger.mock();
  const router = await createRouter({
    runs: runs as RunService,
    locks: {} as LockService,
    health: new HealthReporter({ pool: { query: async () => Promise.reject(new Error('down')) } as any }),
    httpAuth: mockServices.httpAuth(),
    userInfo: mockServices.userInfo(),
    catalog: catalogServiceMock(),
    auditor: mockServices.auditor.mock({
      createEvent: async () => ({ success: async () => {}, fail: async () => {} }),
    }),
    logger,
  });
  const app = express().use(router).use(mockErrorHandler());
  return { app, router, logger };
}

describe('createRouter', () => {
  it('serves what its document describes, and nothing else', async () => {
    const { router } = await start({});
    const document: any = await readOpenApiDocument();
    const described = Object.entries<object>(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(method => `${method} ${path}`),
    );
    const served = router.stack.flatMap(({ route }) => {
      if (!route) return [];
      const { path, methods } = route as unknown as { path: string; methods: Record<string, boolean> };
      return Object.keys(methods).map(method => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    });
    expect(served.sort()).toEqual(described.sort());
    // Every reference within the document leads somewhere.
    for (const [, ref] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = ref.split('/').reduce((at: any, name) => at?.[name], document);
      expect([ref, typeof found]).toEqual([ref, 'object']);
    }
  });

  it.each([
    Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), { code: 'ECONNREFUSED' }),
    Object.assign(new Error('relation "run" does not exist'), { code: '42P01' }),
    new Error('timeout exceeded when trying to connect'),
    new Error('Connection terminated unexpectedly'),
  ])('tells callers that the database is away, and only the log why: %s', async error => {
    const { app, logger } = await start({ getRun: async () => Promise.reject(error) });
    const answer = await request(app)
      .get(`/v1/runs/${RUN}`)
      .set('Authorization', mockCredentials.user.header());
    expect(answer.status).toBe(503);
    expect(answer.body.error.message).toBe(
      'The database of runs cannot be reached at the moment; nothing has been changed',
    );
    expect(JSON.stringify(answer.body)).not.toMatch(/10\.1\.2\.3|relation|timeout|terminated/);
    expect(logger.error.mock.calls).toEqual([
      ['A request failed at the database', { reason: expect.stringContaining(error.message) }],
    ]);
  });

  it('says when it is not well', async () => {
    const { app } = await start({});
    const answer = await request(app).get('/v1/health');
    expect([answer.status, answer.body]).toEqual([
      503,
      { status: 'unavailable', worker: false, database: 'unreachable', activeRuns: 0 },
    ]);
  });
});
