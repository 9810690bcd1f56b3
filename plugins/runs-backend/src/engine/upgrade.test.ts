import { StepFailedError } from '@switchyard/backstage-plugin-runs-node';
import { DatabaseRunVerbStore } from '../database/RunVerbStore';
import { TestDatabase } from '../tests/TestDatabase';
import { createGate, createKind, createPlan, doing } from '../tests/testKind';
import { TestReplica } from '../tests/TestReplica';

describe('during an upgrade', () => {
  let database: TestDatabase;
  const replicas: TestReplica[] = [];
  const ran: string[] = [];

  beforeEach(async () => {
    ran.length = 0;
    database = await TestDatabase.create();
  });

  afterEach(async () => {
    await Promise.all(replicas.splice(0).map(replica => replica.stop()));
    await database.drop();
  });

  const start = async (build: string, versions: number[]) => {
    const replica = await TestReplica.start({
      database,
      kinds: [
        createKind({
          versions,
          handlers: {
            work: doing(({ run }) => {
              ran.push(`${build} runs version ${run.planVersion}`);
            }),
          },
        }),
      ],
    });
    replicas.push(replica);
    return replica;
  };
  const [step] = createPlan().steps;
  const planOf = (version: number) => ({
    version,
    steps: [step],
    keys: [`target:${version}`],
  });

  it('the previous build leaves new plans alone, and the next carries out what the previous one planned', async () => {
    const previous = await start('previous', [1]);
    const newer = await previous.request(planOf(2));
    const own = await previous.request(planOf(1));
    await previous.reaches(own, 'succeeded');
    expect((await previous.find(newer)).status).toBe('queued');
    await previous.stop();
    replicas.length = 0;

    const watcher = await TestReplica.start({ database, working: false });
    replicas.push(watcher);
    const planned = await watcher.request(planOf(1));
    const next = await start('next', [1, 2]);
    await next.reaches(planned, 'succeeded');
    await next.reaches(newer, 'succeeded');
    expect(ran[0]).toBe('previous runs version 1');
    expect(ran.slice(1).sort()).toEqual([
      'next runs version 1',
      'next runs version 2',
    ]);
  });

  it('the next build goes on with a run that the previous one had begun, whose plan and rows know nothing of what came since', async () => {
    const gate = createGate();
    const begin = async (build: string, wait: Promise<void>) => {
      const replica = await TestReplica.start({
        database,
        kinds: [
          createKind({
            handlers: {
              work: doing(async ({ step: { id }, signal }) => {
                ran.push(`${build} ${id}`);
                await Promise.race([
                  wait,
                  new Promise((_, reject) =>
                    signal.addEventListener('abort', () =>
                      reject(signal.reason),
                    ),
                  ),
                ]);
              }),
            },
          }),
        ],
      });
      replicas.push(replica);
      return replica;
    };
    const previous = await begin('previous', gate.promise);
    const id = await previous.request();
    await previous.begins(id);
    // As it was inserted before the column was there.
    await database.query(`UPDATE run_step SET expected_ms = NULL`);
    const next = await begin('next', Promise.resolve());
    await previous.stop();
    replicas.shift();
    expect(await next.reaches(id, 'succeeded')).toMatchObject({
      steps: [{ attempt: 2, interruptions: 0 }, { attempt: 1 }],
    });
    expect(ran).toEqual(['previous one', 'next one', 'next two']);
  });

  it('the previous build meets no state of a step that it does not know, when somebody has skipped one', async () => {
    const outputs: unknown[] = [];
    const first = await TestReplica.start({
      database,
      kinds: [
        createKind({
          handlers: {
            work: doing(({ step: { id }, outputs: known }) => {
              outputs.push(known);
              if (id === 'one') throw new StepFailedError('no luck');
            }),
          },
        }),
      ],
    });
    replicas.push(first);
    const id = await first.request();
    const { plan } = await first.reaches(id, 'failed');
    await DatabaseRunVerbStore.create(first.database).skipOfStopped(id, 'one', {
      word: { by: 'user:default/omar', at: '2030-01-01', reason: 'By hand' },
      keys: plan.keys,
      actor: {
        confirmed: { by: 'user:default/omar', at: '2030-01-01' },
        groups: [],
      },
    });
    const run = await first.reaches(id, 'succeeded');
    expect(run.steps.map(({ status }) => status)).toEqual([
      'skipped',
      'succeeded',
    ]);
    expect(outputs[1]).toEqual({});
    const rows = await database.query(`SELECT DISTINCT status FROM run_step`);
    expect(rows).toEqual([{ status: 'succeeded' }]);
  });
});
