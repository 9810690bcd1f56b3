import { ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { childRunsStep } from '@switchyard/backstage-plugin-runs-node';
import { TestDatabase } from '../tests/TestDatabase';
import { createKind, createPlan } from '../tests/testKind';
import { TestReplica } from '../tests/TestReplica';

jest.setTimeout(60_000);

const LEASE_MS = 2_000;
/** Longer than the test: what goes on before its end has not waited for it. */
const ENDLESS_LEASE_MS = 600_000;

describe('a worker in a process of its own', () => {
  let database: TestDatabase;
  let replica: TestReplica;
  let child: ChildProcessWithoutNullStreams;
  let lines: AsyncIterator<string>;
  const adopted: unknown[] = [];
  let begun = 0;

  beforeEach(async () => {
    adopted.length = 0;
    begun = 0;
    database = await TestDatabase.create();
  });

  const startFirst = async (leaseMs: number) => {
    child = spawn(process.execPath, [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      join(__dirname, '../tests/workerProcess.ts'),
      database.name,
      String(leaseMs),
    ]);
    lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    await lines.next();
  };

  afterEach(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await replica?.stop();
    await database.drop();
  });

  /** Another replica, here; it finds out what the first has done, and would begin anew if that were nothing. */
  const startSecond = async () => {
    replica = await TestReplica.start({
      database,
      config: { leaseMs: LEASE_MS, sweepIntervalMs: 200 },
      kinds: [
        createKind({
          handlers: {
            one: {
              effect: 'adoptable',
              adopt: async context => {
                adopted.push(context.step.reference);
                return { output: { by: 'second' } };
              },
              run: async () => {
                begun += 1;
                return { output: {} };
              },
            },
          },
        }),
        createKind({ kind: 'parent', handlers: { wave: childRunsStep } }),
        createKind({ kind: 'child' }),
      ],
    });
  };
  /** A run that asks for two others; the first process has asked for one of them. */
  const requestAndWaitForChild = async () => {
    const watcher = await TestReplica.start({ database, working: false });
    const [step] = createPlan().steps;
    const id = await watcher.request({
      kind: 'parent',
      keys: [],
      children: ['a', 'b'].map(name => ({
        id: name,
        input: {},
        plan: createPlan({ kind: 'child', keys: [`target:${name}`] }),
      })),
      steps: [
        {
          ...step,
          id: 'wave',
          handler: 'wave',
          input: { children: ['a', 'b'] },
          timeoutMs: 60_000,
        },
      ],
    });
    expect((await lines.next()).value).toBe('asked for a');
    await watcher.stop();
    return id;
  };
  const listAsked = (id: string) =>
    database.query(
      'SELECT child_id, status FROM run WHERE parent_run = $1 ORDER BY child_id',
      [id],
    );
  const requestAndWaitForEffect = async () => {
    const watcher = await TestReplica.start({ database, working: false });
    const id = await watcher.request({
      steps: [
        {
          ...createPlan().steps[0],
          id: 'one',
          handler: 'one',
          effect: 'adoptable',
          timeoutMs: 60_000,
        },
      ],
    });
    expect((await lines.next()).value).toBe('effect');
    await watcher.stop();
    return id;
  };

  it('that is killed is followed at once by a process on the same machine', async () => {
    await startFirst(ENDLESS_LEASE_MS);
    const id = await requestAndWaitForEffect();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await startSecond();
    const run = await replica.reaches(id, 'succeeded');
    expect(adopted).toEqual([{ by: 'process' }]);
    expect(begun).toBe(0);
    expect(run.steps[0]).toMatchObject({
      attempt: 2,
      interruptions: 1,
      output: { by: 'second' },
    });
  });

  it('that is asked to end hands its run over within 10 s, though its step does not listen', async () => {
    await startFirst(ENDLESS_LEASE_MS);
    const id = await requestAndWaitForEffect();
    await startSecond();
    const askedAt = Date.now();
    child.kill('SIGTERM');
    const run = await replica.reaches(id, 'succeeded', 10_000);
    expect(Date.now() - askedAt).toBeLessThan(10_000);
    expect(adopted).toEqual([{ by: 'process' }]);
    expect(begun).toBe(0);
    // An orderly end is no interruption: a run that many upgrades come across is not given up for that.
    expect(run.steps[0]).toMatchObject({
      attempt: 2,
      interruptions: 0,
      output: { by: 'second' },
    });
  });

  it('that is stopped past its lease, and continued, can do nothing to what another has taken over', async () => {
    await startFirst(LEASE_MS);
    const id = await requestAndWaitForEffect();
    await startSecond();
    child.kill('SIGSTOP');
    const stoppedAt = Date.now();
    await replica.reaches(id, 'succeeded');
    // It is alive, as far as anybody can see: only the end of its lease counts.
    expect(Date.now() - stoppedAt).toBeGreaterThan(LEASE_MS / 3);

    child.stdin.write('go on\n');
    child.kill('SIGCONT');
    expect((await lines.next()).value).toBe('LeaseLostError');
    await new Promise(resolve => setTimeout(resolve, 500));
    const run = await replica.find(id);
    expect(run).toMatchObject({
      status: 'succeeded',
      steps: [{ attempt: 2, output: { by: 'second' } }],
    });
    expect([adopted.length, begun]).toEqual([1, 0]);
  });

  it('that is killed between asking for one run and the next leaves each to be asked for once', async () => {
    await startFirst(ENDLESS_LEASE_MS);
    const id = await requestAndWaitForChild();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await startSecond();
    await replica.reaches(id, 'succeeded');
    expect(await listAsked(id)).toEqual([
      { child_id: 'a', status: 'succeeded' },
      { child_id: 'b', status: 'succeeded' },
    ]);
  });

  it('that is stopped past its lease, and continued, asks for no run any more', async () => {
    await startFirst(LEASE_MS);
    const id = await requestAndWaitForChild();
    await startSecond();
    child.kill('SIGSTOP');
    await replica.reaches(id, 'succeeded');
    child.stdin.write('go on\n');
    child.kill('SIGCONT');
    expect((await lines.next()).value).toBe('LeaseLostError');
    expect(await listAsked(id)).toHaveLength(2);
  });

  it('that keeps its lease goes on to its end, though another looks on', async () => {
    await startFirst(LEASE_MS);
    const id = await requestAndWaitForEffect();
    child.stdin.write('go on\n');
    expect((await lines.next()).value).toBe('allowed');
    await startSecond();
    expect((await replica.reaches(id, 'succeeded')).steps[0]).toMatchObject({
      attempt: 1,
      output: { by: 'process' },
    });
  });
});
