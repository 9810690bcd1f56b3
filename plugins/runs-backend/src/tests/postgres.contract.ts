import { ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { RunDelta } from '../database/types';
import { TestDatabase } from './TestDatabase';
import { createKind, createPlan, doing } from './testKind';
import { TestReplica } from './TestReplica';

const GIVEN = 'BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING';
const MIGRATIONS = resolvePackagePath(
  '@switchyard/backstage-plugin-runs-backend',
  'migrations',
);
const NOTHING: RunDelta = { steps: [], logs: [], outbox: [] };
const LEASE_MS = 2_000;
/** Long enough that nothing in a test can come from sweeping. */
const NEVER_MS = 600_000;
/** A server far away, on a busy machine. */
const WAKE_UP_MS = 5_000;

// The one that the launcher starts for tests.
const servers: Array<[string, string]> = [
  ['the embedded PostgreSQL', process.env[GIVEN]!],
];
const real = process.env.SWITCHYARD_CONTRACT_POSTGRES;
if (real) servers.push(['a real PostgreSQL', real]);
else
  console.log(
    'No SWITCHYARD_CONTRACT_POSTGRES: the queue is held to the embedded PostgreSQL only.',
  );

describe.each(servers)('the queue and %s', (_, server) => {
  let database: TestDatabase;
  const replicas: TestReplica[] = [];

  beforeEach(async () => {
    database = await TestDatabase.create(server);
  });

  afterEach(async () => {
    await Promise.all(replicas.splice(0).map(replica => replica.stop()));
    await database.drop();
  });

  const start = async (
    options: Omit<Parameters<typeof TestReplica.start>[0], 'database'> = {},
  ) => {
    const replica = await TestReplica.start({ database, ...options });
    replicas.push(replica);
    return replica;
  };
  const step = (id: string, more: object = {}) => ({
    ...createPlan().steps[0],
    id,
    handler: id,
    ...more,
  });

  it('goes up, down to nothing, and up again', async () => {
    const knex = database.createKnex();
    await knex.migrate.latest({ directory: MIGRATIONS });
    await knex.migrate.rollback({ directory: MIGRATIONS }, true);
    expect(
      await database.query(
        `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'knex%'`,
      ),
    ).toEqual([]);
    expect(
      await database.query(
        `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
      ),
    ).toEqual([]);
    await knex.migrate.latest({ directory: MIGRATIONS });
    expect(await database.query('SELECT count(*)::int FROM run')).toEqual([
      { count: 0 },
    ]);
  });

  it('keeps its promises by itself: one active run per key, a plan that stays, an epoch that grows, an end', async () => {
    const replica = await start({ working: false });
    const [first, second] = [await replica.request(), await replica.request()];
    const held = (await replica.queue.claim({
      runId: first,
      kinds: ['test:1'],
      worker: 'a',
      leaseMs: LEASE_MS,
    }))!;
    await expect(
      database.query('UPDATE run_key SET active = true WHERE run_id = $1', [
        second,
      ]),
    ).rejects.toThrow('run_key_one_active');
    await expect(
      database.query(`UPDATE run SET plan = '{}' WHERE id = $1`, [first]),
    ).rejects.toThrow('what was requested never changes');
    await expect(
      database.query('UPDATE run SET epoch = epoch WHERE id = $1', [first]),
    ).rejects.toThrow('an epoch only grows');
    await replica.queue.end(held.claim, NOTHING, {
      status: 'succeeded',
      keepKeys: false,
    });
    await expect(
      database.query(`UPDATE run SET status = 'running' WHERE id = $1`, [
        first,
      ]),
    ).rejects.toThrow('it has ended');
  });

  it('rings a worker at the commit of a request, which carries out the steps in order', async () => {
    const done: string[] = [];
    const worker = await start({
      config: { sweepIntervalMs: NEVER_MS },
      kinds: [
        createKind({
          handlers: {
            one: { effect: 'none', run: async () => ({ output: { n: 1 } }) },
            two: doing(({ outputs }) => done.push(JSON.stringify(outputs))),
          },
        }),
      ],
    });
    const elsewhere = await start({ working: false });
    const id = await elsewhere.request({
      steps: [step('one'), step('two', { needs: ['one'] })],
    });
    const run = await worker.reaches(id, 'succeeded', WAKE_UP_MS);
    expect(run).toMatchObject({
      stepsDone: 2,
      steps: [
        { stepId: 'one', status: 'succeeded', attempt: 1, output: { n: 1 } },
        { stepId: 'two', status: 'succeeded', attempt: 1 },
      ],
    });
    expect(done).toEqual(['{"one":{"n":1}}']);
    expect(await database.query('SELECT FROM run_key')).toEqual([]);
  });

  it('gives each key to one run at a time, first come first served', async () => {
    const order: string[] = [];
    let most = 0;
    let now = 0;
    const kinds = [
      createKind({
        handlers: {
          one: doing(async ({ run }) => {
            now += 1;
            most = Math.max(most, now);
            order.push(run.id);
            await new Promise(resolve => setTimeout(resolve, 20));
            now -= 1;
          }),
        },
      }),
    ];
    const config = { sweepIntervalMs: NEVER_MS };
    const watcher = await start({ working: false });
    const ids: string[] = [];
    for (let index = 0; index < 8; index++) {
      ids.push(await watcher.request({ steps: [step('one')] }));
    }
    await start({ kinds, config: {} });
    await start({ kinds, config });
    for (const id of ids) await watcher.reaches(id, 'succeeded', 20_000);
    expect(order).toEqual(ids);
    expect(most).toBe(1);
  });

  it('refuses every write of a worker whose run another has taken over', async () => {
    const replica = await start({ working: false });
    const id = await replica.request();
    const claim = (worker: string, leaseMs: number) =>
      replica.queue.claim({ runId: id, kinds: ['test:1'], worker, leaseMs });
    const stale = (await claim('a', 0))!.claim;
    const current = (await claim('b', LEASE_MS))!;
    expect(current).toMatchObject({
      takenOver: true,
      claim: { epoch: stale.epoch + 1 },
    });
    const lease = { leaseMs: LEASE_MS };
    for (const write of [
      replica.queue.save(stale, NOTHING, lease),
      replica.queue.saveAndReadLocks(stale, NOTHING, {
        ...lease,
        lockKeys: [],
      }),
      replica.queue.end(stale, NOTHING, {
        status: 'succeeded',
        keepKeys: false,
      }),
    ]) {
      await expect(write).rejects.toThrow('Another worker');
    }
    expect((await replica.queue.renew([stale], lease)).size).toBe(0);
    expect((await replica.find(id)).status).toBe('running');
  });

  describe('with a worker in a process of its own', () => {
    let child: ChildProcessWithoutNullStreams;
    let lines: AsyncIterator<string>;
    let id: string;

    const untilSaid = async (word: string) => {
      const { value } = await lines.next();
      if (value !== word) throw new Error(`It said ${value}, not ${word}`);
    };

    beforeEach(async () => {
      child = spawn(
        process.execPath,
        [
          '--require',
          require.resolve('@backstage/cli/config/nodeTransform.cjs'),
          require.resolve('./workerProcess.ts'),
          database.name,
          String(LEASE_MS),
        ],
        { env: { ...process.env, [GIVEN]: server } },
      );
      lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      await untilSaid('ready');
      const watcher = await start({ working: false });
      id = await watcher.request({
        steps: [step('one', { effect: 'adoptable', timeoutMs: 60_000 })],
      });
      await untilSaid('effect');
    });

    afterEach(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    });

    const startSecond = () =>
      start({
        config: { leaseMs: LEASE_MS },
        kinds: [
          createKind({
            handlers: {
              one: {
                effect: 'adoptable',
                adopt: async ({ step: { reference } }) => ({
                  output: { adopted: reference ?? null },
                }),
                run: async () => ({ output: { begunAnew: true } }),
              },
            },
          }),
        ],
      });
    const TAKEN_OVER = {
      status: 'succeeded',
      steps: [
        {
          attempt: 2,
          interruptions: 1,
          output: { adopted: { by: 'process' } },
        },
      ],
    };

    it('that is killed, goes on under another, which finds out what was done', async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
      const second = await startSecond();
      await expect(second.reaches(id, 'succeeded')).resolves.toMatchObject(
        TAKEN_OVER,
      );
    });

    it('that is stopped past its lease, lets it do nothing any more when it is continued', async () => {
      const second = await startSecond();
      child.kill('SIGSTOP');
      await second.reaches(id, 'succeeded');
      child.stdin.write('go on\n');
      child.kill('SIGCONT');
      expect((await lines.next()).value).toBe('LeaseLostError');
      expect(await second.find(id)).toMatchObject(TAKEN_OVER);
    });
  });
});
