import { callApi } from '../tests/callApi';
import {
  deployment,
  startTestCluster,
  TestCluster,
} from '../tests/startTestCluster';
import { KubernetesObject } from '../types';
import { parseQuantity } from '../quantity';

let cluster: TestCluster;

afterEach(() => cluster.close());

const resources = {
  requests: { cpu: '500m', memory: '256Mi' },
  limits: { memory: '512Mi' },
};
const apply = (object: KubernetesObject) =>
  cluster.store.apply(object, { manager: 'test' });
const ROOT = '/apis/metrics.k8s.io/v1beta1';

function autoscaler(spec: object = {}): KubernetesObject {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'orders', namespace: 'storefront' },
    spec: {
      scaleTargetRef: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: 'orders',
      },
      minReplicas: 2,
      maxReplicas: 5,
      metrics: [
        {
          type: 'Resource',
          resource: {
            name: 'cpu',
            target: { type: 'Utilization', averageUtilization: 60 },
          },
        },
      ],
      ...spec,
    },
  };
}

describe('the metrics API', () => {
  it('tells what running pods and nodes use, and nothing of others', async () => {
    cluster = await startTestCluster();
    apply(deployment({ replicas: 2, container: { resources } }));
    apply(
      deployment({
        name: 'nowhere',
        replicas: 1,
        pod: { nodeSelector: { gpu: 'yes' } },
      }),
    );
    cluster.clock.advance(60_000);
    const list = await callApi(cluster, `${ROOT}/namespaces/storefront/pods`);
    expect(list.body).toMatchObject({
      kind: 'PodMetricsList',
      apiVersion: 'metrics.k8s.io/v1beta1',
    });
    expect(list.body.items).toHaveLength(2);
    const [item] = list.body.items;
    expect(item).toEqual({
      metadata: {
        name: expect.stringMatching(/^orders-/),
        namespace: 'storefront',
        creationTimestamp: '2026-11-20T12:01:01Z',
        labels: expect.objectContaining({ 'app.kubernetes.io/name': 'orders' }),
      },
      timestamp: '2026-11-20T12:01:01Z',
      window: expect.stringMatching(/^[\d.]+s$/),
      containers: [
        {
          name: 'orders',
          usage: {
            cpu: expect.stringMatching(/^\d+n$/),
            memory: expect.stringMatching(/^\d+Ki$/),
          },
        },
      ],
    });
    const { usage } = item.containers[0];
    expect(parseQuantity(usage.cpu)).toBeLessThan(0.5);
    expect(parseQuantity(usage.memory)).toBeLessThan(512 * 2 ** 20);
    const one = await callApi(
      cluster,
      `${ROOT}/namespaces/storefront/pods/${item.metadata.name}`,
    );
    expect(one.body).toEqual({
      kind: 'PodMetrics',
      apiVersion: 'metrics.k8s.io/v1beta1',
      ...item,
    });
    const selected = await callApi(
      cluster,
      `${ROOT}/pods?labelSelector=app.kubernetes.io/name=nowhere`,
    );
    expect(selected.body.items).toEqual([]);
    const nodes = await callApi(cluster, `${ROOT}/nodes`);
    expect(nodes.body.items).toHaveLength(3);
    expect(nodes.body.items[0].usage).toEqual({
      cpu: expect.any(String),
      memory: expect.any(String),
    });
    const missing = await callApi(
      cluster,
      `${ROOT}/namespaces/storefront/pods/x`,
    );
    expect([missing.status, missing.body.message]).toEqual([
      404,
      'podmetrics.metrics.k8s.io "storefront/x" not found',
    ]);
  });

  it('is in discovery, unless the cluster is without it', async () => {
    cluster = await startTestCluster();
    const groups = async () =>
      (await callApi(cluster, '/apis')).body.groups.map(
        (each: any) => each.name,
      );
    expect(await groups()).toContain('metrics.k8s.io');
    const { body } = await callApi(cluster, ROOT);
    expect(body.resources).toEqual([
      {
        name: 'nodes',
        singularName: '',
        namespaced: false,
        kind: 'NodeMetrics',
        verbs: ['get', 'list'],
      },
      {
        name: 'pods',
        singularName: '',
        namespaced: true,
        kind: 'PodMetrics',
        verbs: ['get', 'list'],
      },
    ]);
    cluster.faults.set({ metricsGone: true });
    expect(await groups()).not.toContain('metrics.k8s.io');
    for (const path of [ROOT, `${ROOT}/nodes`]) {
      expect((await callApi(cluster, path)).status).toBe(404);
    }
    expect(cluster.unimplemented).toEqual([]);
  });
});

