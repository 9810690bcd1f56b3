import { mockCredentials } from '@backstage/backend-test-utils';
import request from 'supertest';
import { RecordReport } from '@switchyard/backstage-plugin-runs-common';
import { StepFailedError } from '@switchyard/backstage-plugin-runs-node';
import { silentLogger, TestDatabase } from '../tests/TestDatabase';
import {
  ALLOW,
  anEntity,
  DENY,
  TestRunsBackend,
} from '../tests/startRunsBackend';
import { createKind, createPlan, doing, ENTITY_REF } from '../tests/testKind';
import { TestReplica } from '../tests/TestReplica';
import { Cleaner } from './Cleaner';
import { RecordStore } from './RecordStore';

jest.setTimeout(120_000);

const CHAT = 'component:default/chat';
const MINUTE_MS = 60_000;

describe('the record', () => {
  let backend: TestRunsBackend;
  let fails = false;

  beforeAll(async () => {
    const work = doing(() => {
      if (fails) throw new StepFailedError('It broke');
    });
    const kind = (name: string) => ({
      ...createKind({ kind: name, handlers: { work } }),
      plan: async ({ input, entity, environment }: any) =>
        createPlan({
          kind: name,
          entityRef: `component:default/${entity.metadata.name}`,
          environment,
          intent: { version: input.version },
          // One that failed does not keep the next one waiting.
          keys: [
            `target:${entity.metadata.name}@${environment} ${input.version}`,
          ],
          committedAt: '2026-01-01T00:00:00Z',
        }),
    });
    backend = await TestRunsBackend.start({
      kinds: [kind('test'), kind('rollback')],
      entities: [
        anEntity(ENTITY_REF, {
          ownedBy: ['group:default/storefront'],
          partOf: ['system:default/shop'],
        }),
        anEntity(CHAT, { ownedBy: ['group:default/realtime'] }),
        // A run of somebody who is gone parks.
        anEntity('user:default/dana'),
      ],
      decide: name => (name === 'nobody' ? DENY : ALLOW),
      config: {
        record: {
          manualTime: {
            default: { minutes: 10 },
            actions: { rollback: { minutes: 30 } },
          },
        },
      },
    });
    backend.hidden.set('ravi', [ENTITY_REF]);
    for (const [action, entityRef, broken] of [
      ['test', ENTITY_REF, false],
      ['test', ENTITY_REF, true],
      ['rollback', ENTITY_REF, false],
      ['test', CHAT, false],
    ] as const) {
      fails = broken;
      const run = await backend.request('dana', { action, entityRef });
      await backend.reaches(run.id, broken ? 'failed' : 'succeeded');
    }
    fails = false;
    // As if they had taken one, two and three minutes, a week apart.
    await backend.database.query(
      `UPDATE run_record SET started_at = finished_at - number * interval '1 minute', committed_at = finished_at - interval '2 hours'`,
    );
  });

  afterAll(async () => {
    await backend?.stop();
  });

  const read = async (query = '', name = 'dana'): Promise<RecordReport> =>
    (await backend.as(name).get(`/v1/record?${query}`).expect(200)).body;

  it('counts outcomes, times and what was saved, as a whole and by part', async () => {
    const report = await read();
    expect(report.total).toEqual({
      runs: 4,
      succeeded: 3,
      failed: 1,
      cancelled: 0,
      rollbacks: 1,
      // Of one, three and four minutes.
      durationP50Ms: 3 * MINUTE_MS,
      durationP95Ms: Math.round(3.9 * MINUTE_MS),
      leadP50Ms: 120 * MINUTE_MS,
      leadP95Ms: 120 * MINUTE_MS,
      // 10 - 1, 30 - 3 and 10 - 4 minutes.
      savedMs: (9 + 27 + 6) * MINUTE_MS,
    });
    expect(report.by).toBe('week');
    expect(report.series.map(each => each.runs)).toEqual([4]);
    expect(
      report.components.map(({ entityRef, runs, failed }) => [
        entityRef,
        runs,
        failed,
      ]),
    ).toEqual([
      [ENTITY_REF, 3, 1],
      [CHAT, 1, 0],
    ]);
    expect(report.actions.map(({ action, runs }) => [action, runs])).toEqual([
      ['test', 3],
      ['rollback', 1],
    ]);
    expect(report.choices).toEqual({
      components: [CHAT, ENTITY_REF],
      systems: ['system:default/shop'],
      teams: ['group:default/realtime', 'group:default/storefront'],
    });
  });

  it.each([
    ['team=group:default/realtime', 1],
    ['system=system:default/shop', 3],
    [`entityRef=${CHAT}`, 1],
    ['action=rollback', 1],
    ['environment=development', 0],
    ['to=2026-01-01T00:00:00Z', 0],
    ['by=day', 4],
  ])('is cut by %s', async (query, runs) => {
    const report = await read(query);
    expect(report.total.runs).toBe(runs);
  });

  it('says nothing of times where nothing ended', async () => {
    expect((await read('environment=development')).total).toEqual({
      runs: 0,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
      rollbacks: 0,
      savedMs: 0,
    });
  });

  it('counts for each person what the person may see, and hands out the runs', async () => {
    const report = await read('', 'ravi');
    expect(report.total.runs).toBe(1);
    expect(JSON.stringify(report)).not.toContain('orders');
    const csv = (await backend.as('dana').get('/v1/record/export').expect(200))
      .text;
    expect(csv.trim().split('\r\n')).toHaveLength(5);
    expect(csv).toContain(',rollback,succeeded,user:default/dana,');
    expect(csv).toMatch(/,180,[^,]*,7200,1620\r\n/);
    const hidden = await backend.as('ravi').get('/v1/record/export');
    expect(hidden.text).not.toContain('orders');
    for (const path of ['/v1/record', '/v1/record/export']) {
      await backend.as('nobody').get(path).expect(403);
      await request(backend.server)
        .get(`/api/runs${path}`)
        .set('Authorization', mockCredentials.none.header())
        .expect(401);
    }
  });

  it.each([
    ['by=hour', 'by'],
    ['from=x', 'from'],
    ['team=|', 'team'],
    ['from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
  ])('says what is wrong with %s', async (query, field) => {
    const { body } = await backend
      .as('dana')
      .get(`/v1/record?${query}`)
      .expect(400);
    expect(body.error.message).toContain(field);
  });

  it('takes back what goes on, and counts it when it ends again', async () => {
    fails = true;
    const run = await backend.request('dana', { entityRef: CHAT });
    await backend.reaches(run.id, 'failed');
    const outcome = async () =>
      (
        await backend.database.query(
          'SELECT outcome FROM run_record WHERE run_id = $1',
          [run.id],
        )
      ).map(row => row.outcome);
    expect(await outcome()).toEqual(['failed']);
    fails = false;
    await backend.as('dana').post(`/v1/runs/${run.id}/redrive`).expect(200);
    await backend.reaches(run.id, 'succeeded');
    expect(await outcome()).toEqual(['succeeded']);
  });
});

describe('what is over for long', () => {
  let database: TestDatabase;
  let replica: TestReplica;

  beforeAll(async () => {
    database = await TestDatabase.create();
    replica = await TestReplica.start({ database, working: false });
  });

  afterAll(async () => {
    await replica.stop();
    await database.drop();
  });

  it('is forgotten, but for runs that are not over', async () => {
    const statuses = [
      'succeeded',
      'failed',
      'cancelled',
      'queued',
      'running',
      'waiting',
      'needs-attention',
      'dead',
    ];
    const ids: Record<string, string> = {};
    for (const status of statuses)
      ids[status] = await replica.request({ keys: [`target:${status}`] });
    // One that is over and holds its key still, until a person has looked at it.
    ids.holding = await replica.request({ keys: ['target:holding'] });
    const young = await replica.request({ keys: ['target:young'] });
    const end = (id: string, status: string, age: string) =>
      database.query(
        `UPDATE run SET status = $2, finished_at = CASE WHEN $2 IN ('queued', 'running', 'waiting') THEN NULL
           ELSE now() - $3::interval END WHERE id = $1`,
        [id, status, age],
      );
    for (const status of statuses) await end(ids[status], status, '3 days');
    await end(ids.holding, 'failed', '3 days');
    await end(young, 'succeeded', '1 hour');
    await database.query(
      `DELETE FROM run_key WHERE run_id = ANY ($1::uuid[])`,
      [[ids.succeeded, ids.failed, ids.cancelled, young]],
    );
    await database.query(
      `ALTER TABLE audit DISABLE TRIGGER audit_is_immutable`,
    );
    await database.query(
      `UPDATE audit SET at = at - interval '5 days' WHERE run_id = $1`,
      [ids.succeeded],
    );
    await database.query(`ALTER TABLE audit ENABLE TRIGGER audit_is_immutable`);
    const day = 24 * 60 * 60_000;
    await new Cleaner({
      ...replica.database,
      retention: { runsMs: 2 * day, auditMs: 4 * day },
      logger: silentLogger,
    }).clean();
    const left = (await database.query('SELECT id FROM run')).map(r => r.id);
    expect(new Set(left)).toEqual(
      new Set([
        ids.queued,
        ids.running,
        ids.waiting,
        ids['needs-attention'],
        ids.dead,
        ids.holding,
        young,
      ]),
    );
    // Numbers and the audit trail have times of their own.
    const kept = async (table: string, id: string) =>
      (await database.query(`SELECT FROM ${table} WHERE run_id = $1`, [id]))
        .length;
    expect(await kept('run_record', ids.succeeded)).toBe(1);
    expect(await kept('audit', ids.succeeded)).toBe(0);
    expect(await kept('audit', ids.failed)).toBeGreaterThan(0);
    expect(await kept('run_step', ids.failed)).toBe(0);
    await new Cleaner({
      ...replica.database,
      retention: { recordMs: 2 * day },
      logger: silentLogger,
    }).clean();
    expect(await kept('run_record', ids.succeeded)).toBe(0);
    // What is still there is counted.
    expect(await kept('run_record', ids.holding)).toBe(1);
  });

  it('does not slow the numbers of 100,000 runs', async () => {
    await database.query(`
      INSERT INTO run_record (run_id, number, kind, entity_ref, environment, title, requested_by, outcome, requested_at, started_at, finished_at)
      SELECT gen_random_uuid(), 1000 + n, (ARRAY['hotfix', 'sync', 'rollback'])[1 + n % 3], 'component:default/c' || n % 200, 'production', 'Ship',
        'user:default/dana', CASE WHEN n % 10 = 0 THEN 'failed' ELSE 'succeeded' END, at, at, at + (n % 600) * interval '1 second'
      FROM generate_series(1, 100000) n, LATERAL (SELECT now() - n * interval '1 minute' AS at) t`);
    await database.query('VACUUM ANALYZE run_record');
    const store = new RecordStore(replica.database);
    const begin = performance.now();
    const entityRefs = await store.listEntities();
    const listed = performance.now();
    const { total } = await store.count(
      {
        from: new Date(Date.now() - 90 * 24 * 60 * MINUTE_MS),
        to: new Date(),
        entityRefs,
      },
      { rollbacks: ['rollback'], manual: { defaultMs: 0, actionsMs: {} } },
      'week',
    );
    expect(total.runs).toBeGreaterThan(99_000);
    expect(listed - begin).toBeLessThan(1_000);
    expect(performance.now() - listed).toBeLessThan(5_000);
  });
});
