import { KubernetesObject } from '../types';
import { startTestCluster, TestCluster } from '../tests/startTestCluster';

let cluster: TestCluster;

afterEach(() => cluster.close());

const labels = { 'app.kubernetes.io/name': 'store' };

function statefulSet(change: {
  image?: string;
  spec?: Record<string, unknown>;
  container?: Record<string, unknown>;
}): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'store', namespace: 'storefront' },
    spec: {
      replicas: 3,
      serviceName: 'store',
      selector: { matchLabels: labels },
      ...change.spec,
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'store',
              image: change.image ?? '127.0.0.1:5001/storefront/store:v1.0.0',
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: { httpGet: { path: '/', port: 'http' } },
              ...change.container,
            },
          ],
        },
      },
    },
  };
}

const apply = (change: Parameters<typeof statefulSet>[0] = {}) =>
  cluster.store.apply(statefulSet(change), { manager: 'test' });
const status = () => cluster.find('StatefulSet', 'store').status;
const images = () =>
  cluster.pods().map(pod => pod.spec.containers[0].image.split(':').pop());

it('makes pods one after the other, each when the one before is ready', async () => {
  cluster = await startTestCluster();
  apply();
  const unready = new Set<number>();
  cluster.watchFor(120, () => {
    const pods = cluster.pods();
    const ready = pods.filter(
      pod => pod.status.containerStatuses?.[0].ready,
    ).length;
    unready.add(pods.length - ready);
  });
  expect([...unready]).toEqual([1, 0]);
  expect(cluster.pods().map(pod => pod.metadata.name)).toEqual([
    'store-0',
    'store-1',
    'store-2',
  ]);
  const [first] = cluster.pods();
  expect(first.spec).toMatchObject({ hostname: 'store-0', subdomain: 'store' });
  expect(first.metadata.labels).toMatchObject({
    'apps.kubernetes.io/pod-index': '0',
    'statefulset.kubernetes.io/pod-name': 'store-0',
    'controller-revision-hash': status().updateRevision,
  });
  expect(status()).toMatchObject({
    replicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
    currentRevision: status().updateRevision,
  });
  expect(
    cluster.events('SuccessfulCreate').map(event => event.message),
  ).toContain('create Pod store-1 in StatefulSet store successful');
});

it('renews from the highest number down to the partition', async () => {
  cluster = await startTestCluster();
  apply();
  cluster.clock.advance(120_000);
  apply({
    image: '127.0.0.1:5001/storefront/store:v1.1.0',
    spec: { updateStrategy: { rollingUpdate: { partition: 1 } } },
  });
  cluster.clock.advance(10_000);
  expect(cluster.pods()[2].metadata.labels!['controller-revision-hash']).toBe(
    status().updateRevision,
  );
  cluster.clock.advance(120_000);
  expect(images()).toEqual(['v1.0.0', 'v1.1.0', 'v1.1.0']);
  expect(status()).toMatchObject({ currentReplicas: 1, updatedReplicas: 2 });
  expect(status().currentRevision).not.toBe(status().updateRevision);
  apply({ image: '127.0.0.1:5001/storefront/store:v1.1.0' });
  cluster.clock.advance(120_000);
  expect(images()).toEqual(['v1.1.0', 'v1.1.0', 'v1.1.0']);
  expect(status().currentRevision).toBe(status().updateRevision);
});

it('stops at a pod that does not get ready', async () => {
  cluster = await startTestCluster();
  apply();
  cluster.clock.advance(120_000);
  apply({ image: '127.0.0.1:5001/storefront/store:v5.4.0-never-ready' });
  cluster.clock.advance(300_000);
  expect(images()).toEqual(['v1.0.0', 'v1.0.0', 'v5.4.0-never-ready']);
  expect(status()).toMatchObject({ readyReplicas: 2, updatedReplicas: 1 });
});

it('makes all at once where order does not matter, and shrinks from the end', async () => {
  cluster = await startTestCluster();
  apply({ spec: { podManagementPolicy: 'Parallel' } });
  cluster.clock.advance(1_000);
  expect(cluster.pods()).toHaveLength(3);
  cluster.clock.advance(60_000);
  apply({ spec: { podManagementPolicy: 'Parallel', replicas: 1 } });
  cluster.clock.advance(60_000);
  expect(cluster.pods().map(pod => pod.metadata.name)).toEqual(['store-0']);
});

it('gives each pod a claim of its own, which outlives it', async () => {
  cluster = await startTestCluster();
  const claim = {
    metadata: { name: 'data' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '10Gi' } },
    },
  };
  const spec = { replicas: 2, volumeClaimTemplates: [claim] };
  const container = { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  apply({ spec, container });
  cluster.clock.advance(120_000);
  const claims = () =>
    cluster.store.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' });
  expect(claims().map(each => [each.metadata.name, each.status.phase])).toEqual(
    [
      ['data-store-0', 'Bound'],
      ['data-store-1', 'Bound'],
    ],
  );
  expect(cluster.pods()[1].spec.volumes[0]).toEqual({
    name: 'data',
    persistentVolumeClaim: { claimName: 'data-store-1' },
  });
  apply({ spec: { ...spec, replicas: 1 }, container });
  cluster.clock.advance(60_000);
  expect(cluster.pods()).toHaveLength(1);
  expect(claims()).toHaveLength(2);
});