describe('an autoscaler', () => {
  const live = () => cluster.find('HorizontalPodAutoscaler', 'orders');
  const condition = (type: string) =>
    live().status.conditions.find((each: any) => each.type === type);

  it('grows a workload that uses more than it should, up to its bound', async () => {
    cluster = await startTestCluster({ behaviour: { cpuShare: 1.8 } });
    apply(deployment({ replicas: 2, container: { resources } }));
    apply(autoscaler());
    cluster.clock.advance(180_000);
    expect(cluster.find('Deployment', 'orders').spec.replicas).toBe(5);
    expect(cluster.pods()).toHaveLength(5);
    expect(live().status).toMatchObject({
      currentReplicas: 5,
      desiredReplicas: 5,
      lastScaleTime: expect.any(String),
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu' } }],
    });
    expect(condition('ScalingLimited')).toMatchObject({
      status: 'True',
      reason: 'TooManyReplicas',
    });
    expect(
      cluster.events('SuccessfulRescale').map(event => event.message),
    ).toContain(
      'New size: 5; reason: cpu resource utilization (percentage of request) above target',
    );
  });

  it('shrinks one that idles, down to its bound', async () => {
    cluster = await startTestCluster({ behaviour: { cpuShare: 0.05 } });
    apply(deployment({ replicas: 4, container: { resources } }));
    apply(autoscaler());
    cluster.clock.advance(180_000);
    expect(cluster.pods()).toHaveLength(2);
    expect(condition('ScalingLimited')).toMatchObject({
      reason: 'TooFewReplicas',
    });
  });

  it('says that it cannot measure', async () => {
    cluster = await startTestCluster();
    cluster.faults.set({ metricsGone: true });
    apply(deployment({ replicas: 2, container: { resources } }));
    apply(autoscaler());
    cluster.clock.advance(60_000);
    expect(condition('ScalingActive')).toMatchObject({
      status: 'False',
      reason: 'FailedGetResourceMetric',
    });
  });

  it('is one object in two versions', async () => {
    cluster = await startTestCluster();
    const path = '/namespaces/storefront/horizontalpodautoscalers';
    const { status, body } = await callApi(
      cluster,
      `/apis/autoscaling/v1${path}`,
      {
        method: 'POST',
        body: {
          apiVersion: 'autoscaling/v1',
          kind: 'HorizontalPodAutoscaler',
          metadata: { name: 'orders' },
          spec: {
            scaleTargetRef: autoscaler().spec.scaleTargetRef,
            maxReplicas: 3,
            targetCPUUtilizationPercentage: 70,
          },
        },
      },
    );
    expect([status, body.apiVersion]).toEqual([201, 'autoscaling/v1']);
    expect(body.spec.targetCPUUtilizationPercentage).toBe(70);
    const newer = await callApi(cluster, `/apis/autoscaling/v2${path}/orders`);
    expect(newer.body).toMatchObject({
      apiVersion: 'autoscaling/v2',
      spec: { metrics: [{ resource: { target: { averageUtilization: 70 } } }] },
    });
  });
});

it('counts how many pods a budget lets go', async () => {
  cluster = await startTestCluster();
  apply(deployment({ replicas: 4 }));
  apply({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'orders', namespace: 'storefront' },
    spec: {
      minAvailable: '75%',
      selector: { matchLabels: { 'app.kubernetes.io/name': 'orders' } },
    },
  });
  const budget = () => cluster.find('PodDisruptionBudget', 'orders').status;
  cluster.clock.advance(3_000);
  expect(budget()).toMatchObject({
    expectedPods: 4,
    desiredHealthy: 3,
    currentHealthy: 0,
    disruptionsAllowed: 0,
    conditions: [
      {
        type: 'DisruptionAllowed',
        status: 'False',
        reason: 'InsufficientPods',
      },
    ],
  });
  cluster.clock.advance(60_000);
  expect(budget()).toMatchObject({
    currentHealthy: 4,
    disruptionsAllowed: 1,
    conditions: [{ status: 'True', reason: 'SufficientPods' }],
  });
});

it('keeps saying that nodes are well', async () => {
  cluster = await startTestCluster();
  const beat = () =>
    cluster.store.list({ apiVersion: 'v1', kind: 'Node' })[0].status
      .conditions[0].lastHeartbeatTime;
  const first = beat();
  cluster.clock.advance(3 * 3_600_000);
  expect(beat() > first).toBe(true);
});
