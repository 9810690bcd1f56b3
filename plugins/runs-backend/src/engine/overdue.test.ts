import { OverdueWatch } from './OverdueWatch';
import { silentLogger, TestDatabase } from '../tests/TestDatabase';
import { createGate, createKind, createPlan, doing } from '../tests/testKind';
import { TestReplica } from '../tests/TestReplica';

describe('a step that takes longer than expected', () => {
  let database: TestDatabase;
  let replica: TestReplica;
  const gate = createGate();

  beforeAll(async () => {
    database = await TestDatabase.create();
    replica = await TestReplica.start({
      database,
      kinds: [createKind({ handlers: { work: doing(() => gate.promise) } })],
    });
  });
  afterAll(async () => {
    gate.open();
    await replica.stop();
    await database.drop();
  });

  it('is told on the list and on its page, and counted, for as long as it runs', async () => {
    const [step] = createPlan().steps;
    const request = (key: string, more: object) =>
      replica.request({
        keys: [key],
        steps: [{ ...step, timeoutMs: 60_000, ...more }],
      });
    const slow = await request('slow', { expectedMs: 1 });
    const fine = await request('fine', {});
    await replica.begins(slow);
    await replica.begins(fine);
    await new Promise(resolve => setTimeout(resolve, 20));

    const listed = await replica.runs.list({ limit: 10 });
    const expectedBy = (id: string) =>
      listed.find(run => run.id === id)!.currentStep!.expectedBy!.getTime();
    expect(expectedBy(slow)).toBeLessThan(Date.now());
    // Without a word of the plan: half of the time that an attempt may take.
    const { startedAt, expectedBy: by } = (await replica.find(fine)).steps[0];
    expect(by!.getTime() - startedAt!.getTime()).toBe(30_000);
    expect(expectedBy(fine)).toBe(by!.getTime());

    const said: unknown[] = [];
    const watch = new OverdueWatch({
      runs: replica.runs,
      logger: {
        ...silentLogger,
        warn: (_: string, meta: unknown) => void said.push(meta),
      } as typeof silentLogger,
    });
    await watch.look();
    await watch.look();
    expect(watch.count).toBe(1);
    expect(said).toEqual([{ steps: 1 }]);

    gate.open();
    await replica.reaches(slow, 'succeeded');
    await watch.look();
    expect(watch.count).toBe(0);
    const [{ currentStep }] = await replica.runs.list({
      limit: 1,
      statuses: ['succeeded'],
    });
    expect(currentStep?.expectedBy).toBeUndefined();
  });
});
