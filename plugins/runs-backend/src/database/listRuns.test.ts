import { RunStatus } from '@switchyard/backstage-plugin-runs-common';
import { TestDatabase } from '../tests/TestDatabase';
import { createKind, ENTITY_REF } from '../tests/testKind';
import { TestReplica } from '../tests/TestReplica';
import { RunQuery } from './types';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-01-01T00:00:00Z');
const day = (index: number) => new Date(START + index * DAY_MS);

interface Seeded {
  status: RunStatus;
  kind: string;
  environment: string;
  requestedBy: string;
  entityRef: string;
}

/** One a day, from the first of January; `number` is the place in the list. */
const seeded: Seeded[] = [
  { status: 'succeeded', kind: 'hotfix', environment: 'production' },
  { status: 'failed', kind: 'sync', environment: 'production' },
  { status: 'dead', kind: 'hotfix', environment: 'development' },
  { status: 'waiting', kind: 'sync', environment: 'development' },
  { status: 'running', kind: 'hotfix', environment: 'production' },
  // Behind the one that runs: shown as waiting.
  { status: 'queued', kind: 'hotfix', environment: 'production' },
  { status: 'queued', kind: 'sync', environment: 'development' },
].map((run, index) => ({
  ...run,
  status: run.status as RunStatus,
  requestedBy: index % 2 === 0 ? 'user:default/dana' : 'user:default/omar',
  entityRef: index === 2 ? 'component:default/chat' : ENTITY_REF,
}));

describe('the list of runs', () => {
  let database: TestDatabase;
  let replica: TestReplica;

  beforeAll(async () => {
    database = await TestDatabase.create();
    replica = await TestReplica.start({
      database,
      kinds: [createKind({})],
      working: false,
    });
    for (const [index, run] of seeded.entries()) {
      const { kind, environment, entityRef, requestedBy, status } = run;
      const keys = [index === 4 || index === 5 ? 'shared' : `key-${index}`];
      const id = await replica.request(
        { kind, environment, entityRef, keys },
        { requestedBy },
      );
      await database.query(
        `ALTER TABLE run DISABLE TRIGGER run_plan_is_immutable`,
      );
      await database.query(
        `UPDATE run SET status = $2, requested_at = $3 WHERE id = $1`,
        [id, status, day(index)],
      );
      if (status === 'running')
        await database.query(
          `UPDATE run_key SET active = true WHERE run_id = $1`,
          [id],
        );
    }
  });

  afterAll(async () => {
    await replica?.stop();
    await database?.drop();
  });

  it.each<[Partial<RunQuery>, number[]]>([
    [{}, [7, 6, 5, 4, 3, 2, 1]],
    [{ limit: 2 }, [7, 6]],
    [{ limit: 2, before: 6 }, [5, 4]],
    [{ statuses: ['failed'] }, [2]],
    [{ statuses: ['failed', 'succeeded', 'dead'] }, [3, 2, 1]],
    [{ statuses: ['failed', 'succeeded', 'dead'], limit: 2 }, [3, 2]],
    // As shown: who stands behind another waits.
    [{ statuses: ['waiting'] }, [6, 4]],
    [{ statuses: ['queued'] }, [7]],
    [{ statuses: ['queued', 'waiting'] }, [7, 6, 4]],
    [{ statuses: ['waiting', 'running'], limit: 2 }, [6, 5]],
    [{ statuses: ['queued', 'queued'] }, [7]],
    [{ kind: 'sync' }, [7, 4, 2]],
    [{ environment: 'development' }, [7, 4, 3]],
    [{ requestedBy: 'user:default/omar' }, [6, 4, 2]],
    [{ entityRef: 'component:default/chat' }, [3]],
    [
      { kind: 'hotfix', environment: 'production', statuses: ['succeeded'] },
      [1],
    ],
    // Each pair of filters.
    [{ statuses: ['succeeded'], kind: 'hotfix' }, [1]],
    [{ statuses: ['dead'], kind: 'sync' }, []],
    [{ statuses: ['dead', 'failed'], environment: 'production' }, [2]],
    [{ statuses: ['failed'], requestedBy: 'user:default/omar' }, [2]],
    [{ statuses: ['dead'], entityRef: 'component:default/chat' }, [3]],
    [{ kind: 'sync', environment: 'development' }, [7, 4]],
    [{ kind: 'hotfix', requestedBy: 'user:default/omar' }, [6]],
    [{ kind: 'sync', entityRef: 'component:default/chat' }, []],
    [{ environment: 'development', requestedBy: 'user:default/dana' }, [7, 3]],
    [{ environment: 'development', entityRef: 'component:default/chat' }, [3]],
    [
      {
        requestedBy: 'user:default/dana',
        entityRef: 'component:default/orders',
      },
      [7, 5, 1],
    ],
    [{ kind: 'nothing-like-it' }, []],
    [{ from: day(2), to: day(5) }, [5, 4, 3]],
    [{ from: day(6) }, [7]],
    [{ to: day(0) }, []],
    [{ from: day(1), statuses: ['failed', 'succeeded'] }, [2]],
    [{ from: day(1), to: day(6), before: 5, limit: 2 }, [4, 3]],
  ])('%j', async (query, expected) => {
    const found = await replica.runs.list({ limit: 50, ...query });
    expect(found.map(run => run.number)).toEqual(expected);
  });

  it('says of each run how far it is, and who is ahead', async () => {
    const [behind] = await replica.runs.list({
      statuses: ['waiting'],
      limit: 1,
    });
    expect(behind).toMatchObject({
      number: 6,
      stepsTotal: 2,
      stepsDone: 0,
      behind: { number: 5 },
    });
  });
});
