import { callApi } from '../tests/callApi';
import {
  deployment,
  job,
  startTestCluster,
  TestCluster,
} from '../tests/startTestCluster';
import { KubernetesObject } from '../types';

let cluster: TestCluster;

afterEach(() => cluster.close());

const apply = (object: KubernetesObject) =>
  cluster.store.apply(object, { manager: 'test' });
const add = (apiVersion: string, kind: string, name: string, rest: object) =>
  apply({
    apiVersion,
    kind,
    metadata: { name, namespace: 'storefront' },
    ...rest,
  });
const scheduled = () =>
  cluster
    .pods()[0]
    .status.conditions.find((each: any) => each.type === 'PodScheduled');

describe('a quota', () => {
  it('refuses a pod for which it has no room, in the words of Kubernetes', async () => {
    cluster = await startTestCluster();
    add('v1', 'ResourceQuota', 'compute', {
      spec: {
        hard: { 'requests.cpu': '1', 'requests.memory': '2Gi', pods: '9' },
      },
    });
    const resources = { requests: { cpu: '400m', memory: '512Mi' } };
    apply(deployment({ replicas: 3, container: { resources } }));
    cluster.clock.advance(60_000);
    expect(cluster.pods()).toHaveLength(2);
    const [event] = cluster.events('FailedCreate');
    expect(event.involvedObject.kind).toBe('ReplicaSet');
    expect(event.message).toMatch(
      /^Error creating: pods "orders-\w+-\w{5}" is forbidden: exceeded quota: compute, requested: requests\.cpu=400m, used: requests\.cpu=800m, limited: requests\.cpu=1$/,
    );
    expect(
      cluster
        .find('Deployment', 'orders')
        .status.conditions.find((each: any) => each.type === 'ReplicaFailure'),
    ).toMatchObject({ status: 'True', reason: 'FailedCreate' });
    expect(cluster.find('ResourceQuota', 'compute').status).toEqual({
      hard: { 'requests.cpu': '1', 'requests.memory': '2Gi', pods: '9' },
      used: { 'requests.cpu': '800m', 'requests.memory': '1Gi', pods: '2' },
    });
  });

  it('wants to be told, and takes what a LimitRange presets', async () => {
    cluster = await startTestCluster();
    add('v1', 'ResourceQuota', 'compute', {
      spec: { hard: { 'limits.memory': '4Gi' } },
    });
    apply(deployment({ replicas: 1 }));
    cluster.clock.advance(5_000);
    expect(cluster.events('FailedCreate')[0].message).toContain(
      'is forbidden: failed quota: compute: must specify limits.memory for: orders',
    );
    add('v1', 'LimitRange', 'presets', {
      spec: {
        limits: [
          {
            type: 'Container',
            default: { memory: '256Mi' },
            defaultRequest: { memory: '128Mi' },
            max: { memory: '1Gi' },
          },
        ],
      },
    });
    cluster.clock.advance(60_000);
    expect(cluster.pods()[0].spec.containers[0].resources).toEqual({
      limits: { memory: '256Mi' },
      requests: { memory: '128Mi' },
    });
    apply(
      deployment({
        name: 'large',
        replicas: 1,
        container: { resources: { limits: { memory: '2Gi' } } },
      }),
    );
    cluster.clock.advance(5_000);
    expect(
      cluster.events('FailedCreate').map(event => event.message),
    ).toContainEqual(
      expect.stringContaining(
        'maximum memory usage per Container is 1Gi, but limit is 2Gi',
      ),
    );
  });
});

