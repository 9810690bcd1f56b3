import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { PlainError } from './plainError.mjs';
import { keep } from './paths.mjs';

// Exact versions: with a range npm asks the registry, and hangs for minutes where there is no network.
const NODE_PACKAGE = 'node@24.21.0';
const YARN_PACKAGE = '@yarnpkg/cli-dist@4.13.0';
const SUPPORTED_NODE_MAJORS = [22, 24];

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/**
 * Paths of the Node.js and the Yarn that the project runs on, brought as npm packages where they are missing.
 * The running Node.js is used when its version is supported.
 *
 * @returns {{ node: string, yarn: string }} `yarn` is a script to be run by `node`
 */
export function ensureToolchain() {
  const memory = path.join(keep, 'toolchain.json');
  const key = `${process.version} ${NODE_PACKAGE} ${YARN_PACKAGE}`;
  const known = readJson(memory);
  if (
    known?.key === key &&
    fs.existsSync(known.node) &&
    fs.existsSync(known.yarn)
  )
    return known;

  const own = SUPPORTED_NODE_MAJORS.includes(
    Number(process.versions.node.split('.')[0]),
  );
  console.log(own ? 'Getting Yarn…' : 'Getting Node.js 24 and Yarn…');
  const yarn = locate([YARN_PACKAGE], 'yarn');
  const node = own ? process.execPath : locate([NODE_PACKAGE], 'node');
  const found = { key, node, yarn };
  fs.mkdirSync(keep, { recursive: true });
  fs.writeFileSync(memory, JSON.stringify(found));
  return found;
}

/** Asks npm to install the packages in its own cache and tells where the command lies. */
function locate(packages, command) {
  const script =
    'const fs=require("fs"),path=require("path");' +
    'for(const d of process.env.PATH.split(path.delimiter)){const f=path.join(d,process.env.SWITCHYARD_LOCATE+(process.platform==="win32"?".exe":""));' +
    'if(d.includes("_npx")&&fs.existsSync(f)){console.log("found:"+fs.realpathSync(f));break}}';
  const result = spawnSync(
    npm,
    [
      'exec',
      '--yes',
      '--prefer-offline',
      ...packages.map(name => `--package=${name}`),
      '--',
      process.execPath,
      '-e',
      script,
    ],
    {
      encoding: 'utf8',
      env: { ...process.env, SWITCHYARD_LOCATE: command },
      cwd: keep,
      shell: process.platform === 'win32',
    },
  );
  const line = result.stdout
    ?.split('\n')
    .find(text => text.startsWith('found:'));
  if (result.status !== 0 || !line) {
    throw new PlainError(
      `Could not get ${packages.join(
        ', ',
      )} through npm. The first start needs a network and a working npm. npm said:\n${
        result.stderr
      }`,
    );
  }
  return line.slice('found:'.length).trim();
}

/** The registry that this machine's npm uses, for Yarn, which does not read npm's configuration. */
export function npmRegistry() {
  const result = spawnSync(npm, ['config', 'get', 'registry'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const url = result.stdout?.trim().split('\n').pop();
  return url?.startsWith('http') ? url : undefined;
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
