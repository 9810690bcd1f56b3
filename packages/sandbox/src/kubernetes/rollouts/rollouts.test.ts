import { callApi } from '../tests/callApi';
import { startTestCluster, TestCluster } from '../tests/startTestCluster';
import { KubernetesObject } from '../types';
import { canarySizes, pauseMs, weightAt } from './canary';
import { rolloutDefinitions } from './definitions';

let cluster: TestCluster;

afterEach(() => cluster?.close());

const labels = { 'app.kubernetes.io/name': 'recommend' };
const STEPS = [
  { setWeight: 20 },
  { pause: {} },
  { setWeight: 60 },
  { pause: { duration: '2m' } },
];

function rollout(version: string, strategy: object): KubernetesObject {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'recommend', namespace: 'storefront' },
    spec: {
      replicas: 5,
      selector: { matchLabels: labels },
      strategy,
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'recommend',
              image: `127.0.0.1:5001/storefront/recommend:${version}`,
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: { httpGet: { path: '/', port: 'http' } },
            },
          ],
        },
      },
    },
  };
}

function service(name: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'storefront' },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
  };
}

const canary = (change: object = {}) => ({
  canary: { steps: STEPS, ...change },
});
const apply = (object: KubernetesObject) =>
  cluster.store.apply(object, { manager: 'test' });
const live = () => cluster.find('Rollout', 'recommend');
const status = () => live().status;
const pods = () => {
  const counts: Record<string, number> = {};
  for (const pod of cluster.pods()) {
    if (!pod.metadata.deletionTimestamp) {
      const version = pod.spec.containers[0].image.split(':').pop();
      counts[version] = (counts[version] ?? 0) + 1;
    }
  }
  return counts;
};
const condition = (type: string) =>
  status().conditions.find((each: any) => each.type === type);

/** As the kubectl plugin and Argo CD do it. */
async function patchStatus(change: object) {
  const answer = await callApi(
    cluster,
    '/apis/argoproj.io/v1alpha1/namespaces/storefront/rollouts/recommend/status',
    {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { status: change },
    },
  );
  expect(answer.status).toBe(200);
}

async function start(strategy: object, behaviour = {}) {
  cluster = await startTestCluster({ behaviour });
  for (const definition of rolloutDefinitions) {
    cluster.add(definition, { manager: 'test' });
  }
  for (const name of ['stable', 'canary']) {
    apply(service(`recommend-${name}`));
  }
  apply(rollout('v1', strategy));
  cluster.clock.advance(90_000);
}

describe('the arithmetic of a canary', () => {
  it.each([
    [0, 20],
    [1, 20],
    [2, 60],
    [3, 60],
    [4, 100],
  ])('knows the weight at step %d', (index, weight) => {
    expect(weightAt(STEPS, index)).toBe(weight);
  });

  it.each([
    [20, false, 0, { canary: 1, stable: 5 }],
    [20, false, 1, { canary: 1, stable: 4 }],
    [60, false, 3, { canary: 3, stable: 2 }],
    [0, false, 0, { canary: 0, stable: 5 }],
    [100, false, 5, { canary: 5, stable: 0 }],
    [50, true, 3, { canary: 3, stable: 5 }],
    [100, true, 4, { canary: 5, stable: 5 }],
    [100, true, 5, { canary: 5, stable: 0 }],
  ])(
    'sizes both versions at %d % (router: %s, available: %d)',
    (weight, hasRouter, available, sizes) => {
      expect(
        canarySizes({ replicas: 5, weight, hasRouter, available }),
      ).toEqual(sizes);
    },
  );

  it.each([
    [{}, undefined],
    [{ duration: 30 }, 30_000],
    [{ duration: '90s' }, 90_000],
    [{ duration: '5m' }, 300_000],
    [{ duration: '1h' }, 3_600_000],
  ])('reads a pause: %j', (pause, milliseconds) => {
    expect(pauseMs(pause)).toBe(milliseconds);
  });
});

