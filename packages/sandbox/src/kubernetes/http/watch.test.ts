import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import {
  deployment,
  startTestCluster,
  TEST_TOKEN,
  TestCluster,
} from '../tests/startTestCluster';
import { KubernetesObject } from '../types';

let cluster: TestCluster;
let controller: AbortController;

beforeEach(async () => {
  cluster = await startTestCluster();
  controller = new AbortController();
});
afterEach(async () => {
  controller.abort();
  await cluster.close();
});

interface WatchEvent {
  type: string;
  object: KubernetesObject;
}

/** Opens a watch. `next` waits for an event, `end` for the stream's end. */
async function watch(path: string, query: string, accept = 'application/json') {
  const response = await fetch(`${cluster.url}${path}?watch=1&${query}`, {
    headers: { Authorization: `Bearer ${TEST_TOKEN}`, Accept: accept },
    signal: controller.signal,
  });
  expect(response.status).toBe(200);
  const stream = Readable.fromWeb(response.body as any);
  stream.on('error', () => undefined);
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]();
  return {
    async next(): Promise<WatchEvent> {
      const { value, done } = await lines.next();
      if (done) {
        throw new Error('The watch has ended');
      }
      return JSON.parse(value);
    },
    async take(count: number): Promise<string[]> {
      const taken: string[] = [];
      while (taken.length < count) {
        const { type, object } = await this.next();
        taken.push(`${type} ${object.metadata.name}`);
      }
      return taken;
    },
    async rest(): Promise<string[]> {
      const rest: string[] = [];
      try {
        for (
          let item = await lines.next();
          !item.done;
          item = await lines.next()
        ) {
          rest.push(JSON.parse(item.value).type);
        }
      } catch {
        rest.push('CUT');
      }
      return rest;
    },
  };
}

const MAPS = '/api/v1/namespaces/storefront/configmaps';
const identity = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'storefront',
  name,
});
const put = (name: string, labels: Record<string, string> = {}, value = '') =>
  cluster.store.apply(
    {
      ...identity(name),
      metadata: { name, namespace: 'storefront', labels },
      data: { value },
    },
    { manager: 'test' },
  ).object;
const version = (object: KubernetesObject) => object.metadata.resourceVersion;

it('begins with what there is, and goes on with what comes', async () => {
  put('a');
  const events = await watch(MAPS, '');
  expect(await events.take(2)).toEqual(['ADDED a', 'ADDED kube-root-ca.crt']);
  put('b');
  put('a', {}, 'changed');
  cluster.store.delete(identity('b'));
  expect(await events.take(3)).toEqual(['ADDED b', 'MODIFIED a', 'DELETED b']);
});

it('is resumed after the version that was seen last, without a gap or a double', async () => {
  const first = put('a');
  put('b');
  const second = put('a', {}, '2');
  put('c');
  const events = await watch(MAPS, `resourceVersion=${version(first)}`);
  expect(await events.take(3)).toEqual(['ADDED b', 'MODIFIED a', 'ADDED c']);
  const again = await watch(MAPS, `resourceVersion=${version(second)}`);
  expect(await again.take(1)).toEqual(['ADDED c']);
  put('d');
  expect([await events.take(1), await again.take(1)]).toEqual([
    ['ADDED d'],
    ['ADDED d'],
  ]);
});

it('tells by a selector who comes and goes', async () => {
  const start = version(put('a', { tier: 'web' }));
  const events = await watch(
    MAPS,
    `resourceVersion=${start}&labelSelector=tier%3Dweb`,
  );
  put('b', { tier: 'db' });
  put('b', { tier: 'web' });
  put('a', { tier: 'db' });
  put('b', { tier: 'web' }, 'x');
  cluster.store.delete(identity('b'));
  expect(await events.take(4)).toEqual([
    'ADDED b',
    'DELETED a',
    'MODIFIED b',
    'DELETED b',
  ]);
});

it('shows what left the selector as it was, at the version at which it left', async () => {
  const start = version(put('a', { tier: 'web' }));
  const events = await watch(
    MAPS,
    `resourceVersion=${start}&labelSelector=tier%3Dweb`,
  );
  const after = put('a', { tier: 'db' });
  const { object } = await events.next();
  expect(object.metadata.labels).toEqual({ tier: 'web' });
  expect(version(object)).toBe(version(after));
});

