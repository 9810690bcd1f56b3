import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import createKnex from 'knex';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { runsPlugin } from '../plugin';
import { silentLogger, TestDatabase, testConfig } from '../tests/TestDatabase';
import { createKind, doing, until } from '../tests/testKind';
import { TestReplica } from '../tests/TestReplica';
import { openDatabase } from './openDatabase';
import { readConnectionSettings } from './connection';

jest.setTimeout(60_000);

describe('openDatabase', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await TestDatabase.create();
  });

  afterEach(async () => {
    await database.drop();
  });

  it('refuses SQLite with a sentence that says what to do, and so does the start of the backend', async () => {
    const knex = createKnex({
      client: 'better-sqlite3',
      connection: ':memory:',
      useNullAsDefault: true,
    });
    try {
      const opening = openDatabase({
        database: { getClient: async () => knex },
        config: testConfig,
        logger: silentLogger,
      });
      await expect(opening).rejects.toThrow(
        /keeps its queue in PostgreSQL.*switchyard\.runs\.embeddedPostgres: true/,
      );
      const start = startTestBackend({
        features: [
          runsPlugin,
          catalogServiceMock.factory(),
          mockServices.database.mock({ getClient: async () => knex }).factory,
        ],
      });
      await expect(start).rejects.toThrow(/keeps its queue in PostgreSQL/);
    } finally {
      await knex.destroy();
    }
  });

  it('starts the real server where that is asked for, joins it, and finds its data again', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'switchyard-runs-test-'));
    // The server's own user must get through to its files.
    await chmod(directory, 0o711);
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--require',
        require.resolve('@backstage/cli/config/nodeTransform.cjs'),
        join(__dirname, '../tests/startEmbedded.ts'),
        join(directory, 'postgres'),
      ]);
      expect(JSON.parse(stdout)).toEqual({
        joined: [{ value: 1 }],
        again: [{ value: 1 }],
      });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('stays within its schema where plugins are divided by schema', async () => {
    await database.query('CREATE SCHEMA runs');
    const opened = await database.open({ schema: 'runs' });
    expect(opened).toMatchObject({
      schema: 'runs',
      wakeupSchema: 'runs_graphile_worker',
    });
    const tables = await database.query(
      `SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname NOT LIKE 'pg\\_%' AND schemaname <> 'information_schema'`,
    );
    expect(tables.map(row => row.schemaname).sort()).toEqual([
      'runs',
      'runs_graphile_worker',
    ]);
  });

  it('goes back down to nothing', async () => {
    const knex = database.createKnex();
    const directory = join(__dirname, '../../migrations');
    await knex.migrate.latest({ directory });
    await knex.migrate.rollback({ directory }, true);
    const left = await database.query(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'knex%'`,
    );
    expect(left).toEqual([]);
    expect(
      await database.query(
        `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
      ),
    ).toEqual([]);
    await knex.migrate.latest({ directory });
  });

  it('keeps at most five connections, however much there is to do', async () => {
    const replica = await TestReplica.start({
      database,
      kinds: [createKind({ handlers: { one: doing(() => {}) } })],
    });
    try {
      let most = 0;
      let isOver = false;
      const watching = (async () => {
        while (!isOver) {
          const [{ count }] = await database.query(
            `SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()`,
            [database.name],
          );
          most = Math.max(most, Number(count));
        }
      })();
      const ids = await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          replica.request({ keys: [`target:${index}`] }),
        ),
      );
      for (const id of ids) await replica.reaches(id, 'succeeded');
      isOver = true;
      await watching;
      // The migrations' connection is closed once it has been idle for a while; it is no part of the queue.
      expect(most - 1).toBeLessThanOrEqual(5);
      expect(most).toBeGreaterThan(2);
    } finally {
      await replica.stop();
    }
  });
});

describe('readConnectionSettings', () => {
  const settingsOf = async (connection: unknown, more: object = {}) => {
    const knex = createKnex({
      client: 'pg',
      connection: connection as never,
      ...more,
    });
    try {
      return await readConnectionSettings(knex);
    } finally {
      await knex.destroy();
    }
  };

  it('takes the password that knex hides', async () => {
    expect(
      await settingsOf({ host: 'h', port: 1, user: 'u', password: 'p' }),
    ).toEqual({
      host: 'h',
      port: 1,
      user: 'u',
      password: 'p',
    });
  });

  it('takes a connection string', async () => {
    expect(await settingsOf('postgresql://u:p@h:1/d')).toEqual({
      host: 'h',
      port: '1',
      user: 'u',
      password: 'p',
      database: 'd',
    });
  });

  it('asks again for a password that is handed out for a while', async () => {
    let count = 0;
    const { password, ...settings } = await settingsOf(async () => {
      count += 1;
      return { host: 'h', password: `p${count}` };
    });
    expect(settings).toEqual({ host: 'h' });
    await until(
      async () => (await (password as () => Promise<string>)()) === 'p3',
    );
  });

  it('acts as the configured role', async () => {
    const database = await TestDatabase.create();
    const knex = database.createKnex();
    try {
      await database.query(`CREATE ROLE "runs test" NOLOGIN`);
      knex.client.config.role = 'runs test';
      const client = new Client(await readConnectionSettings(knex));
      await client.connect();
      expect((await client.query('SELECT current_user')).rows).toEqual([
        { current_user: 'runs test' },
      ]);
      await client.end();
    } finally {
      await database.query(`DROP ROLE IF EXISTS "runs test"`);
      await database.drop();
    }
  });
});
