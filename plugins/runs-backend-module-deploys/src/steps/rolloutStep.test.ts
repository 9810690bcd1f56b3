import { JsonObject } from '@backstage/types';
import { ContainerRow, PodRow, WorkloadRow } from '@switchyard/fleet-node';
import { RolloutStepInput } from '../hotfix/types';
import { applicationOf, applicationRow } from '../__testUtils__/applications';
import { createTestContext } from '../__testUtils__/createTestContext';
import { createTestFleet, TestFleet } from '../__testUtils__/createTestFleet';
import { createRolloutStep } from './rolloutStep';
import { DEFAULT_PATIENCE, Patience } from './types';

const REPOSITORY = '127.0.0.1:5001/storefront/orders';
const NEW = `${REPOSITORY}:v2`;
const OLD = `${REPOSITORY}:v1`;
const FINISHED = '2026-11-20T12:00:05Z';
const INPUT: RolloutStepInput = {
  application: {
    instance: 'main',
    namespace: 'argocd',
    name: 'orders-blue',
    project: 'storefront',
    multiSource: false,
    sourceIndex: 0,
    repoUrl: 'https://git.example.com/deploy-blue.git',
    branch: 'main',
    commitStep: 'commit.deploy-blue',
  },
  cluster: 'prod-blue',
  namespace: 'storefront',
  syncStep: 'sync.orders-blue',
  objects: [
    { kind: 'Deployment', name: 'orders', container: 'main', image: NEW },
  ],
};

const HEALTHY = applicationOf({
  sync: { status: 'Synced', revision: 'ours' },
  health: 'Healthy',
  reconciledAt: '2026-11-20T12:00:06Z',
});

function container(
  image: string,
  overrides: Partial<ContainerRow> = {},
): ContainerRow {
  return {
    name: 'main',
    kind: 'container',
    image,
    ready: false,
    restarts: 0,
    state: 'running',
    startedAt: '2026-11-20T12:00:10Z',
    ...overrides,
  };
}

function pod(
  name: string,
  containers: ContainerRow[],
  overrides: Partial<PodRow> = {},
): PodRow {
  return {
    cluster: 'prod-blue',
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'storefront',
    name,
    uid: name,
    resourceVersion: '1',
    labels: {},
    createdAt: '2026-11-20T12:00:06Z',
    owner: { kind: 'ReplicaSet', name: 'rs', uid: 'rs' },
    phase: 'Running',
    ready: containers.every(({ ready }) => ready),
    node: 'node-1',
    containers,
    ...overrides,
  };
}

function deployment(overrides: Partial<WorkloadRow> = {}): WorkloadRow {
  return {
    cluster: 'prod-blue',
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: 'storefront',
    name: 'orders',
    uid: 'orders',
    resourceVersion: '1',
    labels: {},
    createdAt: '2026-01-01T00:00:00Z',
    generation: 2,
    observedGeneration: 2,
    selector: {},
    desired: 2,
    updated: 2,
    ready: 2,
    available: 2,
    unavailable: 0,
    containers: [{ name: 'main', image: NEW, kind: 'container' }],
    conditions: [],
    ...overrides,
  };
}

function start(
  options: {
    patience?: Partial<Patience>;
    timeoutMs?: number;
    finishedAt?: string | null;
    input?: Partial<RolloutStepInput>;
    signal?: AbortSignal;
  } = {},
) {
  const fleet = createTestFleet();
  fleet.rows.push(applicationRow());
  fleet.clusters.push({
    name: 'prod-blue',
    url: 'https://blue',
    state: 'live',
    since: '2026-11-20T10:00:00Z',
    kinds: [],
  });
  fleet.workloads.push(deployment());
  fleet.replicaSets.push(
    deployment({
      kind: 'ReplicaSet',
      name: 'rs',
      uid: 'rs',
      owner: { kind: 'Deployment', name: 'orders', uid: 'orders' },
    }),
  );
  fleet.pods.push(
    pod('a', [container(NEW, { ready: true })]),
    pod('b', [container(NEW, { ready: true })]),
  );
  fleet.set(HEALTHY);
  const step = createRolloutStep({
    fleet: fleet.service,
    git: {
      repository: () => ({
        contains: async ({ revision }: { revision: string }) =>
          revision === 'ours' || revision === 'new',
      }),
    } as any,
    identity: { name: 'x', email: 'x' },
    patience: {
      ...DEFAULT_PATIENCE,
      lookEveryMs: 10,
      shareOfTimeout: 1,
      ...options.patience,
    },
  });
  const { finishedAt = FINISHED } = options;
  const context = createTestContext({
    input: { ...INPUT, ...options.input },
    outputs: {
      'commit.deploy-blue': { commit: 'ours', created: true },
      'sync.orders-blue': {
        revision: 'ours',
        evidence: '',
        initiatedBy: null,
        finishedAt,
        migration: { state: 'ran', text: '' },
      },
    },
    timeoutMs: options.timeoutMs ?? 250,
    signal: options.signal,
  });
  return { fleet, step, context };
}

