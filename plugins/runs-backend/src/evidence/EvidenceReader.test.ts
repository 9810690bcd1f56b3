import {
  OutcomeUnknownError,
  StepContext,
  StepFailedError,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { DatabaseRunStore } from '../database/DatabaseRunStore';
import { TestDatabase } from '../tests/TestDatabase';
import { createKind, createPlan } from '../tests/testKind';
import { TestReplica } from '../tests/TestReplica';
import { EvidenceReader } from './EvidenceReader';

type Look = (context: StepContext) => Promise<unknown> | unknown;

const TIME_LIMIT_MS = 300;

describe('EvidenceReader', () => {
  let database: TestDatabase;
  let replica: TestReplica;
  let effects: number;
  let seen: StepContext | undefined;
  /** What the handlers do while the run is carried out, and when somebody looks. */
  let work: Look;
  let look: Look;

  const act: Look = context => (context.lookingOnly ? look : work)(context);
  const send = async (context: StepContext) => {
    await context.beforeEffect({ commit: 'abc' });
    effects += 1;
    throw new OutcomeUnknownError('The answer was lost');
  };
  const handlers: Record<string, StepHandler> = {
    before: {
      effect: 'none',
      run: async () => ({ output: { commit: 'first' } }),
    },
    none: {
      effect: 'none',
      run: async context => {
        await act(context);
        return { output: {} };
      },
    },
    adoptable: {
      effect: 'adoptable',
      run: async context => ({ output: (await act(context)) as any }),
      adopt: async context => {
        seen = context;
        return (await look(context)) as any;
      },
    },
    idempotent: {
      effect: 'idempotent',
      run: async context => ({ output: (await act(context)) as any }),
    },
    manual: {
      effect: 'manual',
      run: async context => ({ output: (await act(context)) as any }),
    },
  };
  const kind = createKind({ handlers });

  beforeAll(async () => {
    database = await TestDatabase.create();
    replica = await TestReplica.start({ database, kinds: [kind] });
  });
  afterAll(async () => {
    await replica.stop();
    await database.drop();
  });
  beforeEach(() => {
    effects = 0;
    seen = undefined;
    work = send;
    look = () => undefined;
  });

  const stopped = async (handler: string, status = 'needs-attention') => {
    const [one] = createPlan().steps;
    const id = await replica.request({
      keys: [`target:${handler}:${Math.random()}`],
      steps: [
        { ...one, id: 'before', handler: 'before' },
        {
          ...one,
          id: 'it',
          handler,
          effect: handlers[handler].effect,
          needs: ['before'],
          maxAttempts: 1,
        },
      ],
    });
    await replica.reaches(id, status);
    return id;
  };
  const read = async (id: string) => {
    const runs = DatabaseRunStore.create(replica.database);
    const reader = EvidenceReader.create({
      runs: { listChildren: async () => new Map() },
      kinds: replica.kinds,
      runUrl: runId => `http://portal/runs/${runId}`,
      timeLimitMs: TIME_LIMIT_MS,
    });
    return (await reader.read((await runs.findRun(id))!)).steps;
  };

  it('asks a step what its attempt did, as a later attempt would, and does nothing', async () => {
    const id = await stopped('adoptable');
    const before = await replica.find(id);
    look = context => {
      context.progress('Asking Git');
      context.log('https://bot:hunter2@git.example.com has it');
      context.recordChange({ system: 'git', what: 'commit', ref: 'abc' });
      return { output: {} };
    };
    expect(await read(id)).toEqual([
      {
        stepId: 'it',
        title: 'Step one',
        finding: 'done',
        message: 'What the step was to do is there now',
        changes: [{ system: 'git', what: 'commit', ref: 'abc' }],
        details: ['https://…@git.example.com has it'],
      },
    ]);
    expect(seen).toMatchObject({
      lookingOnly: true,
      step: { attempt: 2, reference: { commit: 'abc' } },
      outputs: { before: { commit: 'first' } },
      run: { id, url: `http://portal/runs/${id}` },
    });
    expect(effects).toBe(1);
    expect(await replica.find(id)).toEqual(before);
  });

  it('reminds a step of the word on which its attempt rests', async () => {
    const id = await stopped('adoptable');
    await read(id);
    expect(seen!.retried).toBeUndefined();
    expect(await replica.retry(id, 'it')).toBe(true);
    const run = await replica.reaches(id, 'needs-attention');
    await read(id);
    expect(seen).toMatchObject({
      lookingOnly: true,
      retried: { by: 'user:default/dana', at: run.confirmed!.at },
    });
  });

  it.each<[string, Look, object]>([
    ['it did not arrive', () => undefined, { finding: 'not-done' }],
    [
      'the world does not tell',
      () => {
        throw new OutcomeUnknownError('Two commits carry the id');
      },
      { finding: 'unknown', message: 'Two commits carry the id' },
    ],
    [
      'it came to a bad end',
      () => {
        throw new StepFailedError('The hook failed');
      },
      { finding: 'failed', message: 'The hook failed' },
    ],
    [
      'a system is down',
      () => {
        throw new Error('git.example.com refused the connection');
      },
      {
        finding: 'not-readable',
        message: 'git.example.com refused the connection',
      },
    ],
    [
      'a system is silent',
      () => new Promise(() => {}),
      { finding: 'not-readable', message: expect.stringContaining('Nothing') },
    ],
    [
      'it may still be under way',
      context => {
        context.progress('2 of 5 resources are synced');
        return new Promise((_, reject) =>
          context.signal.addEventListener('abort', () =>
            reject(context.signal.reason),
          ),
        );
      },
      {
        finding: 'unknown',
        message: expect.stringContaining('last: 2 of 5 resources are synced'),
      },
    ],
    [
      'it would begin an effect',
      context => context.beforeEffect(),
      { finding: 'not-done' },
    ],
  ])('says so when %s', async (_, told, expected) => {
    const id = await stopped('adoptable');
    look = told;
    expect(await read(id)).toMatchObject([expected]);
    expect(effects).toBe(1);
  });

  it('waits with a step that only waits, for a moment', async () => {
    work = () => {
      throw new Error('Not in time');
    };
    const id = await stopped('none', 'dead');
    expect(await read(id)).toMatchObject([{ finding: 'done' }]);
    look = context => {
      context.progress('3 of 5 pods ready');
      return new Promise(() => {});
    };
    expect(await read(id)).toMatchObject([
      { finding: 'waiting', message: '3 of 5 pods ready' },
    ]);
  });

  it('does not ask where an answer would be an effect, or cannot be had', async () => {
    look = () => {
      throw new Error('Nobody may be asked');
    };
    for (const handler of ['idempotent', 'manual'])
      expect(await read(await stopped(handler))).toMatchObject([
        { finding: 'not-checkable' },
      ]);
    work = () => {
      throw new Error('Before the effect');
    };
    expect(await read(await stopped('adoptable', 'dead'))).toMatchObject([
      { finding: 'not-done', message: expect.stringContaining('had not come') },
    ]);
  });

  it('asks once for all who look at the same time, and anew when the run has changed', async () => {
    const id = await stopped('adoptable');
    let asked = 0;
    look = () => void (asked += 1);
    const reader = EvidenceReader.create({
      runs: { listChildren: async () => new Map() },
      kinds: replica.kinds,
      runUrl: runId => runId,
    });
    const run = await replica.find(id);
    const [one, other] = await Promise.all([
      reader.read(run),
      reader.read(run),
    ]);
    expect(one).toBe(other);
    expect(asked).toBe(1);
    await reader.read({ ...run, revision: run.revision + 1 });
    expect(asked).toBe(2);
  });
});
