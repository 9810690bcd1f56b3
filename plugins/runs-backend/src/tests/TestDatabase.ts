import { DatabaseService, LoggerService } from '@backstage/backend-plugin-api';
import { ConfigReader } from '@backstage/config';
import { randomBytes } from 'node:crypto';
import createKnex, { Knex } from 'knex';
import { Client } from 'pg';
import { readBreakGlass } from '../breakGlass/readBreakGlass';
import { RunsConfig } from '../config';
import { readRecord } from '../record/readRecord';
import { readNotices } from '../notices/readNotices';
import { openDatabase, RunsDatabase } from '../database/openDatabase';

const VARIABLE = 'BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING';

export const testConfig: RunsConfig = {
  worker: true,
  leaseMs: 10_000,
  sweepIntervalMs: 200,
  maxActiveRuns: 500,
  wakeupSchema: undefined,
  embeddedPostgres: false,
  embeddedPostgresDirectory: undefined,
  appBaseUrl: 'http://portal',
  environments: ['production', 'development'],
  accessMembers: undefined,
  approvals: [],
  breakGlass: readBreakGlass(new ConfigReader({})),
  findings: [],
  lockPolicies: [],
  notices: readNotices(new ConfigReader({})),
  record: readRecord(new ConfigReader({})),
};

/** Losing connections is part of the tests. */
export const silentLogger: LoggerService = {
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
  child: () => silentLogger,
};

/** A database of its own on the PostgreSQL server that the tests are given, or on another one. */
export class TestDatabase {
  static async create(server = findServer()): Promise<TestDatabase> {
    const name = `runs_test_${randomBytes(6).toString('hex')}`;
    await withClient(server, client => client.query(`CREATE DATABASE ${name}`));
    return new TestDatabase(server, name);
  }

  /** One that another process has made. */
  static join(name: string): TestDatabase {
    return new TestDatabase(findServer(), name);
  }

  readonly url: string;
  readonly name: string;
  readonly #server: string;
  readonly #closers: Array<() => Promise<unknown>> = [];

  private constructor(server: string, name: string) {
    this.#server = server;
    this.name = name;
    const url = new URL(server);
    url.pathname = `/${name}`;
    this.url = url.toString();
  }

  /** As Backstage hands it to a plugin. `port` leads there by a proxy; `schema` divides plugins by schema. */
  createKnex(options: { port?: number; schema?: string } = {}): Knex {
    const { hostname, username, password } = new URL(this.url);
    const knex = createKnex({
      client: 'pg',
      connection:
        options.port === undefined
          ? this.url
          : {
              host: hostname,
              port: options.port,
              user: username,
              password,
              database: this.name,
            },
      searchPath: options.schema ? [options.schema] : undefined,
    });
    this.#closers.push(() => knex.destroy());
    return knex;
  }

  createService(knex: Knex): DatabaseService {
    return { getClient: async () => knex };
  }

  /** The queue's connections, as a replica opens them. */
  async open(
    options: {
      port?: number;
      schema?: string;
      config?: Partial<RunsConfig>;
    } = {},
  ): Promise<RunsDatabase> {
    const opened = await openDatabase({
      database: this.createService(this.createKnex(options)),
      config: { ...testConfig, ...options.config },
      logger: silentLogger,
    });
    let isClosed = false;
    const close = async () => {
      if (isClosed) return;
      isClosed = true;
      await opened.close();
    };
    this.#closers.push(close);
    return { ...opened, close };
  }

  async query<T extends object = any>(
    text: string,
    values: unknown[] = [],
  ): Promise<T[]> {
    return withClient(
      this.url,
      async client => (await client.query(text, values)).rows,
    );
  }

  async drop(): Promise<void> {
    await Promise.all(this.#closers.map(close => close()));
    await withClient(this.#server, client =>
      client.query(`DROP DATABASE ${this.name} WITH (FORCE)`),
    );
  }
}

function findServer(): string {
  const server = process.env[VARIABLE];
  if (!server)
    throw new Error(
      `Set ${VARIABLE} to a PostgreSQL server on which databases may be created`,
    );
  return server;
}

async function withClient<T>(
  url: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
