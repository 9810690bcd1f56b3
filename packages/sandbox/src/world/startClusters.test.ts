import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deployment } from '../kubernetes/tests/startTestCluster';
import { KubernetesObject } from '../kubernetes';
import { startClusters, WorldClusters } from './startClusters';

const REGISTRY = '127.0.0.1:5001';
const MANIFESTS = join(
  dirname(require.resolve('@switchyard/sandbox/package.json')),
  'repositories',
  'unmanaged',
);

let dirs: string[] = [];
let open: WorldClusters[] = [];
const errors: unknown[] = [];

function newDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'sandbox-world-'));
  dirs.push(dir);
  return dir;
}

async function start(options: {
  dir: string;
  seed?: number;
  speed?: number;
}): Promise<WorldClusters> {
  const world = await startClusters({
    seed: 1,
    speed: 200,
    tokenOf: (cluster, user) => `token-of-${cluster}-${user}`,
    portalRights: [
      'kubernetes-rbac.yaml',
      'kubernetes-rbac-operations.yaml',
    ].map(file => join(MANIFESTS, '../../../../docs/install', file)),
    registryHost: REGISTRY,
    pull: image =>
      image.endsWith(':none')
        ? { found: false, message: `${image}: not found` }
        : { found: true, digest: 'sha256:0a' },
    manifests: MANIFESTS,
    unimplemented: { count: () => undefined },
    audit: undefined,
    onError: error => errors.push(error),
    ...options,
  });
  open.push(world);
  return world;
}

async function stop(world: WorldClusters): Promise<void> {
  open = open.filter(each => each !== world);
  await world.close();
}

afterEach(async () => {
  await Promise.all(open.map(world => world.close()));
  dirs.forEach(dir => rmSync(dir, { recursive: true, force: true }));
  open = [];
  dirs = [];
  if (errors.length > 0) {
    throw errors[0];
  }
});

const pods = (world: WorldClusters, cluster = 0, namespace?: string) =>
  world.clusters[cluster].store.list({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace,
  });
const orders = (world: WorldClusters) =>
  world.clusters[0].store.get({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: 'storefront',
    name: 'orders',
  })!;
const apply = (world: WorldClusters, manifest: KubernetesObject, cluster = 0) =>
  world.clusters[cluster].store.apply(manifest, { manager: 'test' });

async function until(check: () => boolean): Promise<void> {
  for (let round = 0; round < 300 && !check(); round += 1) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  expect(check()).toBe(true);
}

it('stands there with nodes, kube-system and what people applied by hand', async () => {
  const world = await start({ dir: newDir() });
  world.goLive();
  expect(
    world.clusters.map(({ name, version }) => `${name} ${version}`),
  ).toEqual(['prod-blue 1.31.9', 'prod-green 1.34.2', 'dev 1.34.2']);
  for (const cluster of world.clusters) {
    const zones = cluster.store
      .list({ apiVersion: 'v1', kind: 'Node' })
      .map(node => node.metadata.labels!['topology.kubernetes.io/zone']);
    expect([...new Set(zones)].sort()).toEqual([
      'eu-west-1a',
      'eu-west-1b',
      'eu-west-1c',
    ]);
    const all = cluster.store.list({ apiVersion: 'v1', kind: 'Pod' });
    expect(all.every(pod => pod.status.phase === 'Running')).toBe(true);
    const gateway = cluster.store.get({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: 'platform',
      name: 'gateway',
    })!;
    expect(gateway.spec.template.spec.containers[0].image).toMatch(
      /^127\.0\.0\.1:5001\/main_service:gateway_/,
    );
    expect(gateway.metadata.annotations).toHaveProperty([
      'kubectl.kubernetes.io/last-applied-configuration',
    ]);
    expect(gateway.status.readyReplicas).toBe(gateway.spec.replicas);
  }
});

it('is the same world for the same seed', async () => {
  const shape = (world: WorldClusters) =>
    world.clusters.map((_, index) =>
      pods(world, index).map(pod => [
        pod.metadata.name,
        pod.metadata.uid,
        pod.spec.nodeName,
        pod.status.podIP,
      ]),
    );
  const [first, second, other] = [
    await start({ dir: newDir() }),
    await start({ dir: newDir() }),
    await start({ dir: newDir(), seed: 2 }),
  ];
  [first, second, other].forEach(world => world.goLive());
  expect(shape(second)).toEqual(shape(first));
  expect(shape(other)).not.toEqual(shape(first));
});

