import { TestDatabase } from '../tests/TestDatabase';
import { TestReplica } from '../tests/TestReplica';
import { createKind } from '../tests/testKind';
import { createListStatement } from './listStatement';
import { RunQuery } from './types';

const HISTORY = 30_000;

describe('the list of runs with a history in which some pairs meet nowhere', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await TestDatabase.create();
    const replica = await TestReplica.start({
      database,
      kinds: [createKind({})],
      working: false,
    });
    await replica.stop();
    // Without triggers: nobody is to be rung.
    await database.query(
      `SET session_replication_role = replica;
       INSERT INTO run (id, kind, plan_version, entity_ref, environment, title, plan, plan_hash, reason, requested_by,
         requested_at, idempotency_key, request_hash, actor, actor_groups, status)
       SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
         CASE WHEN n % 10 = 0 THEN 'hotfix' ELSE 'sync' END, 1, 'component:default/orders',
         CASE WHEN n % 5 = 0 THEN 'development' ELSE 'production' END, 'Try it', '{}', 'x', 'why',
         'user:default/dana', now(), n::text, 'x', 'user:default/dana', '{}',
         CASE WHEN n % 20 = 1 THEN 'failed' ELSE 'succeeded' END
       FROM generate_series(1, ${HISTORY}) AS n`,
    );
    await database.query(`VACUUM ANALYZE run`);
  });

  afterAll(() => database?.drop());

  it.each<[Partial<RunQuery>, number]>([
    [{ kind: 'hotfix', environment: 'production' }, 0],
    [{ statuses: ['failed'], environment: 'development' }, 0],
    [{ statuses: ['failed'], kind: 'hotfix' }, 0],
    [{ kind: 'hotfix', environment: 'development' }, 50],
  ])('reads little of the history for %j', async (query, expected) => {
    const { text, values } = createListStatement({ schema: 'public' })({
      limit: 50,
      ...query,
    });
    const [{ 'QUERY PLAN': plans }] = await database.query(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      values,
    );
    const reads = nodesOf(plans[0].Plan).filter(
      node => node['Relation Name'] === 'run',
    );
    expect(reads.length).toBeGreaterThan(0);
    for (const node of reads) {
      expect(node['Actual Rows']).toBeLessThanOrEqual(expected);
      expect(node['Rows Removed by Filter'] ?? 0).toBeLessThan(HISTORY / 30);
    }
  });
});

interface PlanNode {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