describe('done', () => {
  it('is when Argo CD says so after the sync, and all pods are new and ready', async () => {
    const { step, context } = start();
    await expect(step.run(context)).resolves.toEqual({
      output: {
        revision: 'ours',
        pods: 'Deployment orders: 2 of 2 new pods ready',
      },
    });
    expect(context.effects).toEqual([]);
  });

  it('is also with somebody else’s commit on top', async () => {
    const { fleet, step, context } = start();
    fleet.set({
      ...HEALTHY,
      status: {
        ...HEALTHY.status,
        sync: { status: 'Synced', revision: 'new' },
      },
    });
    await expect(step.run(context)).resolves.toMatchObject({
      output: { revision: 'new' },
    });
  });

  it.each<[string, (fleet: TestFleet) => void, RegExp]>([
    [
      'health is from before the sync',
      fleet =>
        fleet.set({
          ...HEALTHY,
          status: { ...HEALTHY.status, reconciledAt: '2026-11-20T12:00:04Z' },
        }),
      /has not looked at it since the sync/,
    ],
    [
      'it is not Synced',
      fleet =>
        fleet.set({
          ...HEALTHY,
          status: {
            ...HEALTHY.status,
            sync: { status: 'OutOfSync', revision: 'ours' },
          },
        }),
      /Argo CD says OutOfSync/,
    ],
    [
      'it is Synced to another revision',
      fleet =>
        fleet.set({
          ...HEALTHY,
          status: {
            ...HEALTHY.status,
            sync: { status: 'Synced', revision: 'old' },
          },
        }),
      /compared with another revision/,
    ],
    [
      'it is Progressing',
      fleet =>
        fleet.set({
          ...HEALTHY,
          status: { ...HEALTHY.status, health: { status: 'Progressing' } },
        }),
      /Synced and Progressing/,
    ],
    [
      'the template names another image',
      fleet =>
        (fleet.workloads[0] = deployment({
          containers: [{ name: 'main', image: OLD, kind: 'container' }],
        })),
      /does not name the version yet/,
    ],
    [
      'Kubernetes has not looked yet',
      fleet => (fleet.workloads[0] = deployment({ observedGeneration: 1 })),
      /has not looked at the change/,
    ],
    [
      'a pod is not ready',
      fleet => (fleet.pods[0] = pod('a', [container(NEW)])),
      /1 of 2 new pods ready/,
    ],
    [
      'an old pod is left',
      fleet => fleet.pods.push(pod('c', [container(OLD, { ready: true })])),
      /2 of 2 new pods ready, 1 old/,
    ],
    [
      'too few are available',
      fleet =>
        (fleet.workloads[0] = deployment({ available: 1, unavailable: 1 })),
      /not rolled out in time/,
    ],
    [
      'the workload is gone',
      fleet => (fleet.workloads.length = 0),
      /is not there yet/,
    ],
    [
      'the cluster does not answer',
      fleet =>
        (fleet.clusters[0] = {
          ...fleet.clusters[0],
          state: 'unreachable',
          since: '2026-11-20T11:58:00Z',
        }),
      /prod-blue has not answered since Fri, 20 Nov 2026 11:58:00 GMT/,
    ],
    [
      'the cluster is no longer configured',
      fleet => (fleet.clusters.length = 0),
      /no longer configured/,
    ],
  ])('is not when %s, and its time runs out', async (_, change, message) => {
    const { fleet, step, context } = start();
    change(fleet);
    await expect(step.run(context)).rejects.toMatchObject({
      name: 'StepFailedError',
      message: expect.stringMatching(message),
    });
  });

  it('goes on as soon as something changes', async () => {
    const { fleet, step, context } = start({
      patience: { lookEveryMs: 60_000 },
      timeoutMs: 60_000,
    });
    fleet.pods[0] = pod('a', [container(NEW)]);
    const result = step.run(context);
    await new Promise(resolve => setTimeout(resolve, 30));
    fleet.pods[0] = pod('a', [container(NEW, { ready: true })]);
    fleet.ring({
      type: 'object',
      kind: 'Pod',
      cluster: 'prod-blue',
      row: fleet.pods[0],
      deleted: false,
    });
    await expect(result).resolves.toBeDefined();
    expect(context.progresses).toContain(
      'Deployment orders: 1 of 2 new pods ready',
    );
  });

  it('rests on Argo CD alone where the cluster is not one of the fleet', async () => {
    const { step, context } = start({ input: { cluster: null } });
    await expect(step.run(context)).resolves.toMatchObject({
      output: { pods: expect.stringContaining('not one of the fleet') },
    });
  });

  it('counts a workload that is scaled to nothing, and one that only a schedule starts', async () => {
    const { fleet, step, context } = start({
      input: {
        objects: [
          ...INPUT.objects,
          { kind: 'CronJob', name: 'nightly', container: 'main', image: NEW },
        ],
      },
    });
    fleet.workloads[0] = deployment({
      desired: 0,
      updated: 0,
      ready: 0,
      available: 0,
    });
    fleet.pods.length = 0;
    await expect(step.run(context)).resolves.toBeDefined();
  });
});

