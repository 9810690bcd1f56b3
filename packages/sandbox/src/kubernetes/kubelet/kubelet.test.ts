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
const NOT_FOUND =
  'failed to pull and unpack image "127.0.0.1:5001/storefront/orders:none": failed to resolve reference "127.0.0.1:5001/storefront/orders:none": 127.0.0.1:5001/storefront/orders:none: not found';

it('brings a pod up step by step', async () => {
  cluster = await startTestCluster({
    behaviour: { startMs: 10_000, listenMs: 5_000 },
  });
  apply({});
  const seen: string[] = [];
  cluster.watchFor(40, () => {
    const state = pod()?.status;
    const step = [
      state?.phase,
      Object.keys(state?.containerStatuses?.[0]?.state ?? {})[0],
      state?.containerStatuses?.[0]?.ready,
    ].join(' ');
    if (pod() && seen[seen.length - 1] !== step) {
      seen.push(step);
    }
  });
  expect(seen).toEqual([
    'Pending waiting false',
    'Running running false',
    'Running running true',
  ]);
  expect(conditions()).toEqual({
    PodReadyToStartContainers: 'True',
    Initialized: 'True',
    Ready: 'True',
    ContainersReady: 'True',
    PodScheduled: 'True',
  });
  expect(pod().status).toMatchObject({
    podIP: expect.stringMatching(/^10\.244\./),
    hostIP: expect.stringMatching(/^10\.16\./),
    qosClass: 'BestEffort',
  });
  const order = ['Scheduled', 'Pulling', 'Pulled', 'Created', 'Started'];
  expect(order.map(reason => messages(reason).length)).toEqual([1, 1, 1, 1, 1]);
  expect(messages('Created')).toEqual(['Created container: orders']);
});

it('makes pods as large as they are in life', async () => {
  cluster = await startTestCluster();
  apply({
    container: {
      env: Array.from({ length: 25 }, (_, index) => ({
        name: `SETTING_${index}`,
        value: `value ${index}`,
      })),
      livenessProbe: { httpGet: { path: '/livez', port: 'http' } },
      resources: {
        requests: { cpu: '250m', memory: '256Mi' },
        limits: { memory: '512Mi' },
      },
    },
  });
  cluster.clock.advance(60_000);
  const size = JSON.stringify(pod()).length;
  expect(size).toBeGreaterThan(5_000);
  expect(size).toBeLessThan(11_000);
  const managers = (pod().metadata.managedFields as any[]).map(entry => [
    entry.manager,
    entry.subresource,
  ]);
  expect(managers).toEqual([
    ['kube-controller-manager', undefined],
    ['kube-scheduler', 'binding'],
    ['kubelet', 'status'],
  ]);
});

describe('images', () => {
  const missing = (image: string) =>
    image.endsWith(':none')
      ? { found: false as const, message: NOT_FOUND }
      : { found: true as const, digest: 'sha256:0a' };

  it('waits longer after each pull that fails, and says what the runtime said', async () => {
    cluster = await startTestCluster({ pullImage: missing });
    apply({ image: '127.0.0.1:5001/storefront/orders:none' });
    const pulls: number[] = [];
    const reasons = new Set<string>();
    cluster.watchFor(200, () => {
      const count = cluster.events('Pulling')[0]?.count ?? 0;
      if (count > pulls.length) {
        pulls.push(cluster.clock.elapsed());
      }
      reasons.add(pod()?.status.containerStatuses?.[0]?.state.waiting?.reason);
    });
    expect([...reasons].filter(Boolean)).toEqual([
      'ContainerCreating',
      'ErrImagePull',
      'ImagePullBackOff',
    ]);
    const gaps = pulls.slice(1).map((at, index) => at - pulls[index]);
    expect(gaps.length).toBeGreaterThanOrEqual(3);
    expect(
      gaps.every((gap, index) => index === 0 || gap > gaps[index - 1]),
    ).toBe(true);
    expect(messages('Failed')).toContain(
      `Failed to pull image "127.0.0.1:5001/storefront/orders:none": rpc error: code = NotFound desc = ${NOT_FOUND}`,
    );
    expect(container().state.waiting.message).toContain(NOT_FOUND);
    expect(pod().status.phase).toBe('Pending');
  });

  it('goes on when the image is there at last', async () => {
    let isThere = false;
    cluster = await startTestCluster({
      pullImage: image =>
        isThere ? { found: true, digest: 'sha256:0a' } : missing(image),
    });
    apply({ image: '127.0.0.1:5001/storefront/orders:none' });
    cluster.clock.advance(60_000);
    expect(container().state).toHaveProperty('waiting');
    isThere = true;
    cluster.clock.advance(200_000);
    expect(container()).toMatchObject({
      ready: true,
      imageID: '127.0.0.1:5001/storefront/orders@sha256:0a',
    });
  });
});

