import {
  deployment,
  startTestCluster,
  TestCluster,
} from '../tests/startTestCluster';
import { KubernetesObject } from '../types';

let cluster: TestCluster;

afterEach(() => cluster.close());

const apply = (change: Parameters<typeof deployment>[0]) =>
  cluster.store.apply(deployment({ replicas: 1, ...change }), {
    manager: 'test',
  });
const pod = (): KubernetesObject => cluster.pods()[0];
const container = () => pod().status.containerStatuses[0];
const conditions = () =>
  Object.fromEntries(
    pod().status.conditions.map((each: any) => [each.type, each.status]),
  );
const messages = (reason: string) =>
  cluster.events(reason).map(event => event.message);

describe('init containers', () => {
  const init = (...containers: object[]) => ({ initContainers: containers });

  it('run one after the other before the others', async () => {
    cluster = await startTestCluster({
      behaviour: { startMs: 1_000, listenMs: 500 },
    });
    apply({
      pod: init(
        { name: 'a', image: 'busybox' },
        { name: 'b', image: 'busybox' },
      ),
    });
    const order: string[] = [];
    cluster.watchFor(60, () => {
      const running = [
        ...(pod()?.status.initContainerStatuses ?? []),
        ...(pod()?.status.containerStatuses ?? []),
      ]
        .filter(each => each.state.running)
        .map(each => each.name)
        .join('+');
      if (running && order[order.length - 1] !== running) {
        order.push(running);
      }
    });
    expect(order).toEqual(['a', 'b', 'orders']);
    expect(
      pod().status.initContainerStatuses.map(
        (each: any) => each.state.terminated.reason,
      ),
    ).toEqual(['Completed', 'Completed']);
  });

  it('stop the pod when they fail', async () => {
    cluster = await startTestCluster();
    apply({
      pod: init({
        name: 'check',
        image: 'busybox',
        command: ['sh', '-c', 'exit 3'],
      }),
    });
    cluster.clock.advance(60_000);
    expect(pod().status.phase).toBe('Pending');
    expect(pod().status.initContainerStatuses[0]).toMatchObject({
      restartCount: expect.any(Number),
      lastState: { terminated: { exitCode: 3 } },
    });
    expect(conditions().Initialized).toBe('False');
    expect(container().state.waiting.reason).toBe('PodInitializing');
  });

  it('stay beside the others as sidecars', async () => {
    cluster = await startTestCluster({
      behaviour: { startMs: 1_000, listenMs: 500, exit: undefined },
    });
    apply({
      pod: init({ name: 'proxy', image: 'proxy', restartPolicy: 'Always' }),
    });
    cluster.clock.advance(60_000);
    expect(pod().status.initContainerStatuses[0].state).toHaveProperty(
      'running',
    );
    expect(container().ready).toBe(true);
    expect(conditions().Ready).toBe('True');
  });
});

describe('what a pod refers to', () => {
  it('must be there before its container is made', async () => {
    cluster = await startTestCluster({
      behaviour: { startMs: 1_000, listenMs: 500 },
    });
    apply({
      container: { envFrom: [{ configMapRef: { name: 'orders-config' } }] },
    });
    cluster.clock.advance(20_000);
    expect(container().state.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'configmap "orders-config" not found',
    });
    cluster.store.apply(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'orders-config', namespace: 'storefront' },
        data: {},
      },
      { manager: 'test' },
    );
    cluster.clock.advance(30_000);
    expect(container().ready).toBe(true);
  });

  it('must be there before its volumes are mounted', async () => {
    cluster = await startTestCluster();
    apply({
      pod: {
        volumes: [{ name: 'keys', secret: { secretName: 'orders-keys' } }],
      },
    });
    cluster.clock.advance(20_000);
    expect(container().state.waiting.reason).toBe('ContainerCreating');
    expect(messages('FailedMount')).toEqual([
      'MountVolume.SetUp failed for volume "keys" : secret "orders-keys" not found',
    ]);
  });
});

it('says why no node takes a pod, and takes it when there is room', async () => {
  cluster = await startTestCluster();
  apply({ replicas: 4, container: { resources: { requests: { cpu: '15' } } } });
  cluster.clock.advance(60_000);
  const pending = cluster
    .pods()
    .filter(each => each.status.phase === 'Pending');
  expect(pending).toHaveLength(1);
  const message =
    '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.';
  expect(pending[0].status.conditions).toEqual([
    expect.objectContaining({
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
    }),
  ]);
  const [event] = cluster.events('FailedScheduling');
  // The scheduler writes with the newer events API.
  expect(event).toMatchObject({
    message,
    lastTimestamp: null,
    eventTime: expect.any(String),
    action: 'Scheduling',
  });
  const running = cluster.pods().find(each => each.status.phase === 'Running')!;
  cluster.faults.losePod('storefront', running.metadata.name);
  apply({ replicas: 3, container: { resources: { requests: { cpu: '15' } } } });
  cluster.clock.advance(60_000);
  expect(cluster.pods().map(each => each.status.phase)).toEqual([
    'Running',
    'Running',
    'Running',
  ]);
});

it('gives a program its time to end', async () => {
  cluster = await startTestCluster({
    behaviour: { startMs: 1_000, listenMs: 500, shutdownMs: 2_000 },
  });
  apply({
    container: {
      lifecycle: { preStop: { exec: { command: ['sleep', '15'] } } },
    },
  });
  cluster.clock.advance(30_000);
  const { name } = pod().metadata;
  cluster.store.apply(deployment({ replicas: 0 }), { manager: 'test' });
  cluster.clock.advance(10_000);
  expect(pod().metadata).toMatchObject({
    name,
    deletionGracePeriodSeconds: 30,
    deletionTimestamp: expect.any(String),
  });
  expect(container().state).toHaveProperty('running');
  expect(messages('Killing')).toEqual(['Stopping container orders']);
  cluster.clock.advance(10_000);
  expect(cluster.pods()).toEqual([]);
});
