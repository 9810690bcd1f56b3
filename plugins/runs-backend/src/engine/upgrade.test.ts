import { TestDatabase } from '../tests/TestDatabase';
import { createKind, createPlan, doing } from '../tests/testKind';
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
});