describe('failing early', () => {
  const hopeless = async (
    change: (fleet: TestFleet) => void,
    patience: Partial<Patience> = {},
  ) => {
    const { fleet, step, context } = start({ timeoutMs: 30_000, patience });
    fleet.set({
      ...HEALTHY,
      status: { ...HEALTHY.status, health: { status: 'Progressing' } },
    });
    change(fleet);
    return step.run(context).then(
      () => undefined,
      error => error as Error & { details: string[] },
    );
  };
  const pulling = (message: string) =>
    pod(
      'a',
      [
        container(NEW, {
          state: 'waiting',
          reason: 'ImagePullBackOff',
          message,
        }),
      ],
      { phase: 'Pending' },
    );

  it('names the registry’s answer when the image does not exist', async () => {
    const error = await hopeless(
      fleet =>
        (fleet.pods[0] = pulling(
          `Back-off pulling image "${NEW}": ErrImagePull: failed to resolve reference "${NEW}": ${NEW}: not found`,
        )),
    );
    expect(error).toMatchObject({
      name: 'StepFailedError',
      message: expect.stringMatching(
        /^Pod a: ImagePullBackOff: image .*:v2 of container main cannot be pulled: .*not found/,
      ),
    });
  });

  it('gives a registry that does not answer its time', async () => {
    const message =
      'ErrImagePull: failed to do request: dial tcp: connection refused';
    const { fleet, step, context } = start({ timeoutMs: 100 });
    fleet.pods[0] = pulling(message);
    await expect(step.run(context)).rejects.toMatchObject({
      message: expect.stringContaining('not rolled out in time'),
    });
    const error = await hopeless(other => (other.pods[0] = pulling(message)), {
      imagePullMs: 50,
    });
    expect(error?.message).toContain('connection refused');
  });

  it('shows the last lines before the restart when a container crashes', async () => {
    const crash = (restarts: number) =>
      pod('a', [
        container(NEW, {
          state: 'waiting',
          reason: 'CrashLoopBackOff',
          restarts,
          last: { reason: 'Error', exitCode: 1 },
        }),
      ]);
    const error = await hopeless(fleet => {
      fleet.pods[0] = crash(2);
      fleet.logs.set('a/main/previous', ['loading', 'KeyError: DATABASE_URL']);
    });
    expect(error).toMatchObject({
      message:
        'Pod a: CrashLoopBackOff: container main ended with exit code 1, restarted 2 times',
      details: expect.arrayContaining([
        'Deployment orders: 1 of 2 new pods ready',
        'Last lines of a, container main:',
        'KeyError: DATABASE_URL',
      ]),
    });
    const { fleet, step, context } = start({ timeoutMs: 100 });
    fleet.pods[0] = crash(1);
    await expect(step.run(context)).rejects.toMatchObject({
      message: expect.stringContaining('not rolled out in time'),
    });
  });

  it('fails also when the log cannot be read, and says that', async () => {
    const error = await hopeless(
      fleet =>
        (fleet.pods[0] = pod('a', [
          container(NEW, {
            state: 'waiting',
            reason: 'CrashLoopBackOff',
            restarts: 3,
            last: { exitCode: 1 },
          }),
        ])),
    );
    expect(error?.details.join('\n')).toContain(
      'cannot be read: The cluster does not answer',
    );
  });

  it('names what the scheduler said, after a while', async () => {
    const unschedulable = pod('a', [], {
      phase: 'Pending',
      ready: false,
      node: undefined,
      reason: 'Unschedulable',
      message: '0/6 nodes are available: 6 Insufficient memory.',
      containers: [container(NEW, { state: 'waiting' })],
    });
    const error = await hopeless(fleet => (fleet.pods[0] = unschedulable), {
      unschedulableMs: 50,
    });
    expect(error?.message).toBe(
      'Pod a: Unschedulable: 0/6 nodes are available: 6 Insufficient memory.',
    );
  });

  it('names the probe when Kubernetes gives up', async () => {
    const error = await hopeless(fleet => {
      fleet.pods[0] = pod('a', [container(NEW)]);
      fleet.events.push({
        ...pod('event', []),
        kind: 'Event',
        type: 'Warning',
        reason: 'Unhealthy',
        message:
          'Readiness probe failed: HTTP probe failed with statuscode: 503',
        count: 9,
        lastAt: '2026-11-20T12:05:00Z',
        about: { kind: 'Pod', namespace: 'storefront', name: 'a', uid: 'a' },
      } as any);
      fleet.workloads[0] = deployment({
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
            message: 'ReplicaSet "rs" has timed out progressing.',
          },
        ],
      });
      fleet.logs.set('a/main', ['warming up']);
    });
    expect(error).toMatchObject({
      message:
        'Pod a: Unhealthy: container main runs, but readiness probe failed: HTTP probe failed with statuscode: 503',
      details: expect.arrayContaining([
        'Deployment orders: ReplicaSet "rs" has timed out progressing.',
        'warming up',
      ]),
    });
  });

  it('fails with the missed deadline also where the cluster’s clock is behind Argo CD’s', async () => {
    const error = await hopeless(fleet => {
      fleet.pods[0] = pod('a', [container(NEW)]);
      fleet.workloads[0] = deployment({
        conditions: [
          {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
            // A minute after the sync.
            at: '2026-11-20T11:56:05Z',
            message: 'ReplicaSet "rs" has timed out progressing.',
          },
        ],
      });
    });
    expect(error).toMatchObject({
      name: 'StepFailedError',
      message: expect.stringMatching(/^Pod a: NotReady/),
    });
  });

  it.each([
    [
      'long before the sync',
      {
        at: '2026-11-20T11:54:00Z',
        message: 'ReplicaSet "rs" has timed out progressing.',
      },
    ],
    [
      'about another ReplicaSet',
      {
        at: '2026-11-20T12:00:07Z',
        message: 'ReplicaSet "rs-before" has timed out progressing.',
      },
    ],
  ])('does not mind a deadline that was missed %s', async (_, condition) => {
    const { fleet, step, context } = start({ timeoutMs: 100 });
    fleet.pods[0] = pod('a', [container(NEW)]);
    fleet.workloads[0] = deployment({
      conditions: [
        {
          type: 'Progressing',
          status: 'False',
          reason: 'ProgressDeadlineExceeded',
          ...condition,
        },
      ],
    });
    await expect(step.run(context)).rejects.toMatchObject({
      message: expect.stringContaining('not rolled out in time'),
    });
  });

  it('does not blame the pods of the version before', async () => {
    const { fleet, step, context } = start({ timeoutMs: 100 });
    fleet.pods.push(
      pod('old', [
        container(OLD, {
          state: 'waiting',
          reason: 'CrashLoopBackOff',
          restarts: 9,
          last: { exitCode: 1 },
        }),
      ]),
    );
    await expect(step.run(context)).rejects.toMatchObject({
      message: expect.stringContaining('not rolled out in time'),
    });
  });
});

