// Starts the real portal, as `npm start` does, for tests and benches: a world, a database and a folder of its own.
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../launch/checks.mjs';
import { root } from '../launch/paths.mjs';
import { POSTGRES_PASSWORD, POSTGRES_USER } from '../launch/postgres.mjs';
import { tokenOf } from '../launch/token.mjs';

const START_TIMEOUT_MS = 240_000;

/**
 * @typedef {object} Person
 * @property {string} name
 *
 * @typedef {object} TestPortal
 * @property {string} url
 * @property {Array<{ url: string, pid: number }>} replicas
 * @property {any} sandbox what the sandbox says of itself
 * @property {() => string} output all that the launcher printed so far
 * @property {(pattern: RegExp, options?: { from?: number, timeoutMs?: number }) => Promise<number>} untilPrinted waits until the launcher has printed a line
 *   after the given position of its output; answers with when, in ms since the epoch
 * @property {{ host: string, port: number, user: string, password: string }} database the PostgreSQL server of a portal with a sandbox
 * @property {string} folder of the world and the database
 * @property {() => void} refresh reads pids again, after a backend was started again
 * @property {(person: string, method: string, path: string, options?: { body?: unknown, headers?: Record<string, string>, base?: string }) => Promise<{ status: number, body: any, headers: Headers }>} call
 * @property {() => Promise<void>} stop
 * @property {string} runFile
 * @property {import('node:child_process').ChildProcess} process
 */

/**
 * @param {{ replicas?: number, args?: string[], env?: Record<string, string> }} [options]
 * @returns {Promise<TestPortal>}
 */
export async function startPortal({ replicas = 1, args = [], env = {} } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'switchyard-portal-'));
  // The database runs as a user of its own where we are root, and must be able to reach its folder.
  fs.chmodSync(folder, 0o711);
  const world = path.join(folder, 'world');
  const runFile = path.join(folder, 'run.json');
  const port = await freePorts(replicas);
  const child = spawn(
    process.env.SWITCHYARD_NODE ?? process.execPath,
    [
      // A suite that is interrupted must not leave a portal behind.
      '--require',
      path.join(root, 'scripts', 'launch', 'endWithParent.cjs'),
      path.join(root, 'scripts', 'start.mjs'),
      '--port',
      String(port),
      '--replicas',
      String(replicas),
      '--world',
      world,
      ...args,
    ],
    {
      cwd: root,
      env: {
        ...process.env,
        npm_config_user_agent: 'npm',
        SWITCHYARD_RUN_FILE: runFile,
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  let output = '';
  /** Where each piece of the output ends, and when it came. */
  const pieces = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      output += text;
      pieces.push({ end: output.length, at: Date.now() });
    });
  }
  const ended = new Promise(resolve => child.once('exit', resolve));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null)
      child.kill('SIGTERM');
    await ended;
    fs.rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(() => {
      if (child.exitCode !== null)
        throw new Error(`The portal ended while starting:\n${output}`);
      return output.includes('Switchyard is ready') && fs.existsSync(runFile);
    }, START_TIMEOUT_MS);
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${output}`);
  }
  const portal = {
    process: child,
    runFile,
    output: () => output,
    untilPrinted(pattern, { from = 0, timeoutMs = 60_000 } = {}) {
      return until(() => {
        const match = pattern.exec(output.slice(from));
        if (!match) return undefined;
        const end = from + match.index + match[0].length;
        return pieces.find(piece => piece.end >= end).at;
      }, timeoutMs).catch(() => {
        throw new Error(
          `Not printed within ${timeoutMs} ms: ${pattern}\n${output.slice(
            from,
          )}`,
        );
      });
    },
    // Read when asked for: with real systems the world is elsewhere.
    get database() {
      return {
        host: '127.0.0.1',
        port: Number(
          fs.readFileSync(path.join(world, 'postgres.port'), 'utf8'),
        ),
        user: POSTGRES_USER,
        password: POSTGRES_PASSWORD,
      };
    },
    folder: world,
    stop,
    refresh() {
      Object.assign(portal, JSON.parse(fs.readFileSync(runFile, 'utf8')));
    },
    async call(
      person,
      method,
      address,
      { body, headers, base = portal.url } = {},
    ) {
      const token = person ? await tokenFor(portal, person) : undefined;
      const response = await fetch(`${base}/api${address}`, {
        method,
        headers: {
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: parse(text),
      };
    },
  };
  portal.refresh();
  return portal;
}

const tokens = new Map();

async function tokenFor(portal, person) {
  const key = `${portal.url} ${person}`;
  const known = tokens.get(key);
  if (known && known.until > Date.now()) return known.token;
  const token = await tokenOf(portal.url, person);
  tokens.set(key, { token, until: Date.now() + 20 * 60_000 });
  return token;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function freePorts(count) {
  for (;;) {
    const first = await freePort();
    const others = await Promise.all(
      Array.from({ length: count - 1 }, (_, index) =>
        isFree(first + index + 1),
      ),
    );
    if (others.every(Boolean) && first + count < 65536) return first;
  }
}

async function isFree(port) {
  const { checkPort } = await import('../launch/checks.mjs');
  return checkPort(port).then(
    () => true,
    () => false,
  );
}

/** Asks until the answer is truthy, and returns it. Throws after the time limit. */
export async function until(condition, timeoutMs = 30_000, everyMs = 50) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end)
      throw new Error(`Not within ${timeoutMs} ms: ${condition}`);
    await new Promise(resolve => setTimeout(resolve, everyMs));
  }
}

/** The sandbox's own counts: commits, syncs, migrations, unknown verbs. */
export async function readCounts(portal) {
  const response = await fetch(`${portal.sandbox.faults.url}/api/counts`);
  return response.json();
}

/** Switches faults of the sandbox. */
export async function setFault(portal, fault) {
  const response = await fetch(`${portal.sandbox.faults.url}/api/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  });
  if (!response.ok)
    throw new Error(
      `The sandbox refused the fault ${JSON.stringify(
        fault,
      )}: ${await response.text()}`,
    );
  return response.json();
}

