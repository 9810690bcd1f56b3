import { StepHandler } from '@switchyard/backstage-plugin-runs-node';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { TcpProxy } from '../tests/TcpProxy';
import { TestDatabase } from '../tests/TestDatabase';
import {
  createGate,
  createKind,
  createPlan,
  doing,
  until,
} from '../tests/testKind';
import { TestReplica } from '../tests/TestReplica';
import {
  findDeadNeighbours,
  nameWorker,
  registerWorker,
} from './workerIdentity';

jest.setTimeout(60_000);

const LEASE_MS = 1_500;
/** Longer than any test: what goes on before its end has not waited for it. */
const ENDLESS_LEASE_MS = 600_000;
const config = { leaseMs: LEASE_MS, sweepIntervalMs: 200 };
const step = (handler: string, more: object = {}) => ({
  ...createPlan().steps[0],
  id: handler,
  handler,
  ...more,
});

describe('with two replicas', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  const replicas: TestReplica[] = [];

  beforeEach(async () => {
    database = await TestDatabase.create();
    const { hostname, port } = new URL(database.url);
    proxy = await TcpProxy.start({ host: hostname, port: Number(port) });
  });

  afterEach(async () => {
    await Promise.all(replicas.splice(0).map(replica => replica.stop()));
    await proxy.cut();
    await database.drop();
  });

  const start = async (
    handlers: Record<string, StepHandler>,
    more: object = {},
  ) => {
    const replica = await TestReplica.start({
      database,
      kinds: [createKind({ handlers })],
      config,
      ...more,
    });
    replicas.push(replica);
    return replica;
  };

  it('each run is carried out by one, and all are', async () => {
    const seen: string[] = [];
    const handlers = { one: doing(context => seen.push(context.run.id)) };
    const [a] = [await start(handlers), await start(handlers)];
    const ids = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        a.request({ steps: [step('one')], keys: [`target:${index % 7}`] }),
      ),
    );
    for (const id of ids) await a.reaches(id, 'succeeded');
    expect(seen.sort()).toEqual(ids.sort());
  });

  it('goes on under the other when one loses the database, and the first can do nothing any more', async () => {
    const stuck = createGate();
    const left = createGate();
    let afterwards: string | undefined;
    const first = await start(
      {
        one: {
          effect: 'adoptable',
          adopt: async () => undefined,
          run: async context => {
            await context.beforeEffect({ at: 'first' });
            stuck.open();
            await new Promise(resolve =>
              context.signal.addEventListener('abort', resolve),
            );
            afterwards = await context.beforeEffect().then(
              () => 'allowed',
              (error: Error) => error.name,
            );
            left.open();
            throw context.signal.reason;
          },
        },
      },
      { port: proxy.port },
    );
    const id = await first.request({
      steps: [step('one', { effect: 'adoptable' })],
    });
    await stuck.promise;

    const adopted: unknown[] = [];
    const second = await start({
      one: {
        effect: 'adoptable',
        adopt: async context => {
          adopted.push(context.step.reference);
          return { output: { by: 'second' } };
        },
        run: async () => {
          throw new Error('must not begin again');
        },
      },
    });
    await proxy.cut();
    const run = await second.reaches(id, 'succeeded');
    expect(adopted).toEqual([{ at: 'first' }]);
    expect(run.steps[0]).toMatchObject({
      attempt: 2,
      interruptions: 1,
      output: { by: 'second' },
    });
    await left.promise;
    expect(afterwards).toBe('LeaseLostError');
    await proxy.open();
  });

  it('goes on under the other at once when one shuts down, and counts no failure', async () => {
    const running = createGate();
    const first = await start(
      {
        one: doing(async context => {
          context.log('so far');
          running.open();
          await new Promise((_, reject) =>
            context.signal.addEventListener('abort', () =>
              reject(new Error('aborted')),
            ),
          );
        }),
      },
      { config: { ...config, leaseMs: ENDLESS_LEASE_MS } },
    );
    const id = await first.request({
      steps: [step('one', { maxAttempts: 1 })],
    });
    await running.promise;
    const second = await start({ one: doing(() => {}) });
    replicas.splice(replicas.indexOf(first), 1);
    await first.stop();
    const run = await second.reaches(id, 'succeeded');
    expect(run.steps[0]).toMatchObject({
      attempt: 2,
      failures: 0,
      interruptions: 0,
    });
    expect(
      (await second.runs.readLog(id, 'one')).map(line => line.message),
    ).toEqual(['so far']);
  });

  it('needs attention when a manual effect was interrupted', async () => {
    const running = createGate();
    const handlers: Record<string, StepHandler> = {
      one: {
        effect: 'manual',
        run: async context => {
          await context.beforeEffect();
          running.open();
          await new Promise((_, reject) =>
            context.signal.addEventListener('abort', reject),
          );
          return { output: {} };
        },
      },
    };
    const first = await start(handlers);
    const id = await first.request({
      steps: [step('one', { effect: 'manual' })],
    });
    await running.promise;
    const second = await start(handlers);
    replicas.splice(replicas.indexOf(first), 1);
    await first.stop();
    const run = await second.reaches(id, 'needs-attention');
    expect(run.steps[0]).toMatchObject({
      status: 'needs-attention',
      attempt: 1,
    });
  });

  it('finds out what an interrupted effect did before it ends a cancelled run', async () => {
    const running = createGate();
    const first = await start({
      one: {
        effect: 'adoptable',
        adopt: async () => undefined,
        run: async context => {
          await context.beforeEffect();
          running.open();
          await new Promise((_, reject) =>
            context.signal.addEventListener('abort', reject),
          );
          return { output: {} };
        },
      },
      two: doing(() => {}),
    });
    const id = await first.request({
      steps: [
        step('one', { effect: 'adoptable' }),
        step('two', { needs: ['one'] }),
      ],
    });
    await running.promise;
    await first.runs.cancel(id, 'user:default/dana');
    replicas.splice(replicas.indexOf(first), 1);
    await first.stop();
    const second = await start({
      one: {
        effect: 'adoptable',
        adopt: async () => ({ output: { found: true } }),
        run: async () => ({ output: {} }),
      },
      two: doing(() => {}),
    });
    const run = await second.reaches(id, 'cancelled');
    expect(run.steps).toMatchObject([
      { status: 'succeeded', output: { found: true } },
      { status: 'cancelled' },
    ]);
  });

  it('waits out a time without database, goes on, and keeps claiming', async () => {
    const begun = createGate();
    const gate = createGate();
    let attempts = 0;
    const replica = await start(
      {
        one: doing(async context => {
          attempts += 1;
          if (attempts > 1) return;
          begun.open();
          await Promise.race([
            gate.promise,
            new Promise((_, reject) =>
              context.signal.addEventListener('abort', () =>
                reject(context.signal.reason),
              ),
            ),
          ]);
        }),
      },
      { port: proxy.port },
    );
    const watcher = await TestReplica.start({ database, working: false });
    replicas.push(watcher);
    const id = await watcher.request({ steps: [step('one')] });
    // Claimed is not begun: what is cut off between the two begins later, and would be waited for.
    await begun.promise;
    await proxy.cut();
    await new Promise(resolve => setTimeout(resolve, LEASE_MS * 2));
    expect(replica.claimLoopAgeMs).toBeGreaterThan(LEASE_MS);
    const later = await watcher.request({
      steps: [step('one')],
      keys: ['other'],
    });
    await proxy.open();
    await watcher.reaches(id, 'succeeded', 15_000);
    await watcher.reaches(later, 'succeeded', 15_000);
    expect(replica.claimLoopAgeMs).toBeLessThan(5_000);
    // Wake-ups are heard again too: nothing waits for the sweeper any more.
    await new Promise(resolve => setTimeout(resolve, 3_000));
    const third = await watcher.request({
      steps: [step('one')],
      keys: ['third'],
    });
    await watcher.reaches(third, 'succeeded', 1_000);
  });

  it('survives connections that take everything and answer nothing', async () => {
    const replica = await start({ one: doing(() => {}) }, { port: proxy.port });
    const watcher = await TestReplica.start({ database, working: false });
    replicas.push(watcher);
    proxy.isSilent = true;
    const id = await watcher.request({ steps: [step('one')] });
    await new Promise(resolve => setTimeout(resolve, 1_000));
    proxy.isSilent = false;
    await proxy.cut();
    await proxy.open();
    const run = await watcher.reaches(id, 'succeeded', 20_000);
    expect(run.steps[0].status).toBe('succeeded');
    await until(() => replica.activeRuns === 0);
  });

  it('takes the runs of a process that has died on the same machine without waiting for its lease', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const { pid } = child;
    await once(child, 'exit');
    const watcher = await TestReplica.start({ database, working: false });
    replicas.push(watcher);
    const id = await watcher.request({ steps: [step('one')] });
    const deadWorker = nameWorker().replace(`/${process.pid}/`, `/${pid}/`);
    await watcher.queue.claim({
      runId: id,
      kinds: ['test:1'],
      worker: deadWorker,
      leaseMs: ENDLESS_LEASE_MS,
    });
    await start({ one: doing(() => {}) });
    const run = await watcher.reaches(id, 'succeeded');
    expect(run.steps[0].status).toBe('succeeded');
  });

  it('is dead when it took down one worker after the other', async () => {
    const watcher = await TestReplica.start({ database, working: false });
    replicas.push(watcher);
    const id = await watcher.request({ steps: [step('one')] });
    await database.query(
      `UPDATE run_step SET status = 'running', attempt = 11, interruptions = 10 WHERE run_id = $1`,
      [id],
    );
    await start({ one: doing(() => {}) });
    expect((await watcher.reaches(id, 'dead')).cause).toBe(
      'Step one: The worker ended 11 times during this step',
    );
  });
});

describe('findDeadNeighbours', () => {
  it('tells only of those that are certainly dead', async () => {
    const child = spawn(process.execPath, [
      '-e',
      'setTimeout(() => {}, 60000)',
    ]);
    const self = registerWorker();
    const named = (pid: number | undefined) =>
      self.replace(`/${process.pid}/`, `/${pid}/`);
    const elsewhere = `otherhost/${named(999_999_999)}`;
    const other = registerWorker();
    const predecessor = nameWorker();
    const workers = [
      self,
      other,
      named(child.pid),
      elsewhere,
      'nonsense',
      predecessor,
    ];
    // A container's process has the pid of the one before; ours are known by name.
    expect(findDeadNeighbours(workers, self)).toEqual([predecessor]);
    child.kill();
    await once(child, 'exit');
    await until(
      () => findDeadNeighbours([named(child.pid)], self).length === 1,
    );
  });
});
