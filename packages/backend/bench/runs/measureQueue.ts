import crypto from 'node:crypto';
import pg from 'pg';
import { until } from '../../../../scripts/testing/portal.mjs';
import { type Figure, percentile } from '../report.ts';
import { QueueWorld } from './QueueWorld.ts';

const SINGLE_RUNS = 40;
const RUNS_AT_ONCE = 1_000;
const STEPS_PER_RUN = 3;

/** How long it takes until a run begins: asked for alone at another replica, and a thousand at once on half as many targets. */
export async function measureQueue(
  world: QueueWorld,
  targets: number,
): Promise<Figure[]> {
  await world.startWorker();
  const request = await createRequest(world, targets);
  const ended = (id: string) =>
    until(async () => {
      const run = await world.call('GET', `runs/${id}`);
      return run.status === 'succeeded' ? run : undefined;
    }, 60_000);
  for (let index = 0; index < 10; index++) await ended(await request());

  const starts: number[] = [];
  for (let index = 0; index < SINGLE_RUNS; index++) {
    const run = await ended(await request());
    starts.push(Date.parse(run.startedAt) - Date.parse(run.requestedAt));
  }

  const database = await world.connect();
  try {
    await database.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    const { rows } = await database.query(
      'SELECT max(number) AS last FROM run',
    );
    const last = rows[0].last as string;
    await database.query('SELECT pg_stat_statements_reset()');
    const connections = watchConnections(database);
    await world.runProgram(['fill', String(RUNS_AT_ONCE), String(targets)]);
    await until(async () => {
      const open = await database.query(
        `SELECT count(*) AS open FROM run WHERE number > $1 AND status <> 'succeeded'`,
        [last],
      );
      return open.rows[0].open === '0';
    }, 120_000);
    const mostConnections = await connections();
    const waits = await readWaits(database, last);
    return [
      {
        name: 'request at replica 1 → start at replica 2, p50',
        value: percentile(starts, 0.5),
        unit: 'ms',
        target: 100,
      },
      {
        name: 'request at replica 1 → start at replica 2, p95',
        value: percentile(starts, 0.95),
        unit: 'ms',
      },
      {
        name: `${RUNS_AT_ONCE} runs at once on ${targets} targets: key free → first step, p95`,
        value: percentile(waits, 0.95),
        unit: 'ms',
        target: 2_000,
      },
      {
        name: 'SQL statements of the queue per step',
        value:
          (await countStatements(database)) / (RUNS_AT_ONCE * STEPS_PER_RUN),
        unit: '',
        target: 10,
      },
      {
        name: 'connections of a replica to the database, most',
        value: mostConnections,
        unit: '',
        target: 5,
      },
    ];
  } finally {
    await database.end();
  }
}

async function createRequest(world: QueueWorld, targets: number) {
  const body = {
    action: 'nothing',
    entityRef: `component:default/bench-${targets - 1}`,
    environment: 'production',
    input: {},
  };
  // The catalog has read all of its file when it knows the last.
  const { planHash } = await until(
    () => world.call('POST', 'previews', body).catch(() => undefined),
    120_000,
  );
  return async (): Promise<string> => {
    const run = await world.call(
      'POST',
      'runs',
      { ...body, reason: 'bench', planHash },
      { 'idempotency-key': crypto.randomUUID() },
    );
    return run.id;
  };
}

/** From the moment from which a run could have begun, by the database's clock: when it was put in line, or the one ahead on its target had ended. */
async function readWaits(
  database: pg.Client,
  after: string,
): Promise<number[]> {
  const { rows } = await database.query(
    `SELECT extract(epoch FROM s.started_at - greatest(r.queued_at,
        lag(r.finished_at) OVER (PARTITION BY r.entity_ref ORDER BY r.number))) * 1000 AS wait
     FROM run r JOIN run_step s ON s.run_id = r.id AND s.step_id = 'one' WHERE r.number > $1`,
    [after],
  );
  return rows.map(row => Number(row.wait));
}

/** Looks until it is asked: the most connections that one of the replicas had to the plugin's database. */
function watchConnections(database: pg.Client): () => Promise<number> {
  let most = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const { rows } = await database.query(
        `SELECT count(*) AS count FROM pg_stat_activity
         WHERE datname = current_database() AND application_name IN ('front', 'worker') GROUP BY application_name`,
      );
      most = Math.max(most, ...rows.map(row => Number(row.count)));
      await new Promise(resolve => setTimeout(resolve, 200));
    }
  })();
  return async () => {
    isOver = true;
    await watching;
    if (most === 0) throw new Error('No connection of a replica was seen');
    return most;
  };
}

/** Statements that write runs and their steps, and the queue's own; the bench's reads do not count. Putting runs in line does. */
async function countStatements(client: pg.Client): Promise<number> {
  const { rows } = await client.query(
    `SELECT query, calls FROM pg_stat_statements
     WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return rows
    .filter(
      ({ query }: { query: string }) =>
        /^\s*(with|insert|update|delete|begin|commit)/i.test(query) ||
        /graphile|lease|pg_advisory/i.test(query),
    )
    .reduce(
      (sum: number, { calls }: { calls: string }) => sum + Number(calls),
      0,
    );
}
