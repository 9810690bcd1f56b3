/* eslint-disable no-console */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { ClusterObjects } from '../src/kubernetes/ClusterObjects';
import { ObjectReader } from '../src/kubernetes/reading/ObjectReader';
import { StoreMemory } from '../src/store/KindStore';
import { Pacer } from '../src/store/Pacer';
import { podLines } from './pods';

interface Result {
  name: string;
  value: number;
  unit: string;
  target: number;
  ok: boolean;
}

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '20000' },
    json: { type: 'boolean', default: false },
  },
});
const PODS = Number(values.pods);
const UPDATES_PER_SECOND = 1_000;
const SECONDS = 5;

const results: Result[] = [];
const measured = (name: string, value: number, unit: string, target: number) =>
  results.push({
    name,
    value: Math.round(value * 100) / 100,
    unit,
    target,
    ok: value <= target,
  });

function memory() {
  // Twice: the first collection frees what the second finds unreachable.
  global.gc!();
  global.gc!();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, held: heapUsed + external };
}

/** Of this process: what else the machine does shall not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function main() {
  const shared = new StoreMemory();
  const objects = new ClusterObjects({
    cluster: 'prod-blue',
    memory: shared,
    onChange: () => {},
  });
  const pacer = new Pacer();
  const reader = new ObjectReader({
    onLearnt: dictionary => shared.dictionaries.add(dictionary),
  });
  const request = {
    kind: { key: 'Pod', apiVersion: 'v1', kind: 'Pod' },
    cluster: 'prod-blue',
  };
  const before = memory();

  // Filling: what a list does, a page of 200 at a time.
  let lineBytes = 0;
  let worked = 0;
  const all = podLines(PODS);
  for (let done = 0; done < PODS; ) {
    const page = Array.from(
      { length: Math.min(200, PODS - done) },
      () => all.next().value as string,
    );
    done += page.length;
    lineBytes += page.reduce((sum, line) => sum + line.length, 0);
    const text = `{"items":[${page.join(',')}]}`;
    const start = cpuMs();
    const read = reader.readList(request, Buffer.from(text), new Set());
    for (const each of read.objects)
      await pacer.run(() => objects.put('Pod', each));
    worked += cpuMs() - start;
  }
  const after = memory();
  const { reserved, stored } = shared.arena.usage();

  measured('line as it comes', lineBytes / PODS, 'B/pod', 20_000);
  measured('compressed', stored / PODS, 'B/pod', 1_200);
  measured('in slabs', reserved / PODS, 'B/pod', 1_350);
  measured(
    'row and indexes',
    (after.held - before.held - reserved) / PODS,
    'B/pod',
    1_700,
  );
  measured('all', (after.held - before.held) / PODS, 'B/pod', 2_800);
  measured('resident memory', (after.rss - before.rss) / 1e6, 'MB', PODS / 80);
  measured(
    'put, with its share of the page',
    (worked / PODS) * 1000,
    'µs',
    300,
  );

  // Updates, as lines of a watch.
  const sample: string[] = [];
  for (const line of podLines(Math.min(2_000, PODS))) sample.push(line);
  let version = 10_000_000;
  const update = (line: string) => {
    const pod = JSON.parse(line);
    version += 1;
    pod.metadata.resourceVersion = String(version);
    pod.status.containerStatuses[0].restartCount = version % 7;
    const [event] = reader.readEvents(
      request,
      Buffer.from(JSON.stringify({ type: 'MODIFIED', object: pod })),
    );
    if (event.type === 'object') objects.put('Pod', event.object);
  };
  let start = cpuMs();
  for (const line of sample) update(line);
  measured('update', ((cpuMs() - start) / sample.length) * 1000, 'µs', 300);

  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (let tick = 0; tick < SECONDS * 20; tick += 1) {
    const burst = sample.slice(0, UPDATES_PER_SECOND / 20);
    const until = performance.now() + 50;
    for (const line of burst) update(line);
    await new Promise(resolve =>
      setTimeout(resolve, Math.max(0, until - performance.now())),
    );
  }
  delay.disable();
  measured(
    'event loop delay p99, 1,000 updates/s in bursts',
    delay.percentile(99) / 1e6,
    'ms',
    25,
  );

  // Reading.
  const name = { 'app.kubernetes.io/name': 'service-7' };
  start = cpuMs();
  for (let i = 0; i < 1_000; i += 1) objects.pods.query({ labels: name });
  measured('query of one service', cpuMs() - start, 'µs', 500);
  const ten = objects.pods.query({ labels: name }).slice(0, 10);
  start = cpuMs();
  for (let i = 0; i < 100; i += 1)
    for (const { uid } of ten) objects.object(uid);
  measured('10 objects read back', (cpuMs() - start) / 100, 'ms', 2);

  print();
}

function print() {
  if (values.json) {
    console.log(JSON.stringify(results, null, 2));
  } else {
    console.log(`${PODS} pods`);
    console.table(results, ['name', 'value', 'unit', 'target', 'ok']);
  }
  process.exit(results.every(({ ok }) => ok) ? 0 : 1);
}

main();
