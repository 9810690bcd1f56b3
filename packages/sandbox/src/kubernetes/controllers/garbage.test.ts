import { ApiError } from '../ApiError';
import {
  deployment,
  startTestCluster,
  TEST_TOKEN,
  TestCluster,
} from '../tests/startTestCluster';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await startTestCluster();
  cluster.store.apply(deployment({ replicas: 2 }), { manager: 'test' });
  cluster.clock.advance(60_000);
});
afterEach(() => cluster.close());

const sets = () =>
  cluster.store.list({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    namespace: 'storefront',
  });
const owner = () =>
  cluster.store.get({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: 'storefront',
    name: 'orders',
  });

async function remove(propagationPolicy: string) {
  const response = await fetch(
    `${cluster.url}/apis/apps/v1/namespaces/storefront/deployments/orders`,
    {
      method: 'DELETE',
      headers: {
        Authorization: `Bearer ${TEST_TOKEN}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ propagationPolicy }),
    },
  );
  expect(response.status).toBe(200);
  return response.json();
}

it('deletes in the background what belonged to an object', async () => {
  expect(await remove('Background')).toMatchObject({
    kind: 'Status',
    status: 'Success',
  });
  expect(owner()).toBeUndefined();
  expect(sets()).toHaveLength(1);
  cluster.clock.advance(60_000);
  expect(sets()).toEqual([]);
  expect(cluster.pods()).toEqual([]);
});

it('deletes in the foreground the owner last', async () => {
  expect(await remove('Foreground')).toMatchObject({
    kind: 'Deployment',
    metadata: {
      finalizers: ['foregroundDeletion'],
      deletionTimestamp: expect.any(String),
    },
  });
  let ownerOutlivedPods = false;
  cluster.watchFor(60, () => {
    ownerOutlivedPods ||= cluster.pods().length === 0 && owner() !== undefined;
    expect(owner() !== undefined || cluster.pods().length === 0).toBe(true);
  });
  expect(ownerOutlivedPods).toBe(true);
  expect(owner()).toBeUndefined();
  expect(sets()).toEqual([]);
});

it('lets go of orphans', async () => {
  await remove('Orphan');
  cluster.clock.advance(60_000);
  expect(owner()).toBeUndefined();
  expect(sets()[0].metadata).not.toHaveProperty('ownerReferences');
  expect(cluster.pods()).toHaveLength(2);
});

it('keeps an object until its finalizers are gone', async () => {
  const identity = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: 'storefront',
    name: 'kept',
  };
  cluster.add(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'kept',
        namespace: 'storefront',
        finalizers: ['example.com/hold'],
      },
    },
    { manager: 'test' },
  );
  cluster.store.delete(identity);
  cluster.clock.advance(10_000);
  expect(cluster.store.get(identity)?.metadata.deletionTimestamp).toBeDefined();
  const response = await fetch(
    `${cluster.url}/api/v1/namespaces/storefront/configmaps/kept`,
    {
      method: 'PATCH',
      headers: {
        Authorization: `Bearer ${TEST_TOKEN}`,
        'Content-Type': 'application/merge-patch+json',
      },
      body: JSON.stringify({ metadata: { finalizers: null } }),
    },
  );
  expect(response.status).toBe(200);
  expect(cluster.store.get(identity)).toBeUndefined();
});

it('refuses to delete a namespace that the cluster needs', () => {
  expect(() =>
    cluster.store.delete({
      apiVersion: 'v1',
      kind: 'Namespace',
      name: 'kube-system',
    }),
  ).toThrow(ApiError);
});
