import { pod } from '../../tests/objects';
import { KubernetesObject } from '../kubernetesObject';
import { podRow } from './pod';

const row = (options: Parameters<typeof pod>[1]) =>
  podRow(pod('orders-1', options) as KubernetesObject, {
    cluster: 'prod-blue',
  });

const notReady = [
  { type: 'PodScheduled', status: 'True' },
  {
    type: 'Ready',
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [app]',
  },
];

/** A pod whose only container has this status. */
const withContainer = (
  status: Record<string, unknown>,
  more: Record<string, unknown> = {},
) => ({
  status: {
    conditions: notReady,
    containerStatuses: [
      { name: 'app', ready: false, restartCount: 0, ...status },
    ],
    ...more,
  },
});

/** A pod with init containers and their statuses. */
const withInit = (
  containers: Array<{ name: string; restartPolicy?: string }>,
  statuses: Array<Record<string, unknown>>,
) => ({
  spec: {
    initContainers: containers.map(each => ({ image: 'init:v1', ...each })),
  },
  status: {
    phase: 'Pending',
    conditions: notReady,
    initContainerStatuses: statuses,
    containerStatuses: [
      {
        name: 'app',
        ready: false,
        restartCount: 0,
        state: { waiting: { reason: 'PodInitializing' } },
      },
    ],
  },
});

