import { KubernetesObject } from '../types';
import { startTestCluster, TestCluster } from '../tests/startTestCluster';

let cluster: TestCluster;

afterEach(() => cluster.close());

const labels = { 'app.kubernetes.io/name': 'agent' };

function daemonSet(image: string, pod: object = {}): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: 'storefront' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { ...pod, containers: [{ name: 'agent', image }] },
      },
    },
  };
}
const apply = (object: KubernetesObject) =>
  cluster.store.apply(object, { manager: 'test' });
const status = () => cluster.find('DaemonSet', 'agent').status;
const OLD = '127.0.0.1:5001/platform/agent:v1.0.0';
const NEW = '127.0.0.1:5001/platform/agent:v1.1.0';

it('runs one pod on each node, also on one that takes no others', async () => {
  cluster = await startTestCluster();
  const [node] = cluster.store.list({ apiVersion: 'v1', kind: 'Node' });
  cluster.store.apply(
    { ...node, spec: { ...node.spec, unschedulable: true } },
    { manager: 'test' },
  );
  apply(daemonSet(OLD));
  cluster.clock.advance(60_000);
  expect(new Set(cluster.pods().map(pod => pod.spec.nodeName)).size).toBe(3);
  expect(status()).toMatchObject({
    desiredNumberScheduled: 3,
    currentNumberScheduled: 3,
    numberReady: 3,
    numberAvailable: 3,
    updatedNumberScheduled: 3,
    numberMisscheduled: 0,
  });
});

it('renews one node after the other', async () => {
  cluster = await startTestCluster();
  apply(daemonSet(OLD));
  cluster.clock.advance(60_000);
  apply(daemonSet(NEW));
  let fewest = 3;
  cluster.watchFor(120, () => {
    fewest = Math.min(fewest, status().numberReady);
  });
  expect(fewest).toBe(2);
  expect(cluster.pods().map(pod => pod.spec.containers[0].image)).toEqual([
    NEW,
    NEW,
    NEW,
  ]);
  expect(status().updatedNumberScheduled).toBe(3);
});

it('goes to the nodes that it is for only', async () => {
  cluster = await startTestCluster();
  apply(
    daemonSet(OLD, {
      nodeSelector: { 'topology.kubernetes.io/zone': 'eu-west-1b' },
    }),
  );
  cluster.clock.advance(60_000);
  expect(cluster.pods()).toHaveLength(1);
  expect(status()).toMatchObject({ desiredNumberScheduled: 1, numberReady: 1 });
});
