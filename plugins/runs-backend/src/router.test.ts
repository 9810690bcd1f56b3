import {
  mockCredentials,
  mockErrorHandler,
  mockServices,
} from '@backstage/backend-test-utils';
import { ConflictError } from '@backstage/errors';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import express from 'express';
import request from 'supertest';
import { AuditService } from './audit/AuditService';
import { RecordService } from './record/RecordService';
import { createRouter } from './router';
import { readOpenApiDocument } from './router/openApiDocument';
import { HealthReporter } from './health/HealthReporter';
import { EvidenceService } from './service/EvidenceService';
import { GateService } from './service/GateService';
import { LogService } from './service/LogService';
import { PassService } from './service/PassService';
import { RightsService } from './service/RightsService';
import { RunVerbService } from './service/RunVerbService';
import { LockService, RunService } from './service/types';

const RUN = '00000000-0000-4000-8000-000000000000';

async function start(runs: Partial<RunService>) {
  const logger = mockServices.logger.mock();
  const router = await createRouter({
    runs: runs as RunService,
    verbs: {} as RunVerbService,
    evidence: {} as EvidenceService,
    logs: {} as LogService,
    gates: {} as GateService,
    passes: {} as PassService,
    locks: {} as LockService,
    audit: {} as AuditService,
    rights: {} as RightsService,
    record: {} as RecordService,
    health: new HealthReporter({
      pool: { query: async () => Promise.reject(new Error('down')) } as any,
    }),
    httpAuth: mockServices.httpAuth(),
    userInfo: mockServices.userInfo(),
    catalog: catalogServiceMock(),
    auditor: mockServices.auditor.mock({
      createEvent: async () => ({
        success: async () => {},
        fail: async () => {},
      }),
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
    const described = Object.entries<object>(document.paths).flatMap(
      ([path, operations]) =>
        Object.keys(operations).map(method => `${method} ${path}`),
    );
    const served = router.stack.flatMap(({ route }) => {
      if (!route) return [];
      const { path, methods } = route as unknown as {
        path: string;
        methods: Record<string, boolean>;
      };
      return Object.keys(methods).map(
        method => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`,
      );
    });
    expect(served.sort()).toEqual(described.sort());
    // Every reference within the document leads somewhere.
    for (const [, ref] of JSON.stringify(document).matchAll(
      /"\$ref":"#\/([^"]+)"/g,
    )) {
      const found = ref
        .split('/')
        .reduce((at: any, name) => at?.[name], document);
      expect([ref, typeof found]).toEqual([ref, 'object']);
    }
  });

  it.each<[string, Error, number, string]>([
    [
      'a broken statement',
      Object.assign(new Error('relation "run" of db1 is gone'), {
        code: '42P01',
      }),
      503,
      'database',
    ],
    [
      'a full pool',
      new Error('timeout exceeded when trying to connect'),
      503,
      'database',
    ],
    [
      'a lost connection',
      new Error('Connection terminated unexpectedly'),
      503,
      'database',
    ],
    [
      'a host that refuses',
      Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), {
        code: 'ECONNREFUSED',
      }),
      503,
      'does not answer',
    ],
    [
      'a fetch that fails',
      Object.assign(new TypeError('fetch failed'), {
        cause: { code: 'ENOTFOUND', message: 'db1.internal' },
      }),
      503,
      'does not answer',
    ],
    [
      'a mistake',
      new TypeError("cannot read 'x' of db1"),
      500,
      'internal error',
    ],
    [
      'what is made for callers',
      new ConflictError('It has ended'),
      409,
      'It has ended',
    ],
  ])(
    'keeps to itself what callers must not see: %s',
    async (_, error, status, message) => {
      const { app, logger } = await start({
        getRun: async () => Promise.reject(error),
      });
      const answer = await request(app)
        .get(`/v1/runs/${RUN}`)
        .set('Authorization', mockCredentials.user.header());
      expect(answer.status).toBe(status);
      expect(answer.body.error.message).toContain(message);
      if (status === 409) return;
      expect(JSON.stringify(answer.body)).not.toMatch(
        /10\.1\.2\.3|db1|relation|timeout|terminated|ECONN/,
      );
      expect(logger.error.mock.calls).toEqual([
        [
          expect.stringContaining('A request failed'),
          { reason: expect.stringContaining(error.message) },
        ],
      ]);
    },
  );

  it.each<[string, string]>([
    ['lists', `${'['.repeat(9_000)}${']'.repeat(9_000)}`],
    ['objects', `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`],
  ])('refuses endlessly nested %s', async (_, value) => {
    const { app } = await start({});
    const answer = await request(app)
      .post('/v1/previews')
      .set('Authorization', mockCredentials.user.header())
      .set('Content-Type', 'application/json')
      .send(
        `{"action":"a","entityRef":"component:default/x","environment":"e","input":{"value":${value}}}`,
      );
    expect([answer.status, answer.body.error.message]).toEqual([
      400,
      expect.stringContaining('nested deeper than 20 levels'),
    ]);
  });

  it('says when it is not well', async () => {
    const { app } = await start({});
    const answer = await request(app).get('/v1/health');
    expect([answer.status, answer.body]).toEqual([
      503,
      {
        status: 'unavailable',
        worker: false,
        database: 'unreachable',
        activeRuns: 0,
      },
    ]);
  });
});
