import { StepFailedError } from '@switchyard/backstage-plugin-runs-node';
import { randomUUID } from 'node:crypto';
import { DatabaseRunVerbStore } from '../database/RunVerbStore';
import { TestDatabase } from '../tests/TestDatabase';
import {
  createGate,
  createKind,
  createPlan,
  doing,
  until,
} from '../tests/testKind';
import { TestReplica } from '../tests/TestReplica';

const BY = 'user:default/omar';
const WORD = { by: BY, at: '2030-01-01T00:00:00.000Z', reason: 'It is over' };
const step = (id: string, more: object = {}) => ({
  ...createPlan().steps[0],
  id,
  handler: id,
  needs: [],
  ...more,
});

describe('a person', () => {
  let database: TestDatabase;
  let replica: TestReplica;
  let verbs: DatabaseRunVerbStore;
  let gate: ReturnType<typeof createGate>;
  let fails: boolean;
  let retried: unknown;
  let ran: string[];

  beforeEach(async () => {
    gate = createGate();
    fails = false;
    retried = undefined;
    ran = [];
    database = await TestDatabase.create();
    replica = await TestReplica.start({
      database,
      kinds: [
        createKind({
          handlers: {
            one: doing(async context => {
              ran.push('one');
              retried = context.retried;
              await gate.promise;
              if (fails) throw new StepFailedError('no luck');
            }),
            effect: {
              effect: 'idempotent',
              run: async context => {
                await context.beforeEffect();
                await gate.promise;
                if (fails) throw new Error('no luck');
                return { output: {} };
              },
            },
            two: doing(() => void ran.push('two')),
          },
        }),
      ],
    });
    verbs = DatabaseRunVerbStore.create(replica.database);
  });

  afterEach(async () => {
    gate.open();
    await replica.stop();
    await database.drop();
  });

  const actor = (more: object = {}) => ({
    confirmed: { by: BY, at: WORD.at, ...more },
    groups: ['group:default/storefront'],
  });
  const keysOf = async (id: string) => (await replica.find(id)).plan.keys;
  const steps = [step('one'), step('two', { needs: ['one'] })];

  it('holds a running run at its next step boundary, and lets it continue', async () => {
    const id = await replica.request({ steps });
    await replica.begins(id);
    expect(await verbs.pause(id, BY)).toBe('requested');
    expect(await verbs.pause(id, BY)).toBeUndefined();
    gate.open();
    const held = await replica.reaches(id, 'waiting');
    expect(held).toMatchObject({
      parked: { pausedBy: BY, message: `Held by ${BY}` },
      pauseRequestedBy: undefined,
      steps: [{ status: 'succeeded' }, { status: 'pending' }],
    });
    // It has done nothing to others: it stands in nobody's way.
    const other = await replica.request({ steps });
    await replica.reaches(other, 'succeeded');
    // What is held takes more than a confirmation.
    expect(await replica.confirm(id)).toBe(false);
    expect(await verbs.continue(id, await keysOf(id), actor())).toBe(true);
    await replica.reaches(id, 'succeeded');
    expect(ran).toEqual(['one', 'one', 'two', 'two']);
  });

  it('takes the wish to hold a run back', async () => {
    const id = await replica.request({ steps });
    await replica.begins(id);
    await verbs.pause(id, BY);
    expect(await verbs.withdrawPause(id)).toBe(true);
    expect(await verbs.withdrawPause(id)).toBe(false);
    gate.open();
    await replica.reaches(id, 'succeeded');
  });

  it('holds a run in line, which leaves the line, and one between effects, which keeps its keys', async () => {
    const first = await replica.request({
      steps: [step('effect'), step('two', { needs: ['effect'] })],
    });
    await replica.begins(first);
    const second = await replica.request({ steps });
    expect(await verbs.pause(second, BY)).toBe('held');
    expect(await replica.find(second)).toMatchObject({
      status: 'waiting',
      parked: { pausedBy: BY },
    });
    await until(async () => (await replica.find(first)).hasEffects);
    await verbs.pause(first, BY);
    gate.open();
    await replica.reaches(first, 'waiting');
    expect(await database.query('SELECT run_id FROM run_key')).toEqual([
      { run_id: first },
    ]);
    await verbs.continue(first, await keysOf(first), actor());
    await replica.reaches(first, 'succeeded');
    await verbs.continue(second, await keysOf(second), actor());
    await replica.reaches(second, 'succeeded');
  });

  it('tries all again at which a run stopped', async () => {
    fails = true;
    gate.open();
    const id = await replica.request({ steps });
    await replica.reaches(id, 'failed');
    fails = false;
    const retriedStepIds = ['one'];
    expect(
      await verbs.redrive(id, await keysOf(id), actor({ retriedStepIds })),
    ).toBe(true);
    const run = await replica.reaches(id, 'succeeded');
    expect(run).toMatchObject({
      cause: undefined,
      steps: [{ attempt: 2 }, {}],
    });
    expect(retried).toEqual({ by: BY, at: WORD.at });
    expect(await verbs.redrive(id, await keysOf(id), actor())).toBe(false);
  });

  it('goes on without a step at which the run stopped, or that it has not begun', async () => {
    fails = true;
    gate.open();
    const stopped = await replica.request({ steps });
    await replica.reaches(stopped, 'failed');
    const options = {
      word: WORD,
      keys: await keysOf(stopped),
      actor: actor(),
    };
    expect(await verbs.skipOfStopped(stopped, 'one', options)).toBe(true);
    expect(await replica.reaches(stopped, 'succeeded')).toMatchObject({
      stepsDone: 2,
      steps: [
        { status: 'skipped', skipped: WORD, error: 'no luck' },
        { status: 'succeeded' },
      ],
    });
    expect(await verbs.skipOfStopped(stopped, 'two', options)).toBe(false);

    gate = createGate();
    fails = false;
    const held = await replica.request({ steps });
    await until(() => ran.length === 3);
    await verbs.pause(held, BY);
    gate.open();
    await replica.reaches(held, 'waiting');
    expect(await verbs.skipOfWaiting(held, 'one', WORD)).toBe(false);
    expect(await verbs.skipOfWaiting(held, 'two', WORD)).toBe(true);
    expect((await replica.find(held)).status).toBe('waiting');
    await verbs.continue(held, await keysOf(held), actor());
    await replica.reaches(held, 'succeeded');
    expect(ran).toEqual(['one', 'two', 'one']);
  });

  it('gives up what stopped without a clear end, and lets others come', async () => {
    fails = true;
    gate.open();
    const id = await replica.request({
      steps: [step('effect', { maxAttempts: 1 })],
    });
    await replica.reaches(id, 'dead');
    expect(await verbs.discard(id, WORD)).toBe(true);
    expect(await replica.find(id)).toMatchObject({
      status: 'cancelled',
      discarded: WORD,
      cause: 'Step one: no luck',
    });
    expect(await verbs.discard(id, WORD)).toBe(false);
    expect(await database.query('SELECT * FROM run_key')).toEqual([]);
  });

  it('replaces a run that has done nothing yet, in one transaction, and no other', async () => {
    const insert = async (older: string) => {
      const plan = createPlan({ steps });
      const id = randomUUID();
      const result = await replica.queue.insertReplacing(
        {
          id,
          plan,
          planHash: 'x',
          reason: 'Newer',
          requestedBy: BY,
          requesterGroups: ['group:default/storefront'],
          idempotencyKey: id,
          requestHash: id,
          replaces: older,
          input: { version: 'v3' },
          inputHashes: { one: 'x', two: 'x' },
        },
        { id: older, keys: plan.keys },
      );
      return { id, result };
    };
    const first = await replica.request({ steps });
    await replica.begins(first);
    const second = await replica.request({ steps });
    const late = await insert(first);
    expect(late.result).toBe('too-late');
    expect(await replica.runs.findRun(late.id)).toBeUndefined();

    const newer = await insert(second);
    expect(newer.result).toBe('inserted');
    expect(await replica.find(second)).toMatchObject({
      status: 'cancelled',
      replacedBy: { id: newer.id },
    });
    expect(await replica.find(newer.id)).toMatchObject({
      status: 'queued',
      behind: { id: first },
      replaces: { id: second },
      input: { version: 'v3' },
    });
    gate.open();
    await replica.reaches(newer.id, 'succeeded');
  });
});