describe('a pod that fits nowhere', () => {
  it.each([
    [
      'claim that is not there',
      {
        volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'lost' } }],
      },
      /^0\/3 nodes are available: persistentvolumeclaim "lost" not found\. preemption: 0\/3 nodes are available: 3 Preemption is not helpful for scheduling\.$/,
    ],
    [
      'claim without a volume',
      {
        volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'fast' } }],
      },
      /^0\/3 nodes are available: pod has unbound immediate PersistentVolumeClaims\./,
    ],
    [
      'affinity',
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    { key: 'gpu', operator: 'In', values: ['a100'] },
                  ],
                },
              ],
            },
          },
        },
      },
      /^0\/3 nodes are available: 3 node\(s\) didn't match Pod's node affinity\/selector\./,
    ],
  ])('says why: %s', async (_, pod, message) => {
    cluster = await startTestCluster();
    add('v1', 'PersistentVolumeClaim', 'fast', {
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'fast',
        resources: { requests: { storage: '1Gi' } },
      },
    });
    apply(deployment({ replicas: 1, pod }));
    cluster.clock.advance(5_000);
    expect(scheduled()).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message: expect.stringMatching(message),
    });
    expect(cluster.events('ProvisioningFailed')[0].message).toBe(
      'storageclass.storage.k8s.io "fast" not found',
    );
  });

  it('counts several reasons', async () => {
    cluster = await startTestCluster();
    const [node] = cluster.store.list({ apiVersion: 'v1', kind: 'Node' });
    apply({
      ...node,
      spec: {
        ...node.spec,
        taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }],
      },
    });
    const resources = { requests: { cpu: '64', memory: '1Ti' } };
    apply(deployment({ replicas: 1, container: { resources } }));
    cluster.clock.advance(5_000);
    expect(scheduled().message).toBe(
      '0/3 nodes are available: 1 node(s) had untolerated taint {dedicated: gpu}, 2 Insufficient cpu, 2 Insufficient memory. preemption: 0/3 nodes are available: 2 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
    );
  });

  it('keeps apart what must be apart', async () => {
    cluster = await startTestCluster();
    const labelSelector = {
      matchLabels: { 'app.kubernetes.io/name': 'orders' },
    };
    const affinity = {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'kubernetes.io/hostname', labelSelector },
        ],
      },
    };
    apply(deployment({ replicas: 4, pod: { affinity } }));
    cluster.clock.advance(60_000);
    const pending = cluster.pods().filter(pod => !pod.spec.nodeName);
    expect(pending).toHaveLength(1);
    expect(
      pending[0].status.conditions.find(
        (each: any) => each.type === 'PodScheduled',
      ).message,
    ).toContain("3 node(s) didn't match pod anti-affinity rules");
  });
});

it('is killed when its memory is used up, again and again', async () => {
  cluster = await startTestCluster({
    behaviour: {
      exit: { afterMs: 20_000, code: 137, lastLines: [], isOutOfMemory: true },
    },
  });
  apply(
    deployment({
      replicas: 1,
      container: { resources: { limits: { memory: '256Mi' } } },
    }),
  );
  cluster.clock.advance(60_000);
  const [status] = cluster.pods()[0].status.containerStatuses;
  expect(status).toMatchObject({
    restartCount: expect.any(Number),
    lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    resources: { limits: { memory: '256Mi' } },
  });
});

it('takes a container to look around with, and shows its state', async () => {
  cluster = await startTestCluster();
  apply(deployment({ replicas: 1 }));
  cluster.clock.advance(60_000);
  const { name } = cluster.pods()[0].metadata;
  const answer = await callApi(
    cluster,
    `/api/v1/namespaces/storefront/pods/${name}/ephemeralcontainers`,
    {
      method: 'PATCH',
      type: 'application/strategic-merge-patch+json',
      body: {
        spec: {
          ephemeralContainers: [
            {
              name: 'debugger',
              image: 'busybox',
              targetContainerName: 'orders',
            },
          ],
        },
      },
    },
  );
  expect(answer.status).toBe(200);
  cluster.clock.advance(10_000);
  const pod = cluster.pods()[0];
  expect(pod.status.ephemeralContainerStatuses).toMatchObject([
    { name: 'debugger', ready: false, state: { running: {} } },
  ]);
  expect(pod.status.conditions).toContainEqual(
    expect.objectContaining({ type: 'Ready', status: 'True' }),
  );
  expect(
    cluster.events('Started').map(each => each.involvedObject.fieldPath),
  ).toContain('spec.ephemeralContainers{debugger}');
});

it('lets a job end whose sidecar would run on', async () => {
  cluster = await startTestCluster();
  const object = job({});
  object.spec.template.spec.initContainers = [
    { name: 'proxy', image: 'nginx', restartPolicy: 'Always' },
  ];
  apply(object);
  cluster.clock.advance(20_000);
  expect(cluster.pods()[0].status).toMatchObject({
    initContainerStatuses: [{ name: 'proxy', ready: true, started: true }],
  });
  cluster.clock.advance(60_000);
  expect(cluster.find('Job', 'orders-migrate').status).toMatchObject({
    succeeded: 1,
  });
  expect(cluster.pods()[0].status).toMatchObject({
    phase: 'Succeeded',
    initContainerStatuses: [{ state: { terminated: {} } }],
  });
});
