// What one view of an entity page costs: the state calls beside the catalog's own call for the same entity, interleaved in one run with permissions on.
import fs from 'node:fs';
import {
  launchBrowser,
  reasonToSkip,
  signIn,
} from '../../../scripts/testing/browser.mjs';
import { startPortal, until } from '../../../scripts/testing/portal.mjs';
import { tokenOf } from '../../../scripts/launch/token.mjs';
import { type Figure, percentile, report } from './report.ts';
import { upstreamRequests } from './upstreamRequests.ts';

const ROUNDS = 400;
const WARM_UP = 100;
const CHANGES = 20;
const ENTITY = 'component/default/orders';
const CLOCK_TICK_MS = 10;

const portal = await startPortal();
const figures: Figure[] = [];
try {
  const token = await tokenOf(portal.url, 'dana');
  const calls = {
    catalog: `/catalog/entities/by-name/${ENTITY}`,
    deploys: `/deploys/v1/entities/${ENTITY}/state`,
    runs: `/runs/v1/entities/${ENTITY}/state`,
  };
  type Name = keyof typeof calls;
  const times: Record<Name, number[]> = { catalog: [], deploys: [], runs: [] };
  /** As the state of deploys says it itself: without the catalog's and the permission framework's part. */
  const own: number[] = [];
  const bytes: Partial<Record<Name, number>> = {};

  const call = async (name: Name) => {
    const started = performance.now();
    const response = await fetch(`${portal.url}/api${calls[name]}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const body = await response.text();
    const took = performance.now() - started;
    if (!response.ok) throw new Error(`${name}: ${response.status} ${body}`);
    bytes[name] = Buffer.byteLength(body);
    const share = /own;dur=([\d.]+)/.exec(
      response.headers.get('server-timing') ?? '',
    );
    return { took, share: share ? Number(share[1]) : undefined };
  };

  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const name of Object.keys(calls) as Name[]) {
      const { took, share } = await call(name);
      if (round < WARM_UP) continue;
      times[name].push(took);
      if (share !== undefined) own.push(share);
    }
  }
  const median = (name: Name) => percentile(times[name], 0.5);
  figures.push(
    { name: 'catalog by-name, median', value: median('catalog'), unit: 'ms' },
    { name: 'deploys state, median', value: median('deploys'), unit: 'ms' },
    {
      name: 'deploys state / catalog by-name',
      value: median('deploys') / median('catalog'),
      unit: '×',
      target: 4,
    },
    { name: 'runs state, median', value: median('runs'), unit: 'ms' },
    {
      name: 'runs state / catalog by-name',
      value: median('runs') / median('catalog'),
      unit: '×',
      target: 4,
    },
    {
      // Time in which our code holds the event loop: its processor time is no more than that.
      name: 'deploys state, own share p95',
      value: percentile(own, 0.95),
      unit: 'ms',
      target: 2,
    },
    {
      name: 'deploys state, size',
      value: bytes.deploys! / 1000,
      unit: 'kB',
      target: 20,
    },
  );

  const cpuOf = async (name: Name) => {
    const before = cpuMs(portal.replicas[0].pid);
    for (let round = 0; round < ROUNDS; round++) await call(name);
    return (cpuMs(portal.replicas[0].pid) - before) / ROUNDS;
  };
  // Most of it is calls between plugins: reading the entity and asking for permission, with a token for each.
  figures.push(
    {
      name: 'catalog by-name, CPU of the whole process',
      value: await cpuOf('catalog'),
      unit: 'ms',
    },
    {
      name: 'deploys state, CPU of the whole process',
      value: await cpuOf('deploys'),
      unit: 'ms',
    },
  );

  const upstreamBefore = await upstreamRequests(portal);
  for (let round = 0; round < ROUNDS; round++) await call('deploys');
  figures.push({
    // Watches look after themselves meanwhile; a view that asked for anything would make it one and more.
    name: 'upstream requests per view',
    value: ((await upstreamRequests(portal)) - upstreamBefore) / ROUNDS,
    unit: '',
    target: 0.1,
  });

  const deploysState = await portal.call('dana', 'GET', calls.deploys);
  figures.push(...(await changeToSignal(deploysState.body)));
  if (!reasonToSkip()) figures.push(...(await changeToScreen()));
} finally {
  await portal.stop();
}
report(figures);

function cpuMs(pid: number): number {
  const fields = fs
    .readFileSync(`/proc/${pid}/stat`, 'utf8')
    .split(') ')[1]
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
}

/** Changes a label of a pod of orders in the cluster itself. */
async function changeAPod(value: string): Promise<string> {
  const cluster = portal.sandbox.clusters[0];
  const headers = { authorization: `Bearer ${cluster.tokens.admin}` };
  const list = await fetch(
    `${cluster.url}/api/v1/namespaces/storefront/pods?labelSelector=app.kubernetes.io%2Fname%3Dorders`,
    { headers },
  );
  const pods = ((await list.json()) as any).items.filter(
    (pod: any) => pod.status.phase === 'Running',
  );
  const { name } = pods[0].metadata;
  const path = `${cluster.url}/api/v1/namespaces/storefront/pods/${name}/status`;
  const pod = (await (await fetch(path, { headers })).json()) as any;
  const patched = await fetch(path, {
    method: 'PATCH',
    headers: { ...headers, 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({
      status: {
        containerStatuses: pod.status.containerStatuses.map((status: any) => ({
          ...status,
          restartCount: Number(value),
        })),
      },
    }),
  });
  if (!patched.ok) throw new Error(`${patched.status} ${await patched.text()}`);
  return name;
}

/** Pod change → signal on the channel of the state, over the same WebSocket that browsers use. */
async function changeToSignal(state: { channel: string }): Promise<Figure[]> {
  const token = await tokenOf(portal.url, 'dana');
  const socket = new WebSocket(
    `${portal.url.replace('http', 'ws')}/api/signals`,
    [token],
  );
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error('The signals socket did not open'));
  });
  socket.send(JSON.stringify({ action: 'subscribe', channel: state.channel }));
  let rings = 0;
  socket.onmessage = () => (rings += 1);
  await new Promise(resolve => setTimeout(resolve, 500));
  const took: number[] = [];
  for (let change = 1; change <= CHANGES; change++) {
    const before = rings;
    const started = performance.now();
    await changeAPod(String(100 + change));
    await until(() => rings > before, 5_000, 1);
    took.push(performance.now() - started);
    await new Promise(resolve => setTimeout(resolve, 400));
  }
  socket.close();
  return [
    {
      name: 'pod change → signal, p95',
      value: percentile(took, 0.95),
      unit: 'ms',
      target: 300,
    },
  ];
}

/** Pod change → its text on the screen of an open page. */
async function changeToScreen(): Promise<Figure[]> {
  const browser = await launchBrowser();
  try {
    const page = await signIn(
      browser,
      `${portal.url}/catalog/default/component/orders`,
      'dana',
    );
    const took: number[] = [];
    for (let change = 1; change <= CHANGES; change++) {
      const restarts = String(1000 + change);
      const seen = page
        .getByText(new RegExp(`\\b${restarts}\\b`))
        .first()
        .waitFor({ timeout: 10_000 });
      const started = performance.now();
      await changeAPod(restarts);
      await seen;
      took.push(performance.now() - started);
      await new Promise(resolve => setTimeout(resolve, 400));
    }
    return [
      {
        name: 'pod change → screen, p95',
        value: percentile(took, 0.95),
        unit: 'ms',
        target: 1000,
      },
    ];
  } finally {
    await browser.close();
  }
}
