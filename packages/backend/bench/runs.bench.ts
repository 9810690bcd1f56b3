// What the queue costs: from a request at one replica to the start at another, many runs at once, and SQL statements per step.
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../../../scripts/launch/checks.mjs';
import { root } from '../../../scripts/launch/paths.mjs';
import {
  POSTGRES_PASSWORD,
  POSTGRES_USER,
} from '../../../scripts/launch/postgres.mjs';
import { Processes } from '../../../scripts/launch/processes.mjs';
import { tokenOf } from '../../../scripts/launch/token.mjs';
import { until } from '../../../scripts/testing/portal.mjs';
import pg from 'pg';
import { percentile, report } from './report.ts';

const SINGLE_RUNS = 40;
const RUNS_AT_ONCE = 200;
const STEPS_PER_RUN = 3;

const node = process.env.SWITCHYARD_NODE ?? process.execPath;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'switchyard-bench-'));
fs.chmodSync(folder, 0o711);
const processes = new Processes();

try {
  const connection = await startDatabase();
  const catalog = writeCatalog();
  const front = await startReplica('front', {
    connection,
    catalog,
    worker: false,
  });
  await startReplica('worker', { connection, catalog, worker: true });
  const token = await until(
    () => tokenOf(front, 'bench').catch(() => undefined),
    60_000,
  );
  const call = async (
    method: string,
    address: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(`${front}/api/runs/v1/${address}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = (await response.json()) as any;
    if (!response.ok)
      throw new Error(
        `${address}: ${response.status} ${JSON.stringify(answer)}`,
      );
    return answer;
  };
  const target = (index: number) => ({
    action: 'nothing',
    entityRef: `component:default/bench-${index}`,
    environment: 'production',
    input: {},
  });
  await until(
    () =>
      call('POST', 'previews', target(RUNS_AT_ONCE - 1)).catch(() => undefined),
    60_000,
  );
  const { planHash } = await call('POST', 'previews', target(0));
  const hashes = new Map([[0, planHash]]);
  for (let index = 1; index < RUNS_AT_ONCE; index++)
    hashes.set(index, (await call('POST', 'previews', target(index))).planHash);
  const request = (index: number) =>
    call(
      'POST',
      'runs',
      { ...target(index), reason: 'bench', planHash: hashes.get(index) },
      { 'idempotency-key': crypto.randomUUID() },
    );
  const ended = (id: string) =>
    until(async () => {
      const run = await call('GET', `runs/${id}`);
      return run.status === 'succeeded' ? run : undefined;
    }, 60_000);

  for (let index = 0; index < 10; index++)
    await ended((await request(index)).id);

  const database = new pg.Client({
    ...connection,
    database: 'backstage_plugin_runs',
  });
  await database.connect();
  await database.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');

  const starts: number[] = [];
  for (let index = 0; index < SINGLE_RUNS; index++) {
    const run = await ended((await request(index)).id);
    starts.push(Date.parse(run.startedAt) - Date.parse(run.requestedAt));
  }

  // Requests are sent a few at a time: they are not what is measured, only what fills the queue.
  await database.query('SELECT pg_stat_statements_reset()');
  const runs = await inBatches(
    Array.from({ length: RUNS_AT_ONCE }, (_, index) => index),
    20,
    request,
  );
  // Asked of the database: two hundred pollers would take the processor time that the queue is to have.
  await until(async () => {
    const { rows } = await database.query(
      `SELECT count(*) AS open FROM run WHERE status <> 'succeeded'`,
    );
    return rows[0].open === '0';
  }, 60_000);
  const all = await inBatches(runs, 20, run => ended(run.id));
  const firstSteps = all.map(
    run => Date.parse(run.steps[0].startedAt) - Date.parse(run.requestedAt),
  );
  const statements = await countStatements(database);
  await database.end();

  report([
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
      name: `${RUNS_AT_ONCE} runs at once: request → first step, p95`,
      value: percentile(firstSteps, 0.95),
      unit: 'ms',
      target: 1000,
    },
    {
      name: 'SQL statements of the worker per step',
      value: statements / (RUNS_AT_ONCE * STEPS_PER_RUN),
      unit: '',
      target: 10,
    },
  ]);
} finally {
  processes.stopping = true;
  processes.killAll();
  await new Promise(resolve => setTimeout(resolve, 500));
  fs.rmSync(folder, { recursive: true, force: true });
}

/** Statements that write runs and their steps, and the queue's own; reads for the pollers of this bench do not count. */
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

async function inBatches<T, R>(
  items: T[],
  size: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size) {
    results.push(
      ...(await Promise.all(items.slice(start, start + size).map(work))),
    );
  }
  return results;
}

async function startDatabase() {
  const port = await freePort();
  let ready = false;
  processes.startNode(
    node,
    'bench-postgres',
    [
      path.join(root, 'scripts/launch/postgres.mjs'),
      path.join(folder, 'postgres'),
      String(port),
    ],
    {
      cwd: root,
      env: {
        SWITCHYARD_POSTGRES_FLAGS:
          '-c shared_preload_libraries=pg_stat_statements',
      },
      onLine: (line: string) => {
        if (line === 'ready') ready = true;
      },
    },
  );
  await until(() => ready, 60_000);
  return {
    host: '127.0.0.1',
    port,
    user: POSTGRES_USER,
    password: POSTGRES_PASSWORD,
  };
}

function writeCatalog(): string {
  const entity = (kind: string, name: string, spec: object) => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name },
    spec,
  });
  const entities = [
    entity('Group', 'bench', { type: 'team', children: [] }),
    entity('User', 'bench', { memberOf: ['bench'] }),
    ...Array.from({ length: RUNS_AT_ONCE }, (_, index) =>
      entity('Component', `bench-${index}`, {
        type: 'service',
        lifecycle: 'production',
        owner: 'group:default/bench',
      }),
    ),
  ];
  const file = path.join(folder, 'catalog.yaml');
  fs.writeFileSync(
    file,
    entities.map(each => JSON.stringify(each)).join('\n---\n'),
  );
  return file;
}

async function startReplica(
  name: string,
  options: { connection: object; catalog: string; worker: boolean },
): Promise<string> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const config = path.join(folder, `${name}.yaml`);
  fs.writeFileSync(
    config,
    JSON.stringify({
      app: { baseUrl: url },
      backend: {
        baseUrl: url,
        listen: { host: '127.0.0.1', port },
        database: { client: 'pg', connection: options.connection },
      },
      permission: { enabled: true },
      auth: { environment: 'development', providers: { sandbox: {} } },
      catalog: {
        locations: [
          {
            type: 'file',
            target: options.catalog,
            rules: [{ allow: ['Component', 'Group', 'User'] }],
          },
        ],
      },
      switchyard: {
        access: [{ allow: ['*'] }],
        environments: [{ name: 'production', match: [] }],
        runs: { worker: options.worker },
      },
    }),
  );
  const child = processes.startNode(
    node,
    `bench-${name}`,
    [
      '--require',
      '@backstage/cli/config/nodeTransform.cjs',
      path.join(root, 'packages/backend/bench/queueBackend.ts'),
      '--config',
      config,
    ],
    {
      cwd: path.join(root, 'packages/backend'),
      env: { NODE_ENV: 'production', LOG_LEVEL: 'warn' },
    },
  );
  await until(async () => {
    if (child.exitCode !== null)
      throw new Error(`The replica '${name}' ended; see ${child.logFile}`);
    const response = await fetch(`${url}/.backstage/health/v1/readiness`).catch(
      () => undefined,
    );
    return response?.status === 200;
  }, 60_000);
  return url;
}
