import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { freePort } from '../../../../scripts/launch/checks.mjs';
import { root } from '../../../../scripts/launch/paths.mjs';
import {
  POSTGRES_PASSWORD,
  POSTGRES_USER,
} from '../../../../scripts/launch/postgres.mjs';
import { Processes } from '../../../../scripts/launch/processes.mjs';
import { tokenOf } from '../../../../scripts/launch/token.mjs';
import { until } from '../../../../scripts/testing/portal.mjs';

const node = process.env.SWITCHYARD_NODE ?? process.execPath;
const TRANSFORM = ['--require', '@backstage/cli/config/nodeTransform.cjs'];
export const DATABASE = 'backstage_plugin_runs';

/** A database, a catalog and replicas of a small backend, each a process of its own. */
export class QueueWorld {
  /** @param components - how many there are: `bench-0` and so on */
  static async start(components: number): Promise<QueueWorld> {
    const world = new QueueWorld(components);
    try {
      await world.#startDatabase();
      world.#front = await world.#startReplica('front', false);
      world.#token = await until(
        () => tokenOf(world.#front, 'bench').catch(() => undefined),
        60_000,
      );
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  readonly #folder = fs.mkdtempSync(
    path.join(os.tmpdir(), 'switchyard-bench-'),
  );
  readonly #processes = new Processes();
  readonly #catalog: string;
  #connection = {
    host: '127.0.0.1',
    port: 0,
    user: POSTGRES_USER,
    password: POSTGRES_PASSWORD,
  };
  #front = '';
  #token = '';

  private constructor(components: number) {
    fs.chmodSync(this.#folder, 0o711);
    this.#catalog = path.join(this.#folder, 'catalog.yaml');
    fs.writeFileSync(
      this.#catalog,
      entitiesOf(components)
        .map(each => JSON.stringify(each))
        .join('\n---\n'),
    );
  }

  /** Asks the replica that serves people, as the one person there is. */
  async call(
    method: string,
    address: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<any> {
    const response = await fetch(`${this.#front}/api/runs/v1/${address}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
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
  }

  /** The replica that carries runs out. */
  async startWorker(): Promise<void> {
    await this.#startReplica('worker', true);
  }

  /** A connection of the bench's own. */
  async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.#connection,
      database: DATABASE,
      application_name: 'bench',
    });
    await client.connect();
    return client;
  }

  /** Starts the program of the runs backend that fills the queue; settles when it has done its work. */
  async runProgram(args: string[], onReady?: () => void): Promise<void> {
    const { user, password, host, port } = this.#connection;
    let isDone = false;
    const child = this.#processes.startNode(
      node,
      `bench-${args[0]}`,
      [
        ...TRANSFORM,
        path.join(root, 'plugins/runs-backend/src/tests/benchProgram.ts'),
        ...args,
      ],
      {
        cwd: path.join(root, 'packages/backend'),
        env: {
          PGAPPNAME: `bench-${args[0]}`,
          BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING: `postgresql://${user}:${password}@${host}:${port}/postgres`,
        },
        onLine: (line: string) => {
          if (line === 'ready') onReady?.();
          if (line === 'done') isDone = true;
        },
      },
    );
    await until(() => {
      if (child.exitCode !== null && !isDone)
        throw new Error(`The program ended; see ${child.logFile}`);
      return isDone;
    }, 1_500_000);
  }

  async stop(): Promise<void> {
    this.#processes.stopping = true;
    this.#processes.killAll();
    await new Promise(resolve => setTimeout(resolve, 500));
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  async #startDatabase(): Promise<void> {
    this.#connection.port = await freePort();
    let ready = false;
    this.#processes.startNode(
      node,
      'bench-postgres',
      [
        path.join(root, 'scripts/launch/postgres.mjs'),
        path.join(this.#folder, 'postgres'),
        String(this.#connection.port),
      ],
      {
        cwd: root,
        env: {
          SWITCHYARD_POSTGRES_FLAGS:
            '-c shared_preload_libraries=pg_stat_statements -c max_wal_size=4GB -c autovacuum_naptime=10s',
        },
        onLine: (line: string) => {
          if (line === 'ready') ready = true;
        },
      },
    );
    await until(() => ready, 60_000);
  }

  async #startReplica(name: string, worker: boolean): Promise<string> {
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const config = path.join(this.#folder, `${name}.yaml`);
    fs.writeFileSync(
      config,
      JSON.stringify({
        app: { baseUrl: url },
        backend: {
          baseUrl: url,
          listen: { host: '127.0.0.1', port },
          database: {
            client: 'pg',
            // Backstage would name them by the plugin: the replicas could not be told apart.
            connection: { ...this.#connection, application_name: name },
          },
        },
        permission: { enabled: true },
        auth: { environment: 'development', providers: { sandbox: {} } },
        catalog: {
          locations: [
            {
              type: 'file',
              target: this.#catalog,
              rules: [{ allow: ['Component', 'Group', 'User'] }],
            },
          ],
        },
        switchyard: {
          access: [{ allow: ['*'] }],
          environments: [{ name: 'production', match: [] }],
          runs: { worker },
        },
      }),
    );
    const child = this.#processes.startNode(
      node,
      `bench-${name}`,
      [
        ...TRANSFORM,
        path.join(root, 'packages/backend/bench/queueBackend.ts'),
        '--config',
        config,
      ],
      {
        cwd: path.join(root, 'packages/backend'),
        env: {
          NODE_ENV: 'production',
          LOG_LEVEL: 'warn',
        },
      },
    );
    await until(async () => {
      if (child.exitCode !== null)
        throw new Error(`The replica '${name}' ended; see ${child.logFile}`);
      const response = await fetch(
        `${url}/.backstage/health/v1/readiness`,
      ).catch(() => undefined);
      return response?.status === 200;
    }, 120_000);
    return url;
  }
}

function entitiesOf(components: number): object[] {
  const entity = (kind: string, name: string, spec: object) => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name },
    spec,
  });
  return [
    entity('Group', 'bench', { type: 'team', children: [] }),
    entity('User', 'bench', { memberOf: ['bench'] }),
    ...Array.from({ length: components }, (_, index) =>
      entity('Component', `bench-${index}`, {
        type: 'service',
        lifecycle: 'production',
        owner: 'group:default/bench',
      }),
    ),
  ];
}
