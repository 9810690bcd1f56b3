import { callApi } from '../tests/callApi';
import {
  deployment,
  startTestCluster,
  TestCluster,
} from '../tests/startTestCluster';
import { Json } from '../json';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startTestCluster();
  cluster.store.apply(deployment({ replicas: 3 }), { manager: 'test' });
  cluster.clock.advance(60_000);
});
afterEach(() => cluster.close());

const names = () => cluster.pods().map(pod => pod.metadata.name);

function budget(spec: Json, name = 'orders') {
  cluster.store.apply(
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace: 'storefront' },
      spec: {
        selector: { matchLabels: { 'app.kubernetes.io/name': 'orders' } },
        ...spec,
      },
    },
    { manager: 'test' },
  );
}

async function evict(name: string, more: Json = {}) {
  const { status, body } = await callApi(
    cluster,
    `/api/v1/namespaces/storefront/pods/${name}/eviction`,
    {
      method: 'POST',
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name },
        ...more,
      },
    },
  );
  return { status, body };
}

const refusedBecause = (message: string) => ({
  status: 429,
  body: expect.objectContaining({
    reason: 'TooManyRequests',
    message:
      "Cannot evict pod as it would violate the pod's disruption budget.",
    details: expect.objectContaining({
      causes: [{ reason: 'DisruptionBudget', message }],
    }),
  }),
});

it('takes away as many pods as the budget lets go, and another one when a new one is ready', async () => {
  budget({ minAvailable: 2 });
  cluster.clock.advance(2_000);
  const [first, second] = names();
  expect(await evict(first)).toEqual({
    status: 201,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      code: 201,
    },
  });
  expect(cluster.find('Pod', first).metadata.deletionTimestamp).toBeDefined();
  // Before anybody has counted again.
  expect(await evict(second)).toEqual(
    refusedBecause(
      'The disruption budget orders needs 2 healthy pods and has 3 currently',
    ),
  );
  cluster.clock.advance(1_000);
  expect(await evict(second)).toEqual(
    refusedBecause(
      'The disruption budget orders needs 2 healthy pods and has 2 currently',
    ),
  );
  cluster.clock.advance(90_000);
  expect((await evict(second)).status).toBe(201);
});

it('waits for a budget that nobody has looked at yet', async () => {
  budget({ minAvailable: 1 });
  expect(await evict(names()[0])).toEqual(
    refusedBecause(
      'The disruption budget orders is still being processed by the server.',
    ),
  );
});

it('asks no budget about a pod that does not run, and always lets a pod go that has none', async () => {
  cluster.store.apply(
    deployment({ replicas: 1, pod: { nodeSelector: { disk: 'none' } } }),
    { manager: 'test' },
  );
  cluster.clock.advance(5_000);
  const pending = cluster.pods().find(pod => pod.status.phase === 'Pending')!
    .metadata.name;
  const [running] = names().filter(name => name !== pending);
  expect((await evict(running)).status).toBe(201);
  budget({ minAvailable: 9 });
  cluster.clock.advance(2_000);
  expect((await evict(pending)).status).toBe(201);
});

it('refuses what it cannot decide, and does nothing in a dry run', async () => {
  const [name] = names();
  expect((await evict('gone')).body.message).toBe('pods "gone" not found');
  expect((await evict(name, { metadata: { name: 'other' } })).status).toBe(400);
  expect(
    (await evict(name, { deleteOptions: { dryRun: ['All'] } })).status,
  ).toBe(201);
  expect(cluster.find('Pod', name).metadata).not.toHaveProperty(
    'deletionTimestamp',
  );
  budget({ minAvailable: 1 });
  budget({ minAvailable: 1 }, 'second');
  cluster.clock.advance(2_000);
  const { status, body } = await evict(name);
  expect([status, body.message]).toEqual([
    500,
    'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  ]);
});
