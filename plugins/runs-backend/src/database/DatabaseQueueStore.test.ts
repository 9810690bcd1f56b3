import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { LineModel } from '../tests/LineModel';
import { newLock } from '../tests/newLock';
import { TestDatabase } from '../tests/TestDatabase';
import { createPlan, ENTITY_REF } from '../tests/testKind';
import { TestReplica } from '../tests/TestReplica';
import { RunDelta } from './types';

const NOTHING: RunDelta = { steps: [], logs: [], outbox: [] };
const LEASE = { leaseMs: 10_000 };
const ALONE = { ...LEASE, lockKeys: [] };

function aToldEffect(): RunDelta['outbox'][number] {
  return {
    id: randomUUID(),
    topic: 'audit-effect',
    payload: { change: { system: 'Git', what: 'Commit' } },
  };
}

describe('DatabaseQueueStore', () => {
  let database: TestDatabase;
  let replica: TestReplica;

  beforeAll(async () => {
    database = await TestDatabase.create();
    replica = await TestReplica.start({ database, working: false });
  });

  beforeEach(async () => {
    await database.query(
      'TRUNCATE run, run_key, run_step, run_log, outbox CASCADE',
    );
  });

  afterAll(async () => {
    await replica?.stop();
    await database?.drop();
  });

  const claim = (
    runId: string,
    options: { worker?: string; leaseMs?: number; kinds?: string[] } = {},
  ) =>
    replica.queue.claim({
      runId,
      kinds: ['test:1'],
      worker: 'a',
      leaseMs: 10_000,
      ...options,
    });
  const finish = (held: { runId: string; epoch: number }) =>
    replica.queue.end(held, NOTHING, { status: 'succeeded', keepKeys: false });

  it('hands a run to one of many that want it', async () => {
    const id = await replica.request();
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        claim(id, { worker: `w${index}` }),
      ),
    );
    expect(claims.filter(each => each !== undefined)).toHaveLength(1);
  });

  it('leaves kinds and versions alone that the worker has not registered', async () => {
    const id = await replica.request({ version: 2 });
    expect(await claim(id)).toBeUndefined();
    expect(
      await replica.queue.findForsaken({ kinds: ['test:1'], limit: 10 }),
    ).toEqual([]);
    expect(await claim(id, { kinds: ['test:1', 'test:2'] })).toBeDefined();
  });

  it('refuses every write of a worker whose run another has taken over', async () => {
    const id = await replica.request();
    const stale = (await claim(id, { leaseMs: 0 }))!.claim;
    const current = (await claim(id, { worker: 'b' }))!;
    expect(current).toMatchObject({
      takenOver: true,
      claim: { epoch: stale.epoch + 1 },
    });

    await expect(replica.queue.save(stale, NOTHING, LEASE)).rejects.toThrow(
      'Another worker',
    );
    await expect(
      replica.queue.saveAndReadLocks(stale, NOTHING, ALONE),
    ).rejects.toThrow('Another worker');
    await expect(finish(stale)).rejects.toThrow('Another worker');
    expect((await replica.queue.renew([stale], LEASE)).size).toBe(0);
    await replica.queue.release([stale]);
    // None of that has touched what the current one holds.
    await replica.queue.saveAndReadLocks(current.claim, NOTHING, ALONE);
    await finish(current.claim);
    expect((await replica.find(id)).status).toBe('succeeded');
  });

  it('writes nothing of a refused write', async () => {
    const id = await replica.request();
    const stale = (await claim(id, { leaseMs: 0 }))!;
    await claim(id, { worker: 'b' });
    const delta: RunDelta = {
      steps: [{ ...stale.steps[0], status: 'succeeded' }],
      logs: [
        {
          stepId: 'one',
          seq: 1,
          at: new Date().toISOString(),
          level: 'info',
          message: 'from beyond',
        },
      ],
      outbox: [aToldEffect()],
    };
    await expect(
      replica.queue.save(stale.claim, delta, LEASE),
    ).rejects.toThrow();
    expect((await replica.find(id)).steps[0].status).toBe('pending');
    expect(
      await database.query(
        `SELECT FROM run_log UNION ALL SELECT FROM outbox WHERE topic = 'audit-effect'
         UNION ALL SELECT FROM audit WHERE event = 'effect'`,
      ),
    ).toEqual([]);
  });

  it('writes the same twice as if it were once: an answer of the database may get lost', async () => {
    const held = (await claim(await replica.request()))!;
    const delta: RunDelta = {
      steps: [
        { ...held.steps[0], status: 'running', attempt: 1, starts: true },
      ],
      logs: [
        {
          stepId: 'one',
          seq: 1,
          at: new Date().toISOString(),
          level: 'info',
          message: 'once',
        },
      ],
      outbox: [aToldEffect()],
    };
    await replica.queue.save(held.claim, delta, LEASE);
    await replica.queue.save(held.claim, delta, LEASE);
    expect(await database.query('SELECT FROM run_log')).toHaveLength(1);
    expect(
      await database.query(`SELECT FROM outbox WHERE topic = 'audit-effect'`),
    ).toHaveLength(1);
    expect(
      await database.query(`SELECT FROM audit WHERE event = 'effect'`),
    ).toHaveLength(1);
  });

  it('does not let an effect begin after the lease has run out, even if nobody has taken over', async () => {
    const held = (await claim(await replica.request(), { leaseMs: 0 }))!.claim;
    await expect(
      replica.queue.saveAndReadLocks(held, NOTHING, ALONE),
    ).rejects.toThrow('Another worker');
    expect((await replica.queue.renew([held], LEASE)).size).toBe(0);
  });

  it('answers with the locks on the entity and on those that share its target, in the environment of the run', async () => {
    const held = (await claim(await replica.request()))!.claim;
    const lock = (entityRef: string, environment?: string) =>
      replica.locks.create(newLock({ entityRef, environment }));
    const [own, shared] = [
      await lock(ENTITY_REF),
      await lock('component:default/web', 'production'),
    ];
    await lock('component:default/web', 'development');
    await lock('component:default/search');
    const read = async (lockKeys: string[]) =>
      (
        await replica.queue.saveAndReadLocks(held, NOTHING, {
          ...LEASE,
          lockKeys,
        })
      ).locks.map(({ id }) => id);
    expect(await read([])).toEqual([own.id]);
    expect(
      await read(['component:default/web', 'component:default/none']),
    ).toEqual([own.id, shared.id]);
  });

  it('makes one run of the same request sent many times at once', async () => {
    const plan = createPlan();
    const insert = () =>
      replica.queue.insertRun({
        id: randomUUID(),
        plan,
        planHash: 'h',
        reason: 'r',
        requestedBy: 'user:default/dana',
        requesterGroups: [],
        idempotencyKey: 'same',
        requestHash: 'x',
        inputHashes: { one: '1', two: '2' },
      });
    const inserted = await Promise.all(Array.from({ length: 6 }, insert));
    expect(inserted.filter(Boolean)).toHaveLength(1);
    expect(await database.query('SELECT FROM run')).toHaveLength(1);
    expect(await database.query('SELECT FROM run_key')).toHaveLength(1);
  });

  describe('keeps in the database that', () => {
    it('a plan never changes', async () => {
      const id = await replica.request();
      await expect(
        database.query(`UPDATE run SET plan = '{}' WHERE id = $1`, [id]),
      ).rejects.toThrow('never changes');
      await expect(
        database.query(`UPDATE run SET plan_hash = 'x' WHERE id = $1`, [id]),
      ).rejects.toThrow('never changes');
    });

    it('an epoch only grows', async () => {
      const id = await replica.request();
      await claim(id);
      await expect(
        database.query('UPDATE run SET epoch = 0 WHERE id = $1', [id]),
      ).rejects.toThrow('only grows');
    });

    it('a key has one active run', async () => {
      const first = await replica.request();
      const second = await replica.request();
      await claim(first);
      await expect(
        database.query('UPDATE run_key SET active = true WHERE run_id = $1', [
          second,
        ]),
      ).rejects.toThrow('run_key_one_active');
    });

    it('what has ended has ended', async () => {
      const id = await replica.request();
      await replica.runs.cancel(id, 'user:default/dana');
      await expect(
        database.query(`UPDATE run SET status = 'queued' WHERE id = $1`, [id]),
      ).rejects.toThrow('has ended');
    });
  });

  it('gives each key to one run at a time, in the order of the line, whatever happens to them', async () => {
    const keysArbitrary = fc.uniqueArray(
      fc.constantFrom('k1', 'k2', 'k3', 'k4'),
      { minLength: 1, maxLength: 3 },
    );
    const actionArbitrary = fc.record({
      do: fc.constantFrom(
        'finish',
        'finish',
        'cancel',
        'park',
        'confirm',
        'takeover',
        'retry',
      ),
      which: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(keysArbitrary, { minLength: 2, maxLength: 10 }),
        fc.array(actionArbitrary, { maxLength: 25 }),
        async (lines, actions) => {
          await database.query(
            'TRUNCATE run, run_key, run_step, run_log, outbox CASCADE',
          );
          const model = new LineModel();
          for (const keys of lines)
            model.add(await replica.request({ keys }), keys);

          const claimAll = async () => {
            // In any order, and each asked for twice at the same time.
            const asked = [...model.ids, ...model.ids].reverse();
            const results = await Promise.all(asked.map(id => claim(id)));
            for (const held of results)
              if (held) model.noteClaim(held.run.id, held.claim);
            model.expectRunning();
          };

          await claimAll();
          for (const action of actions) {
            await model.act(action, replica, finish, claim);
            await claimAll();
            const rows = await database.query(
              'SELECT key FROM run_key WHERE active ORDER BY key',
            );
            expect(rows.map(row => row.key)).toEqual(model.heldKeys());
          }
          // Nothing is left behind for ever.
          for (
            let round = 0;
            round < lines.length * 3 && model.running.length > 0;
            round++
          ) {
            await finish(model.end(model.running[0]));
            await claimAll();
          }
          expect(
            await database.query(
              `SELECT FROM run WHERE status IN ('queued', 'running')`,
            ),
          ).toEqual([]);
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);
});