describe('a Rollout', () => {
  const PAUSED = {
    currentPodHash: 'new',
    stableRS: 'old',
    currentStepIndex: 1,
    controllerPause: true,
    pauseConditions: [
      { reason: 'CanaryPauseStep', startTime: '2026-11-20T12:00:07Z' },
    ],
  };
  const startCanary = (
    status: JsonObject,
    row: Partial<WorkloadRow> = {},
    hash = 'new',
  ) => {
    const started = start({
      input: {
        objects: [
          { kind: 'Rollout', name: 'orders', container: 'main', image: NEW },
        ],
      },
    });
    const { fleet } = started;
    fleet.workloads[0] = deployment({ kind: 'Rollout', ...row });
    fleet.replicaSets[0].labels = { 'rollouts-pod-template-hash': hash };
    fleet.objects.set('orders', {
      spec: {
        strategy: {
          canary: { steps: [{ setWeight: 20 }, { pause: {} }] },
        },
      },
      status,
    });
    fleet.set({
      ...HEALTHY,
      status: { ...HEALTHY.status, health: { status: 'Suspended' } },
    });
    return started;
  };

  it('is done once the version is the stable one', async () => {
    const { fleet, step, context } = startCanary(
      { currentPodHash: 'new', stableRS: 'new' },
      { rollout: { strategy: 'canary', aborted: false, phase: 'Healthy' } },
    );
    fleet.set(HEALTHY);
    await expect(step.run(context)).resolves.toMatchObject({
      output: { pods: 'Rollout orders: done, 2 of 2 pods new and ready' },
    });
  });

  it.each<[string, Parameters<typeof startCanary>, RegExp]>([
    [
      'where it waits, and for whom',
      [PAUSED],
      /^Rollout orders: waits at step 2 of 2: pause until somebody promotes it, 2 of 2 pods/,
    ],
    [
      'which step it is at',
      [{ ...PAUSED, pauseConditions: [], currentStepIndex: 0 }],
      /^Rollout orders: step 1 of 2: 20 %, 2 of 2 pods/,
    ],
    [
      'nothing of the version before',
      [{ ...PAUSED, currentPodHash: 'old', abort: true }],
      /^Rollout orders: Argo Rollouts has not looked at the change yet/,
    ],
    [
      'that it was not looked at',
      [PAUSED, { observedGeneration: 1 }],
      /^Rollout orders: Argo Rollouts has not looked at the change yet/,
    ],
  ])('says %s', async (_, canary, text) => {
    const { step, context } = startCanary(...canary);
    await expect(step.run(context)).rejects.toThrow(/not rolled out in time/);
    expect(context.progresses.at(-1)).toMatch(text);
  });

  it('fails at once when it was aborted, with what Argo Rollouts says of it', async () => {
    const message = 'RolloutAborted: Rollout aborted update to revision 2';
    const { fleet, step, context } = startCanary(
      { ...PAUSED, abort: true },
      {
        rollout: {
          strategy: 'canary',
          aborted: true,
          phase: 'Degraded',
          message,
        },
      },
    );
    fleet.set({
      ...HEALTHY,
      status: { ...HEALTHY.status, health: { status: 'Degraded', message } },
    });
    await expect(step.run(context)).rejects.toMatchObject({
      name: 'StepFailedError',
      message: `Rollout orders: ${message}`,
    });
  });

  it('calls it aborted where Argo Rollouts has not yet said more', async () => {
    const { step, context } = startCanary(
      { ...PAUSED, abort: true },
      {
        rollout: {
          strategy: 'canary',
          aborted: true,
          phase: 'Paused',
          message: 'CanaryPauseStep',
        },
      },
    );
    await expect(step.run(context)).rejects.toMatchObject({
      name: 'StepFailedError',
      message: 'Rollout orders: aborted',
    });
  });
});

it('stops when it is told to', async () => {
  const stopping = new AbortController();
  const { fleet, step, context } = start({
    timeoutMs: 30_000,
    signal: stopping.signal,
  });
  fleet.workloads.length = 0;
  const result = step.run(context);
  setTimeout(() => stopping.abort(new Error('lease lost')), 20);
  await expect(result).rejects.toThrow('lease lost');
  expect(fleet.calls).toContain('close orders-blue');
});
