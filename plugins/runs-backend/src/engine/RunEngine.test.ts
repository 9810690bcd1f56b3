import {
  OutcomeUnknownError,
  StepFailedError,
  StepParkedError,
  StepWithdrawnError,
} from '@switchyard/backstage-plugin-runs-node';
import { Client } from 'pg';
import { TestDatabase } from '../tests/TestDatabase';
import {
  createGate,
  createKind,
  createPlan,
  doing,
  until,
} from '../tests/testKind';
import { TestReplica } from '../tests/TestReplica';

type Handlers = NonNullable<Parameters<typeof createKind>[0]['handlers']>;
const step = (id: string, more: object = {}) => ({
  ...createPlan().steps[0],
  id,
  handler: id,
  needs: [],
  ...more,
});

describe('a run', () => {
  let database: TestDatabase;
  let replica: TestReplica | undefined;

  beforeEach(async () => {
    database = await TestDatabase.create();
  });

  afterEach(async () => {
    await replica?.stop();
    replica = undefined;
    await database.drop();
  });

  const start = async (
    handlers: Handlers,
    more: Partial<Parameters<typeof TestReplica.start>[0]> = {},
  ) => {
    replica = await TestReplica.start({
      database,
      kinds: [createKind({ handlers })],
      ...more,
    });
    return replica;
  };

  it('starts a step when all it needs have succeeded, and hands their outputs on', async () => {
    const order: string[] = [];
    const gate = createGate();
    let seen: unknown;
    const { request, reaches } = bind(
      await start({
        left: {
          effect: 'none',
          run: async () => ({ output: { side: 'left' } }),
        },
        right: doing(async () => {
          await gate.promise;
          order.push('right');
        }),
        join: doing(context => {
          order.push('join');
          seen = context.outputs;
        }),
      }),
    );
    const id = await request({
      steps: [
        step('left'),
        step('right'),
        step('join', { needs: ['left', 'right'] }),
      ],
    });
    await until(async () => (await replica!.find(id)).stepsDone === 1);
    expect((await replica!.find(id)).steps.map(each => each.status)).toEqual([
      'succeeded',
      'running',
      'pending',
    ]);
    gate.open();
    const run = await reaches(id, 'succeeded');
    expect(order).toEqual(['right', 'join']);
    expect(seen).toEqual({ left: { side: 'left' }, right: {} });
    expect(run).toMatchObject({
      stepsDone: 3,
      stepsTotal: 3,
      cause: undefined,
    });
    expect(await database.query('SELECT * FROM run_key')).toEqual([]);
  });

  it('may lock its target, once however often it asks, for all but who asked', async () => {
    let attempts = 0;
    const { request, reaches } = bind(
      await start({
        one: doing(async context => {
          attempts += 1;
          await context.holdTarget(`Rolled back by run #${context.run.number}`);
          await context.holdTarget('Again');
          if (attempts === 1) throw new Error('Try again');
        }),
      }),
    );
    const id = await request({ steps: [step('one')] });
    await reaches(id, 'succeeded');
    expect(attempts).toBe(2);
    const { requestedBy } = await replica!.find(id);
    expect(
      await database.query(
        'SELECT entity_ref, environment, reason, created_by, run_id, released_at FROM "lock"',
      ),
    ).toEqual([
      {
        entity_ref: 'component:default/orders',
        environment: 'production',
        reason: 'Rolled back by run #1',
        created_by: requestedBy,
        run_id: id,
        released_at: null,
      },
    ]);
    const [lock] = await replica!.locks.list(['component:default/orders']);
    expect(lock).toMatchObject({ reason: 'Rolled back by run #1' });
  });

  it('tells the step who asked, why, and where the run can be seen', async () => {
    let told: any;
    const { request, reaches } = bind(
      await start({ one: doing(context => (told = context.run)) }),
    );
    const id = await request({ steps: [step('one')] });
    await reaches(id, 'succeeded');
    expect(told).toMatchObject({
      id,
      number: 1,
      kind: 'test',
      entityRef: 'component:default/orders',
      environment: 'production',
      intent: { version: 'v1' },
      requestedBy: 'user:default/dana',
      reason: 'To see it work',
      url: `http://portal/runs/${id}`,
    });
  });

  it('tries again after an error, keeps the error visible, and is dead when the attempts are used up', async () => {
    const gate = createGate();
    let calls = 0;
    const { request, reaches } = bind(
      await start({
        one: doing(async () => {
          calls += 1;
          if (calls === 3) await gate.promise;
          throw new Error(`no luck ${calls}`);
        }),
      }),
    );
    const id = await request({ steps: [step('one', { maxAttempts: 3 })] });
    await until(() => calls === 3);
    expect((await replica!.find(id)).steps[0]).toMatchObject({
      status: 'running',
      attempt: 3,
      error: 'no luck 2',
    });
    gate.open();
    const run = await reaches(id, 'dead');
    expect(run).toMatchObject({
      cause: 'Step one: no luck 3',
      steps: [{ status: 'dead', attempt: 3, failures: 3 }],
    });
    expect(
      (await replica!.runs.readLog(id, 'one')).map(line => [
        line.level,
        line.message,
      ]),
    ).toEqual([
      ['error', 'no luck 1'],
      ['error', 'no luck 2'],
      ['error', 'no luck 3'],
    ]);
  });

  it('fails at once when the cause is known, with the details in the log, and starts nothing more', async () => {
    let later = 0;
    const { request, reaches } = bind(
      await start({
        one: doing(() => {
          throw new StepFailedError('The image cannot be pulled', {
            details: ['line 1', 'line 2'],
          });
        }),
        two: doing(() => (later += 1)),
      }),
    );
    const id = await request({
      steps: [step('one'), step('two', { needs: ['one'] })],
    });
    const run = await reaches(id, 'failed');
    expect(run.cause).toBe('Step one: The image cannot be pulled');
    expect(run.steps.map(each => each.status)).toEqual(['failed', 'pending']);
    expect(
      (await replica!.runs.readLog(id, 'one')).map(line => line.message),
    ).toEqual(['The image cannot be pulled', 'line 1', 'line 2']);
    expect(later).toBe(0);
  });

  it('lets a step that runs beside a failed one come to its end', async () => {
    const gate = createGate();
    const { request, reaches } = bind(
      await start({
        bad: doing(() => {
          throw new StepFailedError('no');
        }),
        good: doing(() => gate.promise),
        next: doing(() => {}),
      }),
    );
    const id = await request({
      steps: [step('bad'), step('good'), step('next', { needs: ['good'] })],
    });
    await until(
      async () => (await replica!.find(id)).steps[1].status === 'running',
    );
    expect((await replica!.find(id)).status).toBe('running');
    gate.open();
    expect(
      (await reaches(id, 'failed')).steps.map(each => each.status),
    ).toEqual(['failed', 'succeeded', 'pending']);
  });

  it('needs attention when an outcome is unknown, and keeps its keys', async () => {
    const { request, reaches } = bind(
      await start({
        one: {
          effect: 'manual',
          run: async context => {
            await context.beforeEffect();
            throw new OutcomeUnknownError('No answer came');
          },
        },
      }),
    );
    const first = await request({ steps: [step('one', { effect: 'manual' })] });
    await reaches(first, 'needs-attention');
    const second = await request({ steps: [] });
    await expect(reaches(second, 'running', 300)).rejects.toThrow(
      'Run is queued',
    );
    expect((await replica!.find(second)).behind).toMatchObject({
      id: first,
      number: 1,
    });

    await replica!.runs.cancel(first, 'user:default/dana');
    await reaches(second, 'succeeded');
  });

  it('never repeats a manual effect by itself, whatever the error was', async () => {
    let calls = 0;
    const { request, reaches } = bind(
      await start({
        one: {
          effect: 'manual',
          run: async context => {
            calls += 1;
            if (calls === 2) await context.beforeEffect();
            throw new Error('connection reset');
          },
        },
      }),
    );
    const id = await request({
      steps: [step('one', { effect: 'manual', maxAttempts: 5 })],
    });
    // The first attempt did not come as far as its effect, and was tried again.
    expect((await reaches(id, 'needs-attention')).steps[0].error).toBe(
      'connection reset; whether the effect happened is not known',
    );
    expect(calls).toBe(2);
  });

  it('asks an adoptable step what an earlier attempt did, before any attempt but the first', async () => {
    const asked: unknown[] = [];
    let runs = 0;
    const { request, reaches } = bind(
      await start({
        one: {
          effect: 'adoptable',
          adopt: async context => {
            asked.push([context.step.attempt, context.step.reference]);
            return asked.length === 1
              ? undefined
              : { output: { commit: 'abc' } };
          },
          run: async context => {
            runs += 1;
            await context.beforeEffect({ parent: `p${runs}` });
            throw new Error('the answer was dropped');
          },
        },
      }),
    );
    const id = await request({ steps: [step('one', { effect: 'adoptable' })] });
    const run = await reaches(id, 'succeeded');
    expect(asked).toEqual([
      [2, { parent: 'p1' }],
      [3, { parent: 'p2' }],
    ]);
    expect(runs).toBe(2);
    expect(run.steps[0]).toMatchObject({
      output: { commit: 'abc' },
      attempt: 3,
    });
    expect(run.steps[0]).not.toHaveProperty('error');
  });

  it('ends an attempt whose time is up, even if the step does not listen', async () => {
    const { request, reaches } = bind(
      await start({
        one: doing(
          context =>
            new Promise((_, reject) =>
              context.signal.addEventListener('abort', () =>
                reject(context.signal.reason),
              ),
            ),
        ),
      }),
    );
    const id = await request({
      steps: [step('one', { timeoutMs: 50, maxAttempts: 1 })],
    });
    expect((await reaches(id, 'dead')).cause).toBe(
      'Step one: The attempt took longer than 50 ms',
    );
  });

  it('stops at the next step boundary when somebody cancels', async () => {
    const begun = createGate();
    const gate = createGate();
    const { request, reaches } = bind(
      await start({
        one: doing(() => {
          begun.open();
          return gate.promise;
        }),
        two: doing(() => {}),
      }),
    );
    const id = await request({
      steps: [step('one'), step('two', { needs: ['one'] })],
    });
    await begun.promise;
    expect(await replica!.runs.cancel(id, 'user:default/omar')).toBe(
      'requested',
    );
    gate.open();
    const run = await reaches(id, 'cancelled');
    expect(run.steps.map(each => each.status)).toEqual([
      'succeeded',
      'cancelled',
    ]);
    expect(run.cause).toBe('Cancelled by user:default/omar');
    expect(await replica!.runs.cancel(id, 'user:default/omar')).toBeUndefined();
  });

  it('lets a step that waits for people take back what it has begun when somebody cancels', async () => {
    const begun = createGate();
    const { request, reaches } = bind(
      await start({
        one: {
          effect: 'adoptable',
          run: async context => {
            await context.beforeEffect({ opened: true });
            begun.open();
            await new Promise(resolve =>
              context.cancelled.addEventListener('abort', resolve),
            );
            throw new StepWithdrawnError('Closed again');
          },
          adopt: async () => undefined,
        },
        two: doing(() => {}),
      }),
    );
    const id = await request({
      steps: [
        step('one', { effect: 'adoptable' }),
        step('two', { needs: ['one'] }),
      ],
    });
    await begun.promise;
    await replica!.runs.cancel(id, 'user:default/omar');
    const run = await reaches(id, 'cancelled');
    expect(run.steps.map(({ status }) => status)).toEqual([
      'cancelled',
      'cancelled',
    ]);
    // Nothing of it is left, so nothing is unclear.
    expect(run.cause).toBe('Cancelled by user:default/omar');
  });

  it('does not wait for the next attempt when somebody cancels', async () => {
    const { request, reaches } = bind(
      await start(
        {
          one: doing(() => {
            throw new Error('not yet');
          }),
        },
        { retryDelayMs: () => 60_000 },
      ),
    );
    const id = await request({ steps: [step('one')] });
    await until(
      async () => (await replica!.find(id)).steps[0].status === 'retrying',
    );
    await replica!.runs.cancel(id, 'user:default/omar');
    expect((await reaches(id, 'cancelled', 2_000)).steps[0].attempt).toBe(1);
  });

  it('cancels a run that stands in line at once', async () => {
    const gate = createGate();
    const { request, reaches } = bind(
      await start({ one: doing(() => gate.promise) }),
    );
    const first = await request({ steps: [step('one')] });
    await reaches(first, 'running');
    const second = await request({ steps: [step('one')] });
    const third = await request({ steps: [] });
    expect(await replica!.runs.cancel(second, 'user:default/dana')).toBe(
      'cancelled',
    );
    gate.open();
    await reaches(third, 'succeeded');
    expect((await replica!.find(second)).startedAt).toBeUndefined();
  });

  it('goes on from the step that is retried, and asks it first what it did', async () => {
    let adopted = 0;
    const { request, reaches } = bind(
      await start({
        one: doing(() => {}),
        two: {
          effect: 'adoptable',
          adopt: async () => {
            adopted += 1;
            return { output: {} };
          },
          run: async () => {
            throw new StepFailedError('no');
          },
        },
        three: doing(() => {}),
      }),
    );
    const id = await request({
      steps: [
        step('one'),
        step('two', { needs: ['one'], effect: 'adoptable' }),
        step('three', { needs: ['two'] }),
      ],
    });
    await reaches(id, 'failed');
    expect(await replica!.retry(id, 'one')).toBe(false);
    expect(await replica!.retry(id, 'two')).toBe(true);
    const run = await reaches(id, 'succeeded');
    expect(adopted).toBe(1);
    expect(run.steps.map(each => each.attempt)).toEqual([1, 2, 1]);
  });

  it('parks when a step finds another world, and tells it of the person who let it go on', async () => {
    const confirmations: unknown[] = [];
    const { request, reaches } = bind(
      await start({
        one: {
          effect: 'idempotent',
          run: async context => {
            confirmations.push(context.confirmed?.by);
            if (!context.confirmed)
              throw new StepParkedError('The file says v9 instead of v1');
            return { output: {} };
          },
        },
      }),
    );
    const id = await request({
      steps: [step('one', { effect: 'idempotent' })],
    });
    const run = await reaches(id, 'waiting');
    expect(run.parked).toMatchObject({
      message: 'The file says v9 instead of v1',
      stepId: 'one',
    });
    // Before its first effect it stands in nobody's way.
    await reaches(await request({ steps: [] }), 'succeeded');
    expect(await replica!.confirm(id)).toBe(true);
    await reaches(id, 'succeeded');
    expect(confirmations).toEqual([undefined, 'user:default/omar']);
    expect(await replica!.confirm(id)).toBe(false);
  });

  it('records changes once, audits each, and keeps log and progress', async () => {
    const gate = createGate();
    const { request, reaches } = bind(
      await start({
        one: doing(async context => {
          context.log('working\u0000 hard');
          context.progress('1 of 2');
          context.recordChange({
            system: 'git',
            what: 'file',
            ref: 'abc',
            diff: '-a\n+b',
          });
          context.recordChange({
            system: 'git',
            what: 'file',
            ref: 'abc',
            after: 'b',
            diff: '-a\n+b',
          });
          await gate.promise;
        }),
      }),
    );
    const id = await request({ steps: [step('one')] });
    await until(
      async () => (await replica!.find(id)).steps[0].changes.length > 0,
    );
    expect((await replica!.find(id)).currentStep).toEqual({
      id: 'one',
      title: 'Step one',
      progress: '1 of 2',
      expectedBy: expect.any(Date),
    });
    gate.open();
    const run = await reaches(id, 'succeeded');
    expect(run.steps[0].changes).toEqual([
      { system: 'git', what: 'file', ref: 'abc', after: 'b', diff: '-a\n+b' },
    ]);
    expect(
      (await replica!.runs.readLog(id, 'one')).map(line => line.message),
    ).toEqual(['working\ufffd hard']);
    await until(() => replica!.audited.length > 0);
    expect(replica!.audited).toMatchObject([
      {
        actionType: 'effect',
        run: id,
        step: 'one',
        change: { system: 'git', ref: 'abc' },
      },
    ]);
    expect(JSON.stringify(replica!.audited)).not.toContain('diff');
    expect(await database.query('SELECT * FROM outbox')).toEqual([]);
  });

  it('takes no more than ten statements per step, request and wake-up counted', async () => {
    let calls = 0;
    await start({
      one: {
        effect: 'idempotent',
        run: async context => {
          calls += 1;
          await context.beforeEffect({ at: 'here' });
          context.recordChange({
            system: 'git',
            what: 'file',
            ref: context.step.id,
          });
          context.log('done');
          return { output: {} };
        },
      },
    });
    const { request, reaches } = bind(replica!);
    const plan = {
      steps: ['a', 'b', 'c'].map((id, index, all) =>
        step(id, {
          handler: 'one',
          effect: 'idempotent',
          needs: index === 0 ? [] : [all[index - 1]],
        }),
      ),
    };
    await reaches(await request(plan), 'succeeded');
    // Everything that any part of the replica says to the server, its loops and polls included.
    const statements = jest.spyOn(Client.prototype, 'query');
    for (let round = 0; round < 5; round++) await request(plan);
    await until(() => calls === 6 * 3 && replica!.activeRuns === 0);
    const perStep = statements.mock.calls.length / (5 * 3);
    statements.mockRestore();
    expect(perStep).toBeLessThanOrEqual(10);
    expect(perStep).toBeGreaterThan(3);
  });
});

function bind(replica: TestReplica) {
  return {
    request: replica.request.bind(replica),
    reaches: replica.reaches.bind(replica),
  };
}
