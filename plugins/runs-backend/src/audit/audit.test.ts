import { StepFailedError } from '@switchyard/backstage-plugin-runs-node';
import { mockCredentials } from '@backstage/backend-test-utils';
import request from 'supertest';
import {
  ALLOW,
  anEntity,
  DENY,
  TestRunsBackend,
} from '../tests/startRunsBackend';
import { createKind, createPlan, ENTITY_REF } from '../tests/testKind';

jest.setTimeout(30_000);

const PLATFORM = 'group:default/platform';

describe('the audit trail', () => {
  let backend: TestRunsBackend;
  let fails = false;

  beforeAll(async () => {
    backend = await TestRunsBackend.start({
      kinds: [
        {
          ...createKind({
            handlers: {
              push: {
                effect: 'idempotent',
                run: async context => {
                  if (fails) throw new StepFailedError('It broke');
                  await context.beforeEffect();
                  context.recordChange({
                    system: 'git',
                    what: 'image of Deployment orders',
                    ref: 'abc',
                    cluster: 'prod-blue',
                    before: 'v1',
                    after: String(context.run.intent.version),
                    diff: 'not told',
                  });
                  return { output: {} };
                },
              },
            },
          }),
          plan: async ({ input, entity, environment }) =>
            createPlan({
              entityRef: `component:default/${entity.metadata.name}`,
              environment,
              intent: { version: input.version },
              keys: [`target:${entity.metadata.name}@${environment}`],
              steps: [
                {
                  ...createPlan().steps[0],
                  handler: 'push',
                  effect: 'idempotent',
                },
              ],
            }),
        },
      ],
      entities: [
        anEntity(ENTITY_REF, { ownedBy: ['group:default/storefront'] }),
        anEntity('component:default/chat', {
          ownedBy: ['group:default/realtime'],
        }),
        anEntity(PLATFORM, { hasMember: ['user:default/inge'] }),
        anEntity('user:default/dana'),
        anEntity('user:default/inge', { memberOf: [PLATFORM] }),
      ],
      decide: name => (name === 'nobody' ? DENY : ALLOW),
      config: {
        runs: {
          approvals: [
            {
              name: 'production',
              match: { environments: ['production'] },
              from: { groups: [PLATFORM] },
            },
          ],
        },
      },
    });
    backend.hidden.set('ravi', [ENTITY_REF]);
  });

  afterAll(async () => {
    await backend?.stop();
  });

  const rank = (entry: any) =>
    Number(entry.id) + (entry.after === 'succeeded' ? 1_000 : 0);
  const list = async (query: string, name = 'dana') =>
    (await backend.as(name).get(`/v1/audit?${query}`).expect(200)).body;

  it('tells of a run from the request to the effect: who, what, before, after, why', async () => {
    const run = await backend.request('dana');
    const [gate] = run.gates;
    await backend
      .as('inge')
      .post(`/v1/gates/${gate.id}/approve`, {
        planHash: run.planHash,
        comment: 'Looked',
      })
      .expect(200);
    await backend.reaches(run.id, 'succeeded');
    const { items } = await list(`run=${run.number}`);
    expect(
      // What is written at the same moment has no order.
      items
        .sort((a: any, b: any) => rank(a) - rank(b))
        .map(({ event, actor, what, before, after, reason }: any) => ({
          event,
          actor,
          what,
          before,
          after,
          reason,
        })),
    ).toEqual([
      {
        event: 'run-request',
        actor: 'user:default/dana',
        what: 'Try it',
        after: 'waiting',
        reason: 'Totals are wrong',
      },
      {
        event: 'gate-approve',
        actor: 'user:default/inge',
        what: gate.title,
        reason: 'Looked',
      },
      {
        event: 'run-state',
        what: 'Try it',
        before: 'queued',
        after: 'running',
      },
      {
        event: 'effect',
        actor: 'user:default/dana',
        what: 'image of Deployment orders',
        before: 'v1',
        after: 'v1',
      },
      {
        event: 'run-state',
        what: 'Try it',
        before: 'running',
        after: 'succeeded',
      },
    ]);
    const effect = items.find((item: any) => item.event === 'effect');
    expect(effect).toMatchObject({
      entityRef: ENTITY_REF,
      environment: 'production',
      action: 'test',
      run: { id: run.id, number: run.number },
      details: { step: 'one', system: 'git', ref: 'abc', cluster: 'prod-blue' },
    });
  });

  it('tells what people do to runs and locks, and never changes', async () => {
    fails = true;
    const run = await backend.request('dana', { environment: 'development' });
    await backend.reaches(run.id, 'failed');
    fails = false;
    await backend.as('inge').post(`/v1/runs/${run.id}/redrive`).expect(200);
    await backend.reaches(run.id, 'succeeded');
    const { body: lock } = await backend
      .as('dana')
      .post('/v1/locks', { entityRef: ENTITY_REF, reason: '=SUM("A1")' })
      .expect(201);
    await backend
      .as('inge')
      .post(`/v1/locks/${lock.id}/release`, { reason: 'Done' })
      .expect(200);
    const ofRun = (await list(`run=${run.number}`)).items.sort(
      (a: any, b: any) => rank(a) - rank(b),
    );
    expect(
      ofRun.map(({ event, actor, before, after, reason }: any) =>
        [event, actor, before, after, reason].map(each => each ?? '').join(' '),
      ),
    ).toEqual([
      'run-request user:default/dana  queued Totals are wrong',
      'run-state  queued running ',
      'run-state  running failed Step one: It broke',
      'run-redrive user:default/inge failed  Step one: It broke',
      'run-state  queued running ',
      'effect user:default/inge v1 v2 ',
      'run-state  running succeeded ',
    ]);
    const ofLocks = await list('event=lock-set&event=lock-release');
    expect(ofLocks.items).toMatchObject([
      { event: 'lock-release', actor: 'user:default/inge', after: 'released' },
      {
        event: 'lock-set',
        actor: 'user:default/dana',
        reason: '=SUM("A1")',
        after: 'without end',
      },
    ]);
    await expect(
      backend.database.query(`UPDATE audit SET actor = 'user:default/nobody'`),
    ).rejects.toThrow('what happened never changes');
  });

  it('filters, and pages without a gap', async () => {
    const all = (await list('limit=200')).items;
    const paged: any[] = [];
    let cursor = '';
    do {
      const page = await list(`limit=3${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(all);
    const by = (await list('person=user:default/inge')).items;
    expect(by.map((each: any) => each.event).sort()).toEqual([
      'effect',
      'gate-approve',
      'lock-release',
      'run-redrive',
    ]);
    const middle = all[4].at;
    const since = (await list(`from=${middle}`)).items;
    const until = (await list(`to=${middle}`)).items;
    expect([...since, ...until]).toEqual(all);
    expect((await list('environment=development')).items.length).toBe(7);
    expect((await list('entityRef=component:default/chat')).items).toEqual([]);
  });

  it('is cut to what the person may see', async () => {
    const chat = await backend.request('dana', {
      environment: 'development',
      entityRef: 'component:default/chat',
    });
    await backend.reaches(chat.id, 'succeeded');
    const { items } = await list('limit=2', 'ravi');
    expect(items).toHaveLength(2);
    const all = (await list('', 'ravi')).items;
    expect(new Set(all.map((each: any) => each.entityRef))).toEqual(
      new Set(['component:default/chat']),
    );
    const file = await backend.as('ravi').get('/v1/audit/export').expect(200);
    expect(file.text).not.toContain(ENTITY_REF);
    for (const path of ['/v1/audit', '/v1/audit/export']) {
      await backend.as('nobody').get(path).expect(403);
      await request(backend.server)
        .get(`/api/runs${path}`)
        .set('Authorization', mockCredentials.none.header())
        .expect(401);
    }
  });

  it('is handed out as a file in which no cell is a formula', async () => {
    const csv = await backend
      .as('dana')
      .get('/v1/audit/export?environment=development')
      .expect('Content-Type', /text\/csv/)
      .expect('Content-Disposition', /switchyard-audit\.csv/)
      .expect(200);
    const [head, ...lines] = csv.text.trim().split('\r\n');
    expect(head).toBe(
      'at,who,event,entity,environment,action,what,before,after,why,run,run_id,details',
    );
    expect(lines.length).toBe(
      (await list('environment=development')).items.length,
    );
    const locks = await backend
      .as('dana')
      .get('/v1/audit/export?event=lock-set')
      .expect(200);
    expect(locks.text).toContain(`"'=SUM(""A1"")"`);
    const json = await backend
      .as('dana')
      .get('/v1/audit/export?format=json&environment=development')
      .expect(200);
    expect(json.body).toEqual((await list('environment=development')).items);
    const none = await backend
      .as('dana')
      .get('/v1/audit/export?format=json&environment=nowhere')
      .expect(200);
    expect(none.body).toEqual([]);
  });

  it.each([
    ['run=x', 'run'],
    ['from=yesterday', 'from'],
    ['cursor=-1', 'cursor'],
    ['person=%00', 'person'],
    ['limit=1000', 'limit'],
  ])('says what is wrong with %s', async (query, field) => {
    const { body } = await backend
      .as('dana')
      .get(`/v1/audit?${query}`)
      .expect(400);
    expect(body.error.message).toContain(field);
  });
});