describe('probes', () => {
  it('is ready one probe after it works, not before its initial delay', async () => {
    cluster = await startTestCluster({
      behaviour: { startMs: 1_000, listenMs: 500 },
    });
    apply({
      container: {
        readinessProbe: {
          httpGet: { path: '/healthz', port: 'http' },
          initialDelaySeconds: 30,
          periodSeconds: 5,
        },
      },
    });
    cluster.clock.advance(30_000);
    expect(container()).toMatchObject({ ready: false, started: true });
    cluster.clock.advance(10_000);
    expect(container().ready).toBe(true);
    expect(messages('Unhealthy')).toEqual([]);
  });

  it('tells in the words of a kubelet why a probe fails', async () => {
    cluster = await startTestCluster({
      behaviour: { startMs: 40_000, listenMs: 20_000 },
    });
    apply({});
    cluster.clock.advance(60_000);
    const { podIP } = pod().status;
    expect(messages('Unhealthy').sort()).toEqual([
      `Readiness probe failed: Get "http://${podIP}:8080/healthz": dial tcp ${podIP}:8080: connect: connection refused`,
      'Readiness probe failed: HTTP probe failed with statuscode: 503',
    ]);
  });

  it('never gets ready, and is not heard for ever', async () => {
    cluster = await startTestCluster();
    apply({ image: '127.0.0.1:5001/storefront/orders:v5.4.0-never-ready' });
    cluster.clock.advance(1_800_000);
    expect(container()).toMatchObject({
      ready: false,
      restartCount: 0,
      state: { running: {} },
    });
    const [event] = cluster
      .events('Unhealthy')
      .filter(each => /503/.test(each.message));
    // 25 at once and one every five minutes, together with the other events of the pod.
    expect(event.count).toBeGreaterThan(15);
    expect(event.count).toBeLessThan(40);
  });

  it('restarts what fails its liveness probe', async () => {
    cluster = await startTestCluster({
      behaviour: { startMs: 60_000, listenMs: 60_000 },
    });
    apply({
      container: {
        livenessProbe: {
          httpGet: { path: '/livez', port: 'http' },
          periodSeconds: 10,
          failureThreshold: 2,
        },
      },
    });
    cluster.clock.advance(30_000);
    expect(container()).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 137 } },
    });
    expect(messages('Killing')).toEqual([
      'Container orders failed liveness probe, will be restarted',
    ]);
  });

  it('asks nothing else before the startup probe has passed', async () => {
    cluster = await startTestCluster({
      behaviour: { startMs: 60_000, listenMs: 60_000 },
    });
    apply({
      container: {
        startupProbe: {
          httpGet: { path: '/up', port: 'http' },
          periodSeconds: 10,
          failureThreshold: 30,
        },
        livenessProbe: {
          httpGet: { path: '/livez', port: 'http' },
          periodSeconds: 5,
          failureThreshold: 1,
        },
      },
    });
    cluster.clock.advance(50_000);
    expect(container()).toMatchObject({
      started: false,
      ready: false,
      restartCount: 0,
    });
    expect(
      messages('Unhealthy').every(message =>
        message.startsWith('Startup probe failed'),
      ),
    ).toBe(true);
    cluster.clock.advance(40_000);
    expect(container()).toMatchObject({
      started: true,
      ready: true,
      restartCount: 0,
    });
  });

  it('is ready at once without a readiness probe', async () => {
    cluster = await startTestCluster({ behaviour: { startMs: 60_000 } });
    apply({ container: { readinessProbe: undefined } });
    cluster.clock.advance(10_000);
    expect(container().ready).toBe(true);
  });
});

it('backs off from a program that crashes: at once, 10 s, 20 s, 40 s', async () => {
  cluster = await startTestCluster();
  apply({
    image: '127.0.0.1:5001/storefront/orders:v5.4.0-crash',
    container: { readinessProbe: undefined },
  });
  const crashes: number[] = [];
  const starts: number[] = [];
  let wasRunning = false;
  cluster.watchFor(130, () => {
    const isRunning =
      pod()?.status.containerStatuses?.[0]?.state.running !== undefined;
    if (isRunning !== wasRunning) {
      (isRunning ? starts : crashes).push(cluster.clock.elapsed());
      wasRunning = isRunning;
    }
  });
  const waits = crashes
    .slice(0, 4)
    .map((at, index) => Math.round((starts[index + 1] - at) / 1000));
  expect(waits).toEqual([1, 11, 21, 41]);
  expect(container()).toMatchObject({
    restartCount: 4,
    lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    state: {
      waiting: {
        reason: 'CrashLoopBackOff',
        message: expect.stringMatching(
          /^back-off 1m20s restarting failed container=orders pod=/,
        ),
      },
    },
  });
});

it('leaves the last words of a program in its status when asked to', async () => {
  cluster = await startTestCluster();
  apply({
    image: '127.0.0.1:5001/storefront/orders:v5.4.0-crash',
    container: { terminationMessagePolicy: 'FallbackToLogsOnError' },
  });
  cluster.clock.advance(20_000);
  expect(container().lastState.terminated.message).toMatch(
    /TypeError: Cannot read properties[^]*\n {4}at priceBook/,
  );
});