it('says 410 when the version is forgotten', async () => {
  for (let index = 0; index < 7_000; index += 1) {
    put('busy', {}, String(index));
  }
  const events = await watch(MAPS, 'resourceVersion=100001');
  expect(await events.next()).toEqual({
    type: 'ERROR',
    object: expect.objectContaining({
      kind: 'Status',
      code: 410,
      reason: 'Expired',
      message: expect.stringMatching(
        /^too old resource version: 100001 \(\d+\)$/,
      ),
    }),
  });
  expect(await events.rest()).toEqual([]);
});

it('says 410 on request', async () => {
  const start = version(put('a'));
  cluster.faults.set({ goneWatches: 1 });
  const gone = await watch(MAPS, `resourceVersion=${start}`);
  expect((await gone.next()).object.code).toBe(410);
  const fine = await watch(MAPS, `resourceVersion=${start}`);
  put('b');
  expect(await fine.take(1)).toEqual(['ADDED b']);
});

it('ends after its time, with a bookmark for those who want one', async () => {
  const start = version(put('a'));
  const before = performance.now();
  const [plain, marked] = await Promise.all([
    watch(MAPS, `resourceVersion=${start}&timeoutSeconds=1`),
    watch(
      MAPS,
      `resourceVersion=${start}&timeoutSeconds=1&allowWatchBookmarks=true`,
    ),
  ]);
  cluster.store.apply(deployment({ replicas: 1 }), { manager: 'test' });
  const bookmark = await marked.next();
  expect(bookmark).toMatchObject({
    type: 'BOOKMARK',
    object: { kind: 'ConfigMap', apiVersion: 'v1' },
  });
  // It carries the newest version of the cluster, though nothing of this kind happened.
  expect(Number(version(bookmark.object))).toBeGreaterThan(Number(start));
  expect([await plain.rest(), await marked.rest()]).toEqual([[], []]);
  expect(performance.now() - before).toBeGreaterThan(950);
});

it('sends the beginning with an end mark when asked for', async () => {
  put('a');
  const events = await watch(
    MAPS,
    'sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan',
  );
  expect(await events.take(2)).toEqual(['ADDED a', 'ADDED kube-root-ca.crt']);
  expect(await events.next()).toMatchObject({
    type: 'BOOKMARK',
    object: {
      metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
    },
  });
});

it('watches as a table and as metadata', async () => {
  const start = version(put('a'));
  const table = await watch(
    MAPS,
    `resourceVersion=${start}`,
    'application/json;as=Table;v=v1;g=meta.k8s.io',
  );
  const metadata = await watch(
    MAPS,
    `resourceVersion=${start}`,
    'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  );
  put('b', {}, 'canary');
  put('b', {}, 'canary 2');
  const [first, second] = [await table.next(), await table.next()];
  expect(first.object).toMatchObject({
    kind: 'Table',
    rows: [{ cells: ['b', 1, expect.any(String)] }],
  });
  expect([
    first.object.columnDefinitions.length,
    second.object.columnDefinitions,
  ]).toEqual([3, null]);
  const partial = await metadata.next();
  expect(partial.object.kind).toBe('PartialObjectMetadata');
  expect(JSON.stringify(partial)).not.toContain('"data"');
});

it('is cut when the cluster goes down, and falls silent when it hangs', async () => {
  const start = version(put('a'));
  const cut = await watch(MAPS, `resourceVersion=${start}`);
  cluster.faults.set({ down: true });
  expect(await cut.rest()).toEqual(['CUT']);
  cluster.faults.set({ down: false });
  const silent = await watch(MAPS, `resourceVersion=${start}`);
  cluster.faults.set({ hang: true });
  put('b');
  const heard = silent.rest();
  await new Promise(resolve => setTimeout(resolve, 100));
  cluster.faults.set({ hang: false });
  expect(await heard).toEqual(['CUT']);
});

it('refuses a version of the future before it begins', async () => {
  const response = await fetch(
    `${cluster.url}${MAPS}?watch=1&resourceVersion=99999999`,
    {
      headers: { Authorization: `Bearer ${TEST_TOKEN}` },
    },
  );
  expect(response.status).toBe(504);
  await response.text();
});
