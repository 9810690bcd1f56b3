import {
  OutcomeUnknownError,
  StepParkedError,
} from '@switchyard/backstage-plugin-runs-node';
import { randomUUID } from 'node:crypto';
import {
  ALLOW,
  anEntity,
  DENY,
  TestRunsBackend,
} from './tests/startRunsBackend';
import {
  createGate,
  createKind,
  createPlan,
  doing,
  ENTITY_REF,
  until,
} from './tests/testKind';

jest.setTimeout(30_000);

/** dana may do everything, and ines too, whom the catalog does not know; ravi only look, hal not see the component, nobody nothing at all. */
const entities = [
  anEntity(ENTITY_REF),
  ...['dana', 'ravi', 'hal', 'nobody'].map(name =>
    anEntity(`user:default/${name}`),
  ),
];

describe('verbs over HTTP', () => {
  let backend: TestRunsBackend;
  let gate: ReturnType<typeof createGate>;
  /** What the world says about the push. */
  const world = { pushed: false, asked: 0, sent: 0 };
  let runs = 0;

  beforeAll(async () => {
    const kind = createKind({
      handlers: {
        fine: doing(() => {}),
        slow: doing(() => gate.promise),
        park: doing(() => {
          throw new StepParkedError('The file says v9');
        }),
        die: doing(() => {
          throw new Error('no luck');
        }),
        push: {
          effect: 'adoptable',
          run: async context => {
            await context.beforeEffect({ commit: 'abc' });
            world.sent += 1;
            context.log('Sent to https://bot:hunter2@git.example.com/deploys');
            throw new OutcomeUnknownError('The answer to the push was lost');
          },
          adopt: async context => {
            world.asked += 1;
            if (!world.pushed) return undefined;
            context.recordChange({
              system: 'git',
              what: 'commit on main',
              ref: String(context.step.reference?.commit),
            });
            context.log('Found the commit by the id of the run');
            return { output: {} };
          },
        },
      },
    });
    backend = await TestRunsBackend.start({
      entities,
      decide: (name, permission) =>
        name === 'dana' ||
        name === 'ines' ||
        name === 'hal' ||
        (name === 'ravi' && permission.name === 'runs.run.read')
          ? ALLOW
          : DENY,
      kinds: [
        {
          ...kind,
          plan: async ({ input }) =>
            createPlan({
              intent: { version: input.version },
              // Each in a line of its own.
              keys: [`target:${runs}`],
              steps: [
                {
                  ...createPlan().steps[0],
                  handler: input.version,
                  effect: input.version === 'push' ? 'adoptable' : 'none',
                  maxAttempts: 1,
                  skippable: true,
                },
              ],
            }),
        },
      ],
    });
    backend.hidden.set('hal', [ENTITY_REF]);
  });

  afterAll(async () => {
    gate.open();
    await backend?.stop();
  });

  beforeEach(() => {
    gate = createGate();
    Object.assign(world, { pushed: false, asked: 0, sent: 0 });
  });
  afterEach(() => gate.open());

  const as = (name: string) => backend.as(name);
  const get = async (id: string) =>
    (await as('dana').get(`/v1/runs/${id}`).expect(200)).body;
  /** A run of this handler, brought to this status. */
  const runThat = async (handler: string, status: string): Promise<string> => {
    runs += 1;
    const body = {
      action: 'test',
      entityRef: ENTITY_REF,
      environment: 'production',
      input: { version: handler },
    };
    const { planHash } = (
      await as('dana').post('/v1/previews', body).expect(200)
    ).body;
    const { id } = (
      await as('dana')
        .post('/v1/runs', { ...body, reason: 'To see it', planHash })
        .set('Idempotency-Key', randomUUID())
        .expect(201)
    ).body;
    await until(async () => {
      const run = await get(id);
      return (
        run.status === status &&
        (status !== 'running' || run.steps[0].status === 'running')
      );
    });
    return id;
  };
  it('says in a preview that nothing would begin for somebody whom the catalog does not know', async () => {
    const body = {
      action: 'test',
      entityRef: ENTITY_REF,
      environment: 'production',
      input: { version: 'fine' },
    };
    const preview = async (name: string) =>
      (await as(name).post('/v1/previews', body).expect(200)).body;
    expect((await preview('dana')).verdict).toMatchObject({ warnings: [] });
    const { planHash, verdict } = await preview('ines');
    expect(verdict).toMatchObject({
      allowed: true,
      warnings: [{ what: 'The run would wait', ref: 'user:default/ines' }],
    });
    // And so it is.
    const { body: run } = await as('ines')
      .post('/v1/runs', { ...body, reason: 'To see it', planHash })
      .set('Idempotency-Key', randomUUID())
      .expect(201);
    await until(async () => (await get(run.id)).status === 'waiting');
    await as('dana').post(`/v1/runs/${run.id}/confirm`).expect(200);
    await until(async () => (await get(run.id)).status === 'succeeded');
  });
  const held = async () => {
    const id = await runThat('slow', 'running');
    await as('dana').post(`/v1/runs/${id}/pause`).expect(200);
    return id;
  };

  it.each<[string, object, () => Promise<string>, () => Promise<string>]>([
    [
      'cancel',
      {},
      () => runThat('slow', 'running'),
      () => runThat('fine', 'succeeded'),
    ],
    [
      'pause',
      {},
      () => runThat('slow', 'running'),
      () => runThat('fine', 'succeeded'),
    ],
    ['continue', {}, held, () => runThat('park', 'waiting')],
    [
      'confirm',
      {},
      () => runThat('park', 'waiting'),
      () => runThat('die', 'dead'),
    ],
    [
      'redrive',
      {},
      () => runThat('die', 'dead'),
      () => runThat('fine', 'succeeded'),
    ],
    [
      'discard',
      { reason: 'Done by hand' },
      () => runThat('die', 'dead'),
      () => runThat('fine', 'succeeded'),
    ],
    [
      'fork',
      {},
      () => runThat('fine', 'succeeded'),
      () => runThat('park', 'waiting'),
    ],
    [
      'steps/one/retry',
      {},
      () => runThat('die', 'dead'),
      () => runThat('fine', 'succeeded'),
    ],
    [
      'steps/one/skip',
      { reason: 'Done by hand' },
      () => runThat('die', 'dead'),
      () => runThat('fine', 'succeeded'),
    ],
  ])(
    '%s is for those who may, on a run that is so',
    async (verb, body, right, wrong) => {
      const statusFor = async (name: string, id: string, sent = body) =>
        (await as(name).post(`/v1/runs/${id}/${verb}`, sent)).status;
      const id = await right();
      expect(await statusFor('ravi', id)).toBe(403);
      expect(await statusFor('nobody', id)).toBe(403);
      expect(await statusFor('hal', id)).toBe(404);
      expect(await statusFor('dana', randomUUID())).toBe(404);
      expect(await statusFor('dana', 'no-id')).toBe(400);
      expect(await statusFor('dana', id, { ...body, more: 1 })).toBe(400);
      const unexplained = 'reason' in body ? [{}, { reason: ' ' }] : [];
      for (const sent of unexplained)
        expect(await statusFor('dana', id, sent)).toBe(400);
      expect(await statusFor('dana', await wrong())).toBe(409);
      expect(await statusFor('dana', id)).toBe(200);
    },
  );

  it('offers no other choice for what still waits', async () => {
    const verbs = async (id: string) =>
      (await get(id)).verbs.map(({ verb }: { verb: string }) => verb);
    expect(await verbs(await runThat('park', 'waiting'))).not.toContain('fork');
    expect(await verbs(await runThat('die', 'dead'))).toEqual([
      'redrive',
      'discard',
      'retry-step',
      'skip-step',
      'fork',
    ]);
  });

  it('looks at the world for whoever may see the run, and changes nothing by that', async () => {
    const id = await runThat('push', 'needs-attention');
    const before = await get(id);
    const path = `/v1/runs/${id}/evidence`;
    expect((await as('nobody').get(path)).status).toBe(403);
    expect((await as('hal').get(path)).status).toBe(404);
    expect((await as('dana').get('/v1/runs/no-id/evidence')).status).toBe(400);
    expect(
      (await as('dana').get(`/v1/runs/${randomUUID()}/evidence`)).status,
    ).toBe(404);
    const fine = await runThat('fine', 'succeeded');
    expect((await as('dana').get(`/v1/runs/${fine}/evidence`)).status).toBe(
      409,
    );
    expect(world.asked).toBe(0);

    world.pushed = true;
    const answers = await Promise.all(
      ['dana', 'ravi'].map(name => as(name).get(path).expect(200)),
    );
    for (const { body } of answers)
      expect(body).toMatchObject({
        runId: id,
        steps: [
          {
            stepId: 'one',
            finding: 'done',
            changes: [{ system: 'git', what: 'commit on main', ref: 'abc' }],
            details: ['Found the commit by the id of the run'],
          },
        ],
      });
    // Two people, one question.
    expect(world).toEqual({ pushed: true, asked: 1, sent: 1 });
    expect(await get(id)).toEqual(before);
  });

  it('gives the whole log as a text, without secrets', async () => {
    const id = await runThat('push', 'needs-attention');
    const path = `/v1/runs/${id}/log`;
    expect((await as('nobody').get(path)).status).toBe(403);
    expect((await as('hal').get(path)).status).toBe(404);
    const answer = await as('ravi').get(path).expect(200);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers['content-disposition']).toMatch(
      /^attachment; filename="run-\d+\.log"$/,
    );
    expect(answer.text).toContain('component:default/orders in production');
    expect(answer.text).toContain('== Step one (needs attention)');
    expect(answer.text).toMatch(
      /\d{4}-\d\d-\d\dT[\d:.]+Z info {2}Sent to https:\/\/…@git\.example\.com\/deploys/,
    );
    expect(answer.text).toContain('error The answer to the push was lost');
    expect(answer.text).not.toContain('hunter2');
  });
});
