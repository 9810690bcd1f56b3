import pg from 'pg';
import { type Figure, percentile } from '../report.ts';
import { QueueWorld } from './QueueWorld.ts';

const CALLS = 15;
/** What is looked for: what is common, and what is rare. Some pairs meet nowhere, which is the dearest answer to find. */
const VALUES: Record<string, string[]> = {
  status: ['succeeded', 'failed', 'dead', 'cancelled'],
  kind: ['nothing', 'hotfix', 'restart'],
  environment: ['production', 'development'],
  requestedBy: ['user:default/bench', 'user:default/person-7'],
  entityRef: ['component:default/bench-0', 'component:default/bench-7'],
  from: ['2026-01-20T00:00:00Z', '2026-06-01T00:00:00Z'],
};

/** The pages of the list with a long history behind: each filter, and each pair of filters. */
export async function measureList(
  world: QueueWorld,
  options: { runs: number; targets: number },
): Promise<Figure[]> {
  const database = await world.connect();
  const began = performance.now();
  try {
    await writeHistory(database, options);
  } finally {
    await database.end();
  }
  const figures: Figure[] = [
    {
      name: `to write a history of ${options.runs} runs`,
      value: (performance.now() - began) / 1_000,
      unit: 's',
      target: 120,
    },
  ];
  const names = Object.keys(VALUES);
  const combinations = [
    [],
    ...names.map(name => [name]),
    ...names.flatMap((name, index) =>
      names.slice(index + 1).map(other => [name, other]),
    ),
  ];
  for (const combination of combinations)
    figures.push({
      name: `list by ${combination.join(' and ') || 'nothing'}, p95`,
      value: percentile(await timePages(world, combination), 0.95),
      unit: 'ms',
      target: 200,
    });
  return figures;
}

async function timePages(
  world: QueueWorld,
  names: string[],
): Promise<number[]> {
  const queries = names.reduce<URLSearchParams[]>(
    (found, name) =>
      found.flatMap(query =>
        VALUES[name].map(value => {
          const next = new URLSearchParams(query);
          next.set(name, value);
          return next;
        }),
      ),
    [new URLSearchParams()],
  );
  const times: number[] = [];
  // Each query at least twice; the first of all may find the memory of the database cold, as people do.
  for (let index = 0; index < Math.max(CALLS, 2 * queries.length); index++) {
    const began = performance.now();
    await world.call('GET', `runs?${queries[index % queries.length]}`);
    times.push(performance.now() - began);
  }
  return times;
}

/** By few statements: what is written is not what is measured. Indexes are made anew afterwards, as they lie then in a database that was swept. */
async function writeHistory(
  database: pg.Client,
  { runs, targets }: { runs: number; targets: number },
): Promise<void> {
  const { rows: indexes } = await database.query(
    `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = 'run'
       AND indexname NOT IN (SELECT conname FROM pg_constraint)`,
  );
  await database.query(
    `SET maintenance_work_mem = '256MB'; SET synchronous_commit = off`,
  );
  for (const { indexname } of indexes)
    await database.query(`DROP INDEX ${indexname}`);
  // Without triggers: nobody is to be rung a million times.
  await database.query(`SET session_replication_role = replica`);
  await database.query(`
    INSERT INTO run (id, kind, plan_version, entity_ref, environment, title, plan, plan_hash, reason, requested_by, requested_at,
      idempotency_key, request_hash, actor, actor_groups, status, queued_at, started_at, finished_at)
    SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
      CASE WHEN n % 100 = 0 THEN 'restart' WHEN n % 10 = 0 THEN 'hotfix' ELSE 'nothing' END, 1,
      'component:default/bench-' || CASE WHEN n % 3 = 0 THEN 0 ELSE n % ${targets} END,
      CASE WHEN n % 5 = 0 THEN 'development' ELSE 'production' END, 'Do nothing', '{}', 'x', 'bench',
      CASE WHEN n % 2 = 0 THEN 'user:default/bench' ELSE 'user:default/person-' || n % 201 END,
      timestamptz '2026-01-01' + n * interval '20 seconds', lpad(n::text, 10, '0'), 'x', 'user:default/bench', '{}',
      CASE WHEN n % 9999 = 0 THEN 'dead' WHEN n % 51 = 0 THEN 'failed' WHEN n % 203 = 0 THEN 'cancelled' ELSE 'succeeded' END,
      timestamptz '2026-01-01' + n * interval '20 seconds', timestamptz '2026-01-01' + n * interval '20 seconds',
      timestamptz '2026-01-01' + n * interval '20 seconds'
    FROM generate_series(1, ${runs}) AS n`);
  await database.query(`
    INSERT INTO run_step (run_id, step_id, position, title, input_hash, status)
    SELECT id, 'one', 0, 'Step one', 'x', 'succeeded' FROM run WHERE reason = 'bench' AND plan_hash = 'x'`);
  await database.query(`SET session_replication_role = DEFAULT`);
  for (const { indexdef } of indexes) await database.query(indexdef);
  await database.query(`VACUUM ANALYZE run`);
  await database.query(`VACUUM ANALYZE run_step`);
}
