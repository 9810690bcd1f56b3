import { LoggerService } from '@backstage/backend-plugin-api';
import { Knex } from 'knex';
import { Pool, PoolConfig } from 'pg';

/**
 * Connections that the queue keeps, besides one that listens. With graphile-worker's own listener, which comes out of this pool, a replica
 * holds at most five.
 */
const POOL_SIZE = 4;
const CONNECT_TIMEOUT_MS = 5_000;
/**
 * A server that has vanished without closing its connections would keep a statement waiting for minutes; after this it counts as failed.
 * Nothing that the queue asks takes longer than a moment.
 */
const STATEMENT_TIMEOUT_MS = 10_000;

/** What a client of node-postgres needs to reach the plugin's database. */
export type ConnectionSettings = PoolConfig;

interface KnexInternals {
  config: { connection?: unknown; role?: string };
  pool?: { min: number };
}

/**
 * Takes the connection settings out of the plugin's knex client, so that the queue's own connections reach the same database as the same role.
 */
export async function readConnectionSettings(
  knex: Knex,
): Promise<ConnectionSettings> {
  const { config } = knex.client as KnexInternals;
  // Connections by token (RDS, Azure) are made by a function that hands out a fresh password each time.
  const provider =
    typeof config.connection === 'function' ? config.connection : undefined;
  const settings = copySettings(
    provider ? await provider() : config.connection,
  );
  if (provider)
    settings.password = async () =>
      copySettings(await provider()).password as string;
  // As an option of the connection itself, the role holds from the first statement on.
  if (config.role)
    settings.options = `${settings.options ?? ''} -c role=${escapeOption(
      config.role,
    )}`.trim();
  return settings;
}

/** knex hides the password from enumeration, so that logs do not show it: a spread would lose it. */
function copySettings(connection: unknown): ConnectionSettings {
  const copy: Record<string, unknown> = {};
  for (const name of Object.getOwnPropertyNames(connection ?? {})) {
    copy[name] = (connection as Record<string, unknown>)[name];
  }
  return copy;
}

function escapeOption(value: string): string {
  return value.replace(/[\\ ]/g, character => `\\${character}`);
}

/**
 * After the migrations nobody needs the plugin's knex pool, which would keep two connections open for ever.
 */
export function letKnexPoolRunDry(knex: Knex): void {
  const { pool } = knex.client as KnexInternals;
  if (pool) pool.min = 0;
}

/**
 * The queue's own pool. Errors of idle and of busy connections are logged here: without a handler each would end the process.
 */
export function createPool(
  settings: ConnectionSettings,
  logger: LoggerService,
): Pool {
  const pool = new Pool({
    ...settings,
    password: settings.password,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
  });
  const report = (error: Error) =>
    logger.warn('A database connection was lost', {
      reason: describeDatabaseError(error),
    });
  pool.on('error', report);
  pool.on('connect', client => {
    client.on('error', report);
  });
  return pool;
}

/** For logs: never the statement or its values. */
export function describeDatabaseError(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ? `${code}: ${message}` : String(message ?? error);
}
