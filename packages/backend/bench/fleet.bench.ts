// What the read model costs with a large fleet: how soon a page is there, memory per pod, and what a portal is like while much changes.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { ScaleCounts, ScaleHandle } from '@switchyard/sandbox';
import { freePort } from '../../../scripts/launch/checks.mjs';
import { root } from '../../../scripts/launch/paths.mjs';
import { Processes } from '../../../scripts/launch/processes.mjs';
import { tokenOf } from '../../../scripts/launch/token.mjs';
import { until } from '../../../scripts/testing/portal.mjs';
import { type Figure, percentile, report } from './report.ts';

const { values: options } = parseArgs({
  options: {
    clusters: { type: 'string', default: '50' },
    apps: { type: 'string', default: '10000' },
    pods: { type: 'string', default: '200000' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    /** State calls in a second. */
    requests: { type: 'string', default: '50' },
    /** Writes a profile of the portal, of the time in which much changes, into this file. */
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const PODS = Number(options.pods);
const APPS = Number(options.apps);
const CLUSTERS = Number(options.clusters);
const CHANGES_PER_SECOND = Number(options.rate);
const SECONDS = Number(options.seconds);
const REQUESTS_PER_SECOND = Number(options.requests);
/** Entities whose pages are open meanwhile, each with each of the people. */
const LOOKED_AT = 25;
const PEOPLE = ['dana', 'omar', 'ravi', 'inge', 'pia'];
/** What has to be measured, whatever happens. */
const EXPECTED = [
  'state of an entity, after the portal is ready',
  'memory above an empty fleet, per pod',
  'memory above an empty fleet',
  'pod changes that came',
  'change → readable, p95',
  'event-loop delay p99',
  'state call p95',
  '… more for the most viewers',
];
const VIEWERS = [1, 10, 50];
const VIEWER_SECONDS = 4;
const COPIES = Math.min(4, CLUSTERS);
const START_TIMEOUT_MS = 120_000;
const SYNC_TIMEOUT_MS = 240_000;

const node = process.env.SWITCHYARD_NODE ?? process.execPath;
const transform = ['--require', '@backstage/cli/config/nodeTransform.cjs'];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'switchyard-bench-'));
const processes = new Processes();
const figures: Figure[] = [];
const show = (name: string, value: number, unit: string, target?: number) =>
  figures.push({ name, value, unit, target });

try {
  const world = await startWorld();
  const entities = readEntities(world);
  const heldWhenEmpty = await measureEmpty(world, entities);
  const portal = await startPortal('full', world);
  await measureFirstState(portal, entities);
  const syncMs = await waitForAll(portal);
  show('everything known, after start of the process', syncMs / 1000, 's');
  await measureMemory(portal, heldWhenEmpty);
  await measureChanges(portal, world, entities);
  await measureViewers(portal, world, entities);
  const { held } = await portal.get('memory');
  show('held after all that', held / 1e6, 'MB', 1000);
  await processes.stop(portal.child);
} catch (error) {
  // What was measured until then says where to look.
  console.error(error);
  process.exitCode = 1;
} finally {
  processes.stopping = true;
  processes.killAll();
  fs.rmSync(folder, { recursive: true, force: true });
}
const load = os.loadavg()[0];
if (load > os.cpus().length + 1)
  console.error(
    `These are figures of a loaded machine: ${load.toFixed(
      1,
    )} programs wait for ${os.cpus().length} processors.`,
  );
report(figures, EXPECTED);

type Portal = Awaited<ReturnType<typeof startPortal>>;

async function measureEmpty(
  world: ScaleHandle,
  entities: readonly string[],
): Promise<number> {
  const empty = await startPortal('empty', world, { isEmpty: true });
  // The catalog has read the components.
  for (const name of [
    entities[entities.length - 1],
    ...entities.slice(0, LOOKED_AT),
  ])
    await until(
      () => empty.state(name).catch(() => undefined),
      START_TIMEOUT_MS,
      500,
    );
  await pause(3000);
  const { held } = await empty.get('memory');
  await processes.stop(empty.child);
  show('held by a portal with an empty fleet', held / 1e6, 'MB');
  return held;
}

/** Asks for one entity again and again, as a page does, from the moment in which the portal answers. */
async function measureFirstState(portal: Portal, entities: readonly string[]) {
  const startedAt = performance.now();
  // The last of them: in the order of the lists it would come last.
  const name = entities[entities.length - 1];
  const podsOf = (state: any) =>
    state.deployments
      .flatMap((each: any) => each.workloads ?? [])
      .flatMap((each: any) => each.pods ?? []).length;
  const wanted = COPIES * Math.floor(PODS / APPS);
  let found = 0;
  await until(
    async () => {
      const state = await portal.state(name).catch(() => undefined);
      found = state ? podsOf(state.body) : 0;
      return found >= wanted;
    },
    SYNC_TIMEOUT_MS,
    100,
  ).catch(error => {
    throw new Error(`${found} pods of ${wanted}: ${error.message}`);
  });
  const took = performance.now() - startedAt;
  const { pods } = await portal.get('sync');
  show('state of an entity, after the portal is ready', took / 1000, 's', 2);
  show('known by then, of all pods', (100 * pods) / PODS, '%');
}

/** Answers how old the portal's process is when it knows everything; says meanwhile how far it is. */
async function waitForAll(portal: Portal): Promise<number> {
  let last = '';
  return until(
    async () => {
      const { live, pods, applications, uptimeMs } = await portal.get('sync');
      const known = `${live} of ${CLUSTERS} clusters, ${applications} of ${APPS} Applications, ${pods} of ${PODS} pods`;
      if (known !== last) say(`${(uptimeMs / 1000).toFixed(0)} s: ${known}`);
      last = known;
      return (
        live === CLUSTERS && pods === PODS && applications === APPS && uptimeMs
      );
    },
    SYNC_TIMEOUT_MS,
    2000,
  ).catch(error => {
    throw new Error(
      `The portal did not get to know everything: ${last}: ${error.message}`,
      { cause: error },
    );
  });
}

async function measureMemory(portal: Portal, heldWhenEmpty: number) {
  // What the last page left behind.
  await pause(1000);
  const { held, rss } = await portal.get('memory');
  const more = held - heldWhenEmpty;
  show('memory above an empty fleet, per pod', more / PODS / 1000, 'kB', 3);
  show('memory above an empty fleet', more / 1e6, 'MB', 1000);
  show('resident memory of the process', rss / 1e6, 'MB');
}

async function measureChanges(
  portal: Portal,
  world: ScaleHandle,
  entities: readonly string[],
) {
  for (let i = 0; i < LOOKED_AT; i++) await portal.state(entities[i]);
  const before = await control(world, CHANGES_PER_SECOND);
  const cpuBefore = cpuMs(portal.child.pid!);
  await pause(1000);
  await portal.get('measurement', 'POST');
  const startedAt = performance.now();
  const took: number[] = [];
  let turn = 0;
  const calls: Array<Promise<void>> = [];
  const waitedBefore = waitedMs(portal.child.pid!);
  while (performance.now() - startedAt < SECONDS * 1000) {
    turn += 1;
    calls.push(
      portal
        // Each page asks again after some seconds, as pages do while a rollout goes on.
        .state(entities[turn % LOOKED_AT], personOf(turn))
        .then(({ ms }) => {
          took.push(ms);
        }),
    );
    // By the clock, not by the answers: a slow portal must not be asked less.
    const next = startedAt + (turn * 1000) / REQUESTS_PER_SECOND;
    await pause(Math.max(0, next - performance.now()));
  }
  await Promise.all(calls);
  const seconds = (performance.now() - startedAt) / 1000;
  const waited = waitedMs(portal.child.pid!) - waitedBefore;
  const measured = await portal.get('measurement');
  const after = await control(world, 0);
  const cpuAfter = cpuMs(portal.child.pid!);
  show('pod changes that came', measured.changes / seconds, '/s');
  show('change → readable, p95', measured.lagP95, 'ms', 1000);
  show('change → readable, longest', measured.lagMax, 'ms');
  show('event-loop delay p99', measured.delayP99, 'ms', 25);
  show('event-loop delay, longest', measured.delayMax, 'ms');
  show('state call median', percentile(took, 0.5), 'ms');
  show('state call p95', percentile(took, 0.95), 'ms', 15);
  show('portal, of one processor', (cpuAfter - cpuBefore) / seconds / 10, '%');
  show('portal waited for a processor', waited / seconds / 10, '%');
  show(
    'generator, of one processor',
    (after.cpuMs - before.cpuMs) / seconds / 10,
    '%',
  );
}

/** Another one each time all entities had their turn. */
function personOf(turn: number): string {
  return PEOPLE[Math.floor(turn / LOOKED_AT) % PEOPLE.length];
}

/** How long the thread of a process that does the work was ready and did not run, because others had the processors. */
function waitedMs(pid: number): number {
  const [, waited] = fs
    .readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8')
    .split(' ');
  return Number(waited) / 1e6;
}

/** Each number of viewers opens an entity of its own that nobody looked at before. */
async function measureViewers(
  portal: Portal,
  world: ScaleHandle,
  entities: readonly string[],
) {
  const requests: number[] = [];
  for (const [place, viewers] of VIEWERS.entries()) {
    const name = entities[LOOKED_AT + place];
    const before = await control(world);
    const end = performance.now() + VIEWER_SECONDS * 1000;
    await Promise.all(
      Array.from({ length: viewers }, async () => {
        while (performance.now() < end) {
          await portal.state(name);
          await pause(500);
        }
      }),
    );
    const after = await control(world);
    requests.push(after.requests - before.requests);
    show(`upstream requests, ${viewers} viewers`, requests[place], '');
  }
  // A watch that ends and Argo CD's list, which is asked for every two minutes, may fall into one of them.
  show('… more for the most viewers', requests[2] - requests[0], '', 3);
}

/** Names of the components that the catalog has. */
function readEntities(world: ScaleHandle): string[] {
  const text = fs.readFileSync(world.catalog, 'utf8');
  const names = Array.from(
    text.matchAll(/^ {2}name: (\S+)$/gm),
    ([, name]) => name,
  );
  if (names.length <= LOOKED_AT + VIEWERS.length)
    throw new Error('These are too few Applications to measure with');
  return names;
}

/** Beside the table, which goes to standard output. */
function say(words: string): void {
  process.stderr.write(`${words}\n`);
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

function cpuMs(pid: number): number {
  const fields = fs
    .readFileSync(`/proc/${pid}/stat`, 'utf8')
    .split(') ')[1]
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function control(
  world: ScaleHandle,
  perSecond?: number,
): Promise<ScaleCounts> {
  const response = await fetch(
    world.control.url,
    perSecond === undefined
      ? {}
      : { method: 'POST', body: JSON.stringify({ perSecond }) },
  );
  return (await response.json()) as ScaleCounts;
}

async function startWorld(): Promise<ScaleHandle> {
  const readyFile = path.join(folder, 'scale.json');
  const child = processes.startNode(
    node,
    'bench-scale',
    [
      ...transform,
      path.join(root, 'packages/sandbox/src/scale/main.ts'),
      ...['--dir', folder, '--ready-file', readyFile, '--rate', '0'],
      ...['clusters', 'apps', 'pods'].flatMap(name => [
        `--${name}`,
        String(options[name as 'pods']),
      ]),
    ],
    { cwd: path.join(root, 'packages/sandbox') },
  );
  await until(() => {
    if (child.exitCode !== null)
      throw new Error(`The world ended; see ${child.logFile}`);
    return fs.existsSync(readyFile);
  }, START_TIMEOUT_MS);
  return JSON.parse(fs.readFileSync(readyFile, 'utf8'));
}

async function startPortal(
  name: string,
  world: ScaleHandle,
  { isEmpty = false } = {},
) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const config = path.join(folder, `${name}.yaml`);
  fs.writeFileSync(config, JSON.stringify(configOf(world, url, port, isEmpty)));
  const child = processes.startNode(
    node,
    `bench-${name}`,
    [
      '--expose-gc',
      ...transform,
      path.join(root, 'packages/backend/bench/fleetBackend.ts'),
      '--config',
      config,
    ],
    {
      cwd: path.join(root, 'packages/backend'),
      env: {
        NODE_ENV: 'production',
        LOG_LEVEL: 'warn',
        ...(options.profile && {
          SWITCHYARD_BENCH_PROFILE: path.resolve(options.profile),
        }),
      },
    },
  );
  const tokens = new Map<string, string>();
  await until(async () => {
    if (child.exitCode !== null)
      throw new Error(`The portal '${name}' ended; see ${child.logFile}`);
    for (const person of PEOPLE) {
      const token = await tokenOf(url, person).catch(() => undefined);
      if (token === undefined) return false;
      tokens.set(person, token);
    }
    return true;
  }, START_TIMEOUT_MS);
  const portal = {
    child,
    async get(what: string, method = 'GET'): Promise<any> {
      const response = await fetch(`${url}/api/bench/${what}`, { method });
      if (!response.ok)
        throw new Error(`${what}: ${response.status} ${await response.text()}`);
      return response.json();
    },
    async state(
      entity: string,
      person = PEOPLE[0],
    ): Promise<{ ms: number; body: any }> {
      const startedAt = performance.now();
      const response = await fetch(
        `${url}/api/deploys/v1/entities/component/default/${entity}/state`,
        { headers: { authorization: `Bearer ${tokens.get(person)}` } },
      );
      const text = await response.text();
      const ms = performance.now() - startedAt;
      if (!response.ok)
        throw new Error(`${entity}: ${response.status} ${text}`);
      return { ms, body: JSON.parse(text) };
    },
  };
  return portal;
}

function configOf(
  world: ScaleHandle,
  url: string,
  port: number,
  isEmpty: boolean,
) {
  const { clusters, argocd } = isEmpty
    ? { clusters: [], argocd: undefined }
    : world;
  const catalogOf = (target: string) => ({
    type: 'file',
    target,
    rules: [{ allow: ['Component', 'Group', 'User', 'System', 'Location'] }],
  });
  return {
    app: { baseUrl: url },
    backend: {
      baseUrl: url,
      listen: { host: '127.0.0.1', port },
      // The second portal finds the catalog as the first one left it, as a portal does that is started again.
      database: {
        client: 'better-sqlite3',
        connection: { directory: path.join(folder, 'database') },
      },
    },
    permission: { enabled: true },
    auth: { environment: 'development', providers: { sandbox: {} } },
    catalog: {
      locations: [
        catalogOf(path.join(root, 'packages/sandbox/catalog/groups.yaml')),
        catalogOf(path.join(root, 'packages/sandbox/catalog/people.yaml')),
        catalogOf(world.catalog),
      ],
    },
    kubernetes: {
      serviceLocatorMethod: { type: 'multiTenant' },
      clusterLocatorMethods: [
        {
          type: 'config',
          clusters: clusters.map(cluster => ({
            name: cluster.name,
            url: cluster.url,
            authProvider: 'serviceAccount',
            serviceAccountToken: cluster.token,
            skipMetricsLookup: true,
          })),
        },
      ],
    },
    argocd: {
      appLocatorMethods: [
        {
          type: 'config',
          instances: argocd
            ? [
                {
                  name: argocd.instance,
                  url: argocd.url,
                  token: argocd.token,
                },
              ]
            : [],
        },
      ],
    },
    switchyard: {
      access: [{ allow: ['*'] }],
      environments: [
        { name: 'production', match: [{ cluster: ['scale-prod-*'] }] },
        { name: 'development', match: [{ cluster: ['scale-dev-*'] }] },
      ],
    },
  };
}