/**
 * Reads an object of a sandbox cluster past the portal, as somebody with kubectl does.
 *
 * @param {TestPortal} portal
 * @param {string} cluster
 * @param {string} address path of the object in the API
 * @returns {Promise<any>}
 */
export async function readObject(portal, cluster, address) {
  const response = await callCluster(portal, cluster, address);
  return response.json();
}

/**
 * Changes an object of a sandbox cluster past the portal, as somebody with kubectl does.
 *
 * @param {TestPortal} portal
 * @param {string} cluster
 * @param {string} address path of the object in the API
 * @param {object} patch strategic merge patch
 */
export async function patchObject(portal, cluster, address, patch) {
  await callCluster(portal, cluster, address, patch);
}

async function callCluster(portal, cluster, address, patch) {
  const { url, tokens } = portal.sandbox.clusters.find(
    each => each.name === cluster,
  );
  const response = await fetch(`${url}${address}`, {
    headers: {
      authorization: `Bearer ${tokens.admin}`,
      'content-type': 'application/strategic-merge-patch+json',
    },
    ...(patch && { method: 'PATCH', body: JSON.stringify(patch) }),
  });
  if (!response.ok)
    throw new Error(
      `${cluster} refused the request for ${address}: ${await response.text()}`,
    );
  return response;
}

/**
 * Previews and requests a hotfix as a person would.
 *
 * @param {TestPortal} portal
 * @param {{ person?: string, component?: string, environment?: string, version: string, reason?: string, base?: string }} options
 * @returns {Promise<any>} the run
 */
export async function requestHotfix(
  portal,
  { component = 'orders', environment = 'production', version, ...options },
) {
  const target = {
    action: 'hotfix',
    entityRef: `component:default/${component}`,
    environment,
    input: { version },
  };
  return requestRun(portal, target, options);
}

/**
 * Previews and requests a run as a person would.
 *
 * @param {TestPortal} portal
 * @param {{ action: string, entityRef: string, environment: string, input: object }} target
 * @param {{ person?: string, reason?: string, base?: string }} [options]
 * @returns {Promise<any>} the run
 */
export async function requestRun(
  portal,
  target,
  { person = 'dana', reason = 'test', base } = {},
) {
  const preview = await portal.call(person, 'POST', '/runs/v1/previews', {
    body: target,
    base,
  });
  if (preview.status !== 200)
    throw new Error(
      `Preview: ${preview.status} ${JSON.stringify(preview.body)}`,
    );
  const run = await portal.call(person, 'POST', '/runs/v1/runs', {
    body: { ...target, reason, planHash: preview.body.planHash },
    headers: { 'idempotency-key': crypto.randomUUID() },
    base,
  });
  if (run.status !== 201)
    throw new Error(`Request: ${run.status} ${JSON.stringify(run.body)}`);
  return run.body;
}

/** A run that has one of these goes no further by itself. */
export const ENDED = [
  'succeeded',
  'failed',
  'dead',
  'needs-attention',
  'cancelled',
];

/**
 * Waits until the run has one of the statuses; fails with the whole run when it does not get there.
 *
 * @param {TestPortal} portal
 * @param {string} id
 * @param {string[]} statuses
 * @param {{ timeoutMs?: number, person?: string, base?: string }} [options]
 */
export async function waitForRun(
  portal,
  id,
  statuses,
  { timeoutMs = 120_000, person = 'dana', base } = {},
) {
  let last;
  try {
    return await until(
      async () => {
        const answer = await portal
          .call(person, 'GET', `/runs/v1/runs/${id}`, { base })
          .catch(() => undefined);
        if (answer?.status === 200) last = answer.body;
        return last && statuses.includes(last.status) ? last : undefined;
      },
      timeoutMs,
      200,
    );
  } catch {
    throw new Error(
      `The run is not ${statuses.join(' or ')} but: ${JSON.stringify(
        last,
        null,
        1,
      )}`,
    );
  }
}