describe('a canary', () => {
  it('skips the steps of its first version', async () => {
    await start(canary());
    expect(pods()).toEqual({ v1: 5 });
    expect(status()).toMatchObject({
      phase: 'Healthy',
      currentStepIndex: 4,
      replicas: 5,
      updatedReplicas: 5,
      availableReplicas: 5,
      observedGeneration: String(live().metadata.generation),
      selector: 'app.kubernetes.io/name=recommend',
    });
    expect(status().stableRS).toBe(status().currentPodHash);
    expect(status()).not.toHaveProperty('message');
    expect(condition('Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
    });
    expect(live().metadata.annotations).toMatchObject({
      'rollout.argoproj.io/revision': '1',
    });
  });

  it('waits at a pause until somebody promotes it, and goes on after one with a duration', async () => {
    await start(canary());
    apply(rollout('v2', canary()));
    cluster.clock.advance(60_000);
    expect(pods()).toEqual({ v1: 4, v2: 1 });
    expect(status()).toMatchObject({
      phase: 'Paused',
      message: 'CanaryPauseStep',
      currentStepIndex: 1,
      controllerPause: true,
      pauseConditions: [
        { reason: 'CanaryPauseStep', startTime: expect.any(String) },
      ],
    });
    expect(condition('Paused')).toMatchObject({ status: 'True' });
    cluster.clock.advance(3_600_000);
    expect(status().currentStepIndex).toBe(1);
    await patchStatus({ pauseConditions: null });
    cluster.clock.advance(60_000);
    expect(pods()).toEqual({ v1: 2, v2: 3 });
    expect(status()).toMatchObject({ phase: 'Paused', currentStepIndex: 3 });
    cluster.clock.advance(180_000);
    expect(pods()).toEqual({ v2: 5 });
    expect(status()).toMatchObject({ phase: 'Healthy', currentStepIndex: 4 });
    expect(status().stableRS).toBe(status().currentPodHash);
    expect(status()).not.toHaveProperty('pauseConditions');
    expect(
      cluster
        .events('RolloutStepCompleted')
        .map(event => event.message)
        .sort(),
    ).toEqual([
      'Rollout step 1/4 completed (setWeight: 20)',
      'Rollout step 2/4 completed (pause:)',
      'Rollout step 3/4 completed (setWeight: 60)',
      'Rollout step 4/4 completed (pause: 2m)',
    ]);
  });

  it('is aborted, tried again and promoted whole', async () => {
    await start(canary());
    apply(rollout('v2', canary()));
    cluster.clock.advance(60_000);
    await patchStatus({ abort: true });
    cluster.clock.advance(60_000);
    expect(pods()).toEqual({ v1: 5 });
    expect(status()).toMatchObject({
      phase: 'Degraded',
      message: 'RolloutAborted: Rollout aborted update to revision 2',
      abort: true,
      abortedAt: expect.any(String),
      currentStepIndex: 0,
    });
    expect(condition('Progressing')).toMatchObject({
      status: 'False',
      reason: 'RolloutAborted',
    });
    await patchStatus({ abort: false });
    cluster.clock.advance(60_000);
    expect(pods()).toEqual({ v1: 4, v2: 1 });
    expect(status()).toMatchObject({ phase: 'Paused' });
    await patchStatus({ promoteFull: true });
    cluster.clock.advance(120_000);
    expect(pods()).toEqual({ v2: 5 });
    expect(status()).toMatchObject({ phase: 'Healthy' });
    expect(status()).not.toHaveProperty('promoteFull');
  });

  it('is promoted in full although it was aborted, and not aborted after that', async () => {
    await start(canary());
    apply(rollout('v2', canary()));
    cluster.clock.advance(60_000);
    await patchStatus({ abort: true });
    cluster.clock.advance(60_000);
    await patchStatus({ promoteFull: true });
    await patchStatus({ abort: true });
    cluster.clock.advance(120_000);
    expect(pods()).toEqual({ v2: 5 });
    expect(status()).toMatchObject({ phase: 'Healthy', currentStepIndex: 4 });
    expect(status()).not.toHaveProperty('abort');
  });

  it('keeps the stable pods where a router moves the traffic, and says the weights', async () => {
    const routed = canary({
      canaryService: 'recommend-canary',
      stableService: 'recommend-stable',
      trafficRouting: { alb: { ingress: 'recommend', servicePort: 80 } },
    });
    await start(routed);
    apply(rollout('v2', routed));
    cluster.clock.advance(60_000);
    const { currentPodHash, stableRS } = status();
    expect(pods()).toEqual({ v1: 5, v2: 1 });
    expect(status().canary.weights).toEqual({
      canary: {
        podTemplateHash: currentPodHash,
        serviceName: 'recommend-canary',
        weight: 20,
      },
      stable: {
        podTemplateHash: stableRS,
        serviceName: 'recommend-stable',
        weight: 80,
      },
    });
    const selector = (name: string) =>
      cluster.find('Service', name).spec.selector['rollouts-pod-template-hash'];
    expect([
      selector('recommend-canary'),
      selector('recommend-stable'),
    ]).toEqual([currentPodHash, stableRS]);
  });

  it('says when it does not get on', async () => {
    await start(canary());
    apply(rollout('v5.4.0-never-ready', canary()));
    cluster.clock.advance(700_000);
    expect(status()).toMatchObject({
      phase: 'Degraded',
      message: expect.stringMatching(
        /^ProgressDeadlineExceeded: ReplicaSet "recommend-\w+" has timed out progressing\.$/,
      ),
    });
    apply(rollout('v1', canary()));
    cluster.clock.advance(60_000);
    expect(pods()).toEqual({ v1: 5 });
    expect(status()).toMatchObject({ phase: 'Healthy' });
  });
});