it('has a past that looks like one', async () => {
  const world = await start({ dir: newDir() });
  apply(world, deployment({ image: `${REGISTRY}/storefront/orders:v5.3.22` }));
  world.clock.advance(24 * 3_600_000);
  apply(world, deployment({ image: `${REGISTRY}/storefront/orders:v5.3.24` }));
  world.goLive();
  const hour = 3_600_000;
  const age =
    Date.now() - Date.parse(orders(world).metadata.creationTimestamp!);
  expect(age).toBeGreaterThan(70 * hour);
  expect(orders(world).metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '2',
  });
  const podAges = pods(world, 0, 'storefront').map(
    pod => Date.now() - Date.parse(pod.metadata.creationTimestamp!),
  );
  expect(podAges.length).toBe(4);
  expect(podAges.every(each => each > 40 * hour && each < 50 * hour)).toBe(
    true,
  );
  // What happened days ago has left no events.
  expect(
    world.clusters[0].store.list({
      apiVersion: 'v1',
      kind: 'Event',
      namespace: 'storefront',
    }),
  ).toEqual([]);
});

it('goes on where it was left, in the middle of a rollout', async () => {
  const dir = newDir();
  const before = await start({ dir });
  apply(before, deployment({ replicas: 6 }));
  before.goLive();
  apply(
    before,
    deployment({ replicas: 6, image: `${REGISTRY}/storefront/orders:v5.3.25` }),
  );
  await until(() => {
    const { metadata, status } = orders(before);
    return (
      metadata.annotations!['deployment.kubernetes.io/revision'] === '2' &&
      status.updatedReplicas > 1
    );
  });
  expect(orders(before).status.updatedReplicas).toBeLessThan(6);
  const uid = orders(before).metadata.uid;
  const gatewayPods = pods(before, 0, 'platform');
  await stop(before);
  const after = await start({ dir });
  expect(after.isNew).toBe(false);
  after.goLive();
  expect(orders(after).metadata.uid).toBe(uid);
  expect(pods(after, 0, 'platform')).toEqual(gatewayPods);
  await until(() => {
    const { updatedReplicas, availableReplicas, replicas } =
      orders(after).status;
    return updatedReplicas === 6 && availableReplicas === 6 && replicas === 6;
  });
  // As in Kubernetes, `status.replicas` leaves out pods that are still ending.
  await until(() =>
    pods(after, 0, 'storefront').every(pod => !pod.metadata.deletionTimestamp),
  );
  const images = new Set(
    pods(after, 0, 'storefront').map(pod => pod.spec.containers[0].image),
  );
  expect([...images]).toEqual([`${REGISTRY}/storefront/orders:v5.3.25`]);
  const versions = pods(after, 0, 'storefront').map(pod =>
    Number(pod.metadata.resourceVersion),
  );
  expect(Math.min(...versions)).toBeGreaterThan(
    Number(gatewayPods[0].metadata.resourceVersion),
  );
});

it('tells a watch of before a restart to begin anew', async () => {
  const dir = newDir();
  const before = await start({ dir });
  before.goLive();
  const old = pods(before)[0].metadata.resourceVersion;
  await stop(before);
  const after = await start({ dir });
  const [{ url, token }] = after.clusters;
  const response = await fetch(
    `${url}/api/v1/pods?watch=1&resourceVersion=${old}`,
    {
      headers: { Authorization: `Bearer ${token}` },
    },
  );
  expect(JSON.parse(await response.text())).toMatchObject({
    type: 'ERROR',
    object: { code: 410, reason: 'Expired' },
  });
});

it('remembers migrations over a restart', async () => {
  const dir = newDir();
  const before = await start({ dir });
  const run = {
    database: 'production',
    component: 'orders',
    version: 'v1',
    cluster: 'prod-blue',
    podUid: 'u',
    container: 'c',
    at: '',
  };
  before.ledger.migrate(run);
  before.goLive();
  await stop(before);
  const after = await start({ dir });
  expect(after.ledger.migrate(run).outcome).toBe('already');
});

it('begins anew after a start that was cut off', async () => {
  const dir = newDir();
  const before = await start({ dir });
  // Never went live: as when it is killed while it plays the past.
  await stop(before);
  writeFileSync(join(dir, 'kubernetes', 'dev.json'), '{ half');
  const after = await start({ dir });
  expect(after.isNew).toBe(true);
  after.goLive();
  expect(pods(after, 2).length).toBeGreaterThan(2);
});

it('holds 140 pods, and rests when nothing happens', async () => {
  const world = await start({ dir: newDir() });
  const webapp = deployment({
    name: 'webapp',
    replicas: 70,
    container: { resources: { requests: { cpu: '500m' } } },
  });
  apply(world, webapp, 0);
  apply(world, webapp, 1);
  world.clock.advance(3_600_000);
  world.goLive();
  expect(
    pods(world, 0, 'storefront').filter(pod => pod.status.phase === 'Running'),
  ).toHaveLength(70);
  await new Promise(resolve => setTimeout(resolve, 700));
  const before = process.cpuUsage();
  await new Promise(resolve => setTimeout(resolve, 1_000));
  const used = process.cpuUsage(before);
  expect((used.user + used.system) / 1000).toBeLessThan(100);
});