describe('podRow', () => {
  it('says what lists sort, filter and join by', () => {
    expect(
      row({
        labels: { a: 'b' },
        owner: { kind: 'ReplicaSet', name: 'orders-1', uid: 'rs' },
      }),
    ).toEqual({
      cluster: 'prod-blue',
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'storefront',
      name: 'orders-1',
      uid: 'uid-orders-1',
      resourceVersion: '',
      labels: { a: 'b' },
      createdAt: '2026-11-21T08:00:00Z',
      owner: { kind: 'ReplicaSet', name: 'orders-1', uid: 'rs' },
      phase: 'Running',
      ready: true,
      readyAt: '2026-11-21T08:00:09Z',
      node: 'node-1',
      podIp: '10.0.0.1',
      containers: [
        {
          name: 'app',
          kind: 'container',
          image: 'registry.example/storefront/orders:v1',
          imageId: 'registry.example/storefront/orders@sha256:1',
          ready: true,
          restarts: 0,
          state: 'running',
          startedAt: '2026-11-21T08:00:05Z',
        },
      ],
    });
  });

  it('says what keeps a pod that is being deleted, and of no other', () => {
    const finalizers = ['example.com/drain'];
    const deletionTimestamp = '2026-11-21T09:00:30Z';
    expect(row({ metadata: { finalizers, deletionTimestamp } })).toMatchObject({
      deletedAt: deletionTimestamp,
      finalizers,
    });
    expect(row({ metadata: { finalizers } })).not.toHaveProperty('finalizers');
  });

  it('says what containers ask for and may use', () => {
    const of = (name: string) =>
      podRow(
        pod(name, {
          spec: {
            containers: [
              {
                name: 'app',
                image: 'app:v1',
                resources: {
                  requests: { cpu: '250m', memory: '128Mi' },
                  limits: { memory: '256Mi', 'nvidia.com/gpu': '1' },
                },
              },
              { name: 'free', image: 'app:v1', resources: {} },
            ],
          },
        }) as KubernetesObject,
        { cluster: 'prod-blue' },
      ).containers;
    const [app, free] = of('orders-1');
    expect(app.resources).toEqual({
      cpuRequest: '250m',
      memoryRequest: '128Mi',
      memoryLimit: '256Mi',
    });
    expect(free.resources).toBeUndefined();
    expect(of('orders-2')[0].resources).toEqual(app.resources);
  });

  it('marks a pod that is being deleted', () => {
    expect(
      row({ metadata: { deletionTimestamp: '2026-11-21T09:00:00Z' } }),
    ).toMatchObject({ ready: true, deletedAt: '2026-11-21T09:00:00Z' });
  });

  it('tells init containers, sidecars, containers and ephemeral ones apart, in the order of their start', () => {
    const { containers } = row({
      spec: {
        initContainers: [
          { name: 'migrate', image: 'm' },
          { name: 'proxy', image: 'p', restartPolicy: 'Always' },
        ],
        containers: [{ name: 'app', image: 'a' }],
        ephemeralContainers: [{ name: 'debug', image: 'd' }],
      },
    });
    expect(containers.map(({ name, kind }) => [name, kind])).toEqual([
      ['migrate', 'init'],
      ['proxy', 'sidecar'],
      ['app', 'container'],
      ['debug', 'ephemeral'],
    ]);
    expect(containers[0]).toEqual({
      name: 'migrate',
      kind: 'init',
      image: 'm',
      ready: false,
      restarts: 0,
      state: 'unknown',
    });
  });

  it('keeps how a container ended before', () => {
    const { containers } = row(
      withContainer({
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
        lastState: {
          terminated: {
            exitCode: 137,
            signal: 9,
            reason: 'OOMKilled',
            finishedAt: '2026-11-21T08:10:00Z',
          },
        },
      }),
    );
    expect(containers[0]).toMatchObject({
      restarts: 3,
      state: 'waiting',
      reason: 'CrashLoopBackOff',
      message: 'back-off',
      last: {
        exitCode: 137,
        signal: 9,
        reason: 'OOMKilled',
        finishedAt: '2026-11-21T08:10:00Z',
      },
    });
  });

  it('cuts messages that are too long for a row', () => {
    const { containers } = row(
      withContainer({
        state: { waiting: { reason: 'X', message: 'm'.repeat(5000) } },
      }),
    );
    expect(containers[0].message).toHaveLength(1024);
  });

  it.each<[string, Parameters<typeof pod>[1], string, string | undefined]>([
    [
      'an image that cannot be pulled',
      withContainer({
        state: {
          waiting: {
            reason: 'ImagePullBackOff',
            message: 'Back-off pulling image "x": manifest unknown',
          },
        },
      }),
      'ImagePullBackOff',
      'container app: Back-off pulling image "x": manifest unknown',
    ],
    [
      'a crash loop, by how it ended',
      withContainer({
        restartCount: 4,
        state: {
          waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' },
        },
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      }),
      'CrashLoopBackOff',
      'container app exited with code 1, 4 restarts',
    ],
    [
      'a crash loop with last words',
      withContainer({
        restartCount: 1,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: {
          terminated: { exitCode: 2, reason: 'Error', message: 'no DB_URL\n' },
        },
      }),
      'CrashLoopBackOff',
      'container app exited with code 2: no DB_URL, 1 restart',
    ],
    [
      'a crash loop by a signal',
      withContainer({
        restartCount: 2,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 139, signal: 11 } },
      }),
      'CrashLoopBackOff',
      'container app was ended by signal 11, 2 restarts',
    ],
    [
      'a container that ended and is about to be started again',
      withContainer({
        state: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
      }),
      'OOMKilled',
      'container app exited with code 137 (OOMKilled)',
    ],
    [
      'a Secret that is missing',
      withContainer({
        state: {
          waiting: {
            reason: 'CreateContainerConfigError',
            message: 'secret "web" not found',
          },
        },
      }),
      'CreateContainerConfigError',
      'container app: secret "web" not found',
    ],
    [
      'a container that is being made',
      withContainer({ state: { waiting: { reason: 'ContainerCreating' } } }),
      'ContainerCreating',
      undefined,
    ],
    [
      'a readiness probe',
      withContainer({ started: true, state: { running: {} } }),
      'ContainersNotReady',
      'container app runs, its readiness probe has not succeeded',
    ],
    [
      'a startup probe',
      withContainer({ started: false, state: { running: {} } }),
      'ContainersNotReady',
      'container app runs, its startup probe has not succeeded',
    ],
    [
      'a readiness gate',
      {
        status: {
          conditions: [
            {
              type: 'Ready',
              status: 'False',
              reason: 'ReadinessGatesNotReady',
              message: 'corresponding condition of pod readiness gate "x"',
            },
          ],
        },
      },
      'ReadinessGatesNotReady',
      'corresponding condition of pod readiness gate "x"',
    ],
    [
      'no node that fits',
      {
        status: {
          phase: 'Pending',
          conditions: [
            {
              type: 'PodScheduled',
              status: 'False',
              reason: 'Unschedulable',
              message: '0/3 nodes are available: 3 Insufficient cpu.',
            },
          ],
          containerStatuses: undefined,
        },
      },
      'Unschedulable',
      '0/3 nodes are available: 3 Insufficient cpu.',
    ],
    [
      'an eviction',
      {
        status: {
          phase: 'Failed',
          reason: 'Evicted',
          message: 'The node was low on resource: memory.',
          conditions: notReady,
        },
      },
      'Evicted',
      'The node was low on resource: memory.',
    ],
    [
      'a node that is gone',
      {
        status: {
          conditions: [
            { type: 'PodScheduled', status: 'True' },
            { type: 'Ready', status: 'False', reason: 'NodeNotReady' },
          ],
        },
      },
      'NodeNotReady',
      undefined,
    ],
    [
      'work that is done',
      {
        status: {
          phase: 'Succeeded',
          conditions: [
            { type: 'Ready', status: 'False', reason: 'PodCompleted' },
          ],
        },
      },
      'Completed',
      undefined,
    ],
    [
      'a pod that nobody has taken yet',
      {
        status: {
          phase: 'Pending',
          conditions: undefined,
          containerStatuses: undefined,
        },
      },
      'Pending',
      undefined,
    ],
    [
      'an init container that runs',
      withInit(
        [{ name: 'one' }, { name: 'migrate' }],
        [
          { name: 'one', state: { terminated: { exitCode: 0 } } },
          { name: 'migrate', state: { running: {} } },
        ],
      ),
      'PodInitializing',
      'init container migrate (2 of 2) is running',
    ],
    [
      'an init container that failed',
      withInit(
        [{ name: 'migrate' }],
        [
          {
            name: 'migrate',
            restartCount: 2,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: {
              terminated: { exitCode: 1, message: 'relation exists' },
            },
          },
        ],
      ),
      'CrashLoopBackOff',
      'init container migrate exited with code 1: relation exists, 2 restarts',
    ],
    [
      'an init container whose image cannot be pulled',
      withInit(
        [{ name: 'migrate' }],
        [
          {
            name: 'migrate',
            state: {
              waiting: { reason: 'ErrImagePull', message: 'not found' },
            },
          },
        ],
      ),
      'ErrImagePull',
      'init container migrate: not found',
    ],
    [
      'an init container behind a sidecar that runs',
      withInit(
        [{ name: 'proxy', restartPolicy: 'Always' }, { name: 'migrate' }],
        [
          { name: 'proxy', started: true, state: { running: {} } },
          {
            name: 'migrate',
            state: { waiting: { reason: 'PodInitializing' } },
          },
        ],
      ),
      'PodInitializing',
      'init container migrate (2 of 2) is about to start',
    ],
    [
      'a sidecar that crashes',
      withInit(
        [{ name: 'proxy', restartPolicy: 'Always' }],
        [
          {
            name: 'proxy',
            restartCount: 1,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 3 } },
          },
        ],
      ),
      'CrashLoopBackOff',
      'sidecar proxy exited with code 3, 1 restart',
    ],
  ])('not ready because of %s', (_, options, reason, message) => {
    const { ready, ...rest } = row({ ready: false, ...options });
    expect(ready).toBe(false);
    expect(rest.reason).toBe(reason);
    expect(rest.message).toBe(message);
  });
});