describe('an analysis', () => {
  const analysed = canary({
    steps: [
      { setWeight: 20 },
      { analysis: { templates: [{ templateName: 'success-rate' }] } },
      { setWeight: 50 },
      { pause: {} },
    ],
  });
  const template = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name: 'success-rate', namespace: 'storefront' },
    spec: {
      metrics: [
        {
          name: 'success-rate',
          interval: '20s',
          count: 3,
          failureLimit: 1,
          successCondition: 'result[0] >= 0.95',
          provider: {
            prometheus: { address: 'http://prometheus', query: 'x' },
          },
        },
      ],
    },
  };
  const run = () =>
    cluster.store.list({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisRun',
    })[0];

  it('lets a version go on that is good', async () => {
    await start(analysed);
    apply(template);
    apply(rollout('v2', analysed));
    cluster.clock.advance(60_000);
    expect(status().canary.currentStepAnalysisRunStatus).toEqual({
      name: run().metadata.name,
      status: 'Running',
    });
    cluster.clock.advance(60_000);
    expect(run().metadata.name).toBe(
      `recommend-${status().currentPodHash}-2-1`,
    );
    expect(run().status).toMatchObject({
      phase: 'Successful',
      metricResults: [
        {
          name: 'success-rate',
          phase: 'Successful',
          count: 3,
          successful: 3,
          measurements: [
            { phase: 'Successful', value: '[0.9969]' },
            expect.anything(),
            expect.anything(),
          ],
        },
      ],
    });
    expect(status()).toMatchObject({ phase: 'Paused', currentStepIndex: 3 });
  });

  it('ends when somebody promotes past it', async () => {
    await start(analysed);
    apply(template);
    apply(rollout('v2', analysed));
    cluster.clock.advance(60_000);
    expect(status()).toMatchObject({ currentStepIndex: 1 });
    await patchStatus({ pauseConditions: null, currentStepIndex: 2 });
    cluster.clock.advance(60_000);
    expect(run()).toMatchObject({ spec: { terminate: true } });
    expect(status()).toMatchObject({ phase: 'Paused', currentStepIndex: 3 });
    expect(status().canary).not.toHaveProperty('currentStepAnalysisRunStatus');
  });

  it('aborts one that is bad', async () => {
    await start(analysed, { errorShare: 0.2 });
    apply(template);
    apply(rollout('v2', analysed));
    cluster.clock.advance(120_000);
    const why =
      'Metric "success-rate" assessed Failed due to failed (2) > failureLimit (1)';
    expect(run().status).toMatchObject({ phase: 'Failed', message: why });
    expect(status()).toMatchObject({
      phase: 'Degraded',
      abort: true,
      message: `RolloutAborted: Rollout aborted update to revision 2: Step-based analysis phase error/failure: ${why}`,
    });
    expect(pods()).toEqual({ v1: 5 });
  });
});

describe('blue-green', () => {
  const blueGreen = (change: object = {}) => ({
    blueGreen: {
      activeService: 'recommend-stable',
      previewService: 'recommend-canary',
      autoPromotionEnabled: false,
      ...change,
    },
  });
  const active = () =>
    cluster.find('Service', 'recommend-stable').spec.selector[
      'rollouts-pod-template-hash'
    ];

  it('shows the new version beside the old one and switches when told', async () => {
    await start(blueGreen());
    const first = status().currentPodHash;
    expect(status()).toMatchObject({ phase: 'Healthy', stableRS: first });
    apply(rollout('v2', blueGreen()));
    cluster.clock.advance(60_000);
    const second = status().currentPodHash;
    expect(pods()).toEqual({ v1: 5, v2: 5 });
    expect(status()).toMatchObject({
      phase: 'Paused',
      message: 'BlueGreenPause',
      blueGreen: { activeSelector: first, previewSelector: second },
    });
    expect(active()).toBe(first);
    await patchStatus({ pauseConditions: null });
    cluster.clock.advance(10_000);
    expect(active()).toBe(second);
    expect(pods()).toEqual({ v1: 5, v2: 5 });
    cluster.clock.advance(60_000);
    expect(pods()).toEqual({ v2: 5 });
    expect(status()).toMatchObject({ phase: 'Healthy', stableRS: second });
  });

  it('switches by itself, and goes back when it is aborted before', async () => {
    await start(blueGreen({ autoPromotionEnabled: true }));
    apply(rollout('v2', blueGreen({ autoPromotionEnabled: true })));
    cluster.clock.advance(120_000);
    expect(pods()).toEqual({ v2: 5 });
    apply(rollout('v3', blueGreen()));
    cluster.clock.advance(60_000);
    await patchStatus({ abort: true });
    cluster.clock.advance(60_000);
    expect(pods()).toEqual({ v2: 5 });
    expect(status()).toMatchObject({ phase: 'Degraded', abort: true });
  });
});

it('is known to discovery while its definition is there', async () => {
  await start(canary());
  const { body } = await callApi(cluster, '/apis/argoproj.io/v1alpha1');
  expect(body.resources.map((each: any) => [each.name, each.kind])).toEqual([
    ['analysisruns', 'AnalysisRun'],
    ['analysistemplates', 'AnalysisTemplate'],
    ['rollouts', 'Rollout'],
    ['rollouts/scale', 'Scale'],
    ['rollouts/status', 'Rollout'],
  ]);
  const path = '/apis/argoproj.io/v1alpha1/namespaces/storefront/rollouts';
  expect((await callApi(cluster, path)).body.items).toHaveLength(1);
  cluster.store.delete({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    name: 'rollouts.argoproj.io',
  });
  expect((await callApi(cluster, path)).status).toBe(404);
});
