import { ContainerRow, EventRow, PodRow } from '../rows';
import { describePodProblem } from './podProblem';
import { pod } from './tests/fakeFleet';

const IMAGE = 'registry.example.com/orders:v9';

function unready(
  container: Partial<ContainerRow>,
  more: Partial<PodRow> = {},
): PodRow {
  return pod('orders-1', IMAGE, {
    ready: false,
    containers: [
      {
        name: 'orders',
        kind: 'container',
        image: IMAGE,
        ready: false,
        restarts: 0,
        state: 'waiting',
        ...container,
      },
    ],
    ...more,
  });
}

function event(
  reason: string,
  message: string,
  lastAt = '2026-11-20T11:00:00Z',
): EventRow {
  const { uid, namespace, name, ...rest } = pod('orders-1', IMAGE);
  return {
    ...rest,
    kind: 'Event',
    uid: `${uid}/event`,
    namespace,
    name: `${name}.1`,
    type: 'Warning',
    reason,
    message,
    count: 3,
    lastAt,
    about: { kind: 'Pod', namespace, name, uid },
  };
}

describe('describePodProblem', () => {
  it('has nothing to say about pods that are ready or done', () => {
    expect(describePodProblem(pod('a', IMAGE))).toBeUndefined();
    expect(
      describePodProblem(pod('a', IMAGE, { ready: false, phase: 'Succeeded' })),
    ).toBeUndefined();
  });

  it.each([
    [
      'as newer kubelets say it',
      'Back-off pulling image "registry.example.com/orders:v9": ErrImagePull: rpc error: code = NotFound desc = failed to resolve reference "registry.example.com/orders:v9": not found',
      [],
    ],
    [
      'as older kubelets say it, in an event',
      'Back-off pulling image "registry.example.com/orders:v9"',
      [
        event(
          'Failed',
          'Failed to pull image "registry.example.com/other:v1": denied',
        ),
        event(
          'Failed',
          'Failed to pull image "registry.example.com/orders:v9": rpc error: code = NotFound desc = failed to resolve reference "registry.example.com/orders:v9": not found',
        ),
        event('Failed', 'Error: ImagePullBackOff'),
      ],
    ],
  ])("gives the registry's answer, %s", (_, message, events) => {
    expect(
      describePodProblem(
        unready({ reason: 'ImagePullBackOff', message }, { phase: 'Pending' }),
        events,
      ),
    ).toEqual({
      code: 'image-pull',
      text: 'ImagePullBackOff: image registry.example.com/orders:v9 of container orders cannot be pulled: failed to resolve reference "registry.example.com/orders:v9": not found',
      detail:
        'failed to resolve reference "registry.example.com/orders:v9": not found',
      container: 'orders',
      passing: false,
    });
  });

  it.each<[string, Partial<ContainerRow>, string, string]>([
    [
      'an exit code in a crash loop',
      {
        reason: 'CrashLoopBackOff',
        message: 'back-off 40s restarting failed container',
        restarts: 4,
        last: { reason: 'Error', exitCode: 1, message: 'no database' },
      },
      'crash',
      'CrashLoopBackOff: container orders ended with exit code 1, restarted 4 times',
    ],
    [
      'a signal',
      {
        state: 'terminated',
        reason: 'Error',
        exitCode: 139,
        restarts: 1,
      },
      'crash',
      'Error: container orders ended with exit code 139 (SIGSEGV), restarted 1 time',
    ],
    [
      'a signal that the runtime names',
      { state: 'terminated', reason: 'Error', exitCode: 137, signal: 9 },
      'crash',
      'Error: container orders ended with exit code 137 (SIGKILL)',
    ],
    [
      'too much memory',
      {
        reason: 'CrashLoopBackOff',
        restarts: 2,
        last: { reason: 'OOMKilled', exitCode: 137 },
        resources: { memoryLimit: '256Mi' },
      },
      'out-of-memory',
      'CrashLoopBackOff: container orders was killed for using more memory than its limit of 256Mi, restarted 2 times',
    ],
    [
      'too much memory without a limit',
      { state: 'terminated', reason: 'OOMKilled', exitCode: 137 },
      'out-of-memory',
      'OOMKilled: container orders was killed for using too much memory, without a limit of its own',
    ],
    [
      'a program that is not in the image',
      {
        reason: 'CrashLoopBackOff',
        restarts: 1,
        last: {
          reason: 'StartError',
          exitCode: 128,
          message:
            'failed to create containerd task: OCI runtime create failed: exec: "serve": executable file not found in $PATH: unknown',
        },
      },
      'crash',
      'CrashLoopBackOff: container orders could not be started: failed to create containerd task: OCI runtime create failed: exec: "serve": executable file not found in $PATH: unknown, restarted 1 time',
    ],
    [
      'a native sidecar',
      {
        name: 'envoy',
        kind: 'sidecar',
        reason: 'CrashLoopBackOff',
        restarts: 3,
        last: { reason: 'Error', exitCode: 2 },
      },
      'crash',
      'CrashLoopBackOff: sidecar envoy ended with exit code 2, restarted 3 times',
    ],
    [
      'an image name that is none',
      {
        reason: 'InvalidImageName',
        message:
          'Failed to apply default image tag "registry/Orders:v9": couldn\'t parse image name "registry/Orders:v9": invalid reference format: repository name (library/Orders) must be lowercase',
      },
      'image-pull',
      'InvalidImageName: image registry.example.com/orders:v9 of container orders cannot be pulled: Failed to apply default image tag "registry/Orders:v9": couldn\'t parse image name "registry/Orders:v9": invalid reference format: repository name (library/Orders) must be lowercase',
    ],
    [
      'a crash while it runs again',
      {
        state: 'running',
        restarts: 2,
        startedAt: '2026-11-20T10:30:00Z',
        last: { reason: 'Error', exitCode: 1 },
      },
      'crash',
      'Error: container orders ended with exit code 1, restarted 2 times, and is not ready again yet',
    ],
    [
      'an init container',
      {
        name: 'migrate',
        kind: 'init',
        state: 'terminated',
        reason: 'Error',
        exitCode: 3,
      },
      'crash',
      'Error: init container migrate ended with exit code 3',
    ],
    [
      'a Secret that is missing',
      {
        reason: 'CreateContainerConfigError',
        message: 'secret "orders" not found',
      },
      'config',
      'CreateContainerConfigError: container orders cannot be started: secret "orders" not found',
    ],
  ])('tells of %s', (_, container, code, text) => {
    expect(describePodProblem(unready(container))).toMatchObject({
      code,
      text,
      passing: false,
    });
  });

  it.each([
    ['liveness', 'Get "http://10.20.0.7:8080/live": context deadline exceeded'],
    ['startup', 'HTTP probe failed with statuscode: 500'],
  ])('names the %s probe that stopped a container', (kind, answer) => {
    const row = unready({
      reason: 'CrashLoopBackOff',
      restarts: 2,
      last: {
        reason: 'Error',
        exitCode: 137,
        finishedAt: '2026-11-20T11:00:30Z',
      },
    });
    const word = kind.charAt(0).toUpperCase() + kind.slice(1);
    const events = [
      event('Unhealthy', `${word} probe failed: ${answer}`),
      event(
        'Killing',
        `Container orders failed ${kind} probe, will be restarted`,
      ),
    ];
    expect(describePodProblem(row, events)?.text).toBe(
      `CrashLoopBackOff: container orders was stopped because its ${kind} probe failed (${answer}), and ended with exit code 137 (SIGKILL), restarted 2 times`,
    );
    // Long before this end, or of another container: no reason for it.
    for (const other of [
      event(
        'Killing',
        `Container orders failed ${kind} probe, will be restarted`,
        '2026-11-20T10:00:00Z',
      ),
      event('Killing', `Container web failed ${kind} probe, will be restarted`),
      event('Killing', 'Stopping container orders'),
    ]) {
      expect(describePodProblem(row, [other])?.text).toBe(
        'CrashLoopBackOff: container orders ended with exit code 137 (SIGKILL), restarted 2 times',
      );
    }
  });

  it('takes the answer of a probe from the container that it is about', () => {
    const row = unready({
      state: 'running',
      startedAt: '2026-11-20T10:30:00Z',
    });
    const other = event('Unhealthy', 'Readiness probe failed: of another');
    other.about.container = 'proxy';
    expect(describePodProblem(row, [other])).toMatchObject({
      code: 'starting',
    });
  });

  it('keeps the last words of a container apart from the sentence', () => {
    expect(
      describePodProblem(
        unready({
          reason: 'CrashLoopBackOff',
          last: { exitCode: 1, message: 'first line\n\tat main.rb:3' },
        }),
      )?.detail,
    ).toBe('first line at main.rb:3');
  });

  it('gives the answer of a probe of this start, not of the one before', () => {
    const running = unready({
      state: 'running',
      startedAt: '2026-11-20T10:30:00Z',
    });
    const old = event(
      'Unhealthy',
      'Readiness probe failed: old',
      '2026-11-20T10:29:00Z',
    );
    expect(describePodProblem(running, [old])).toMatchObject({
      code: 'starting',
      passing: true,
    });
    expect(
      describePodProblem(running, [
        old,
        event(
          'Unhealthy',
          'Readiness probe failed: HTTP probe failed with statuscode: 503',
        ),
      ]),
    ).toMatchObject({
      code: 'probe',
      text: 'Unhealthy: container orders runs, but readiness probe failed: HTTP probe failed with statuscode: 503',
    });
  });

  it.each<[string, PodRow, EventRow[], object]>([
    [
      'no node',
      unready(
        {},
        {
          phase: 'Pending',
          node: undefined,
          reason: 'Unschedulable',
          message: '0/6 nodes are available: 6 Insufficient memory.',
        },
      ),
      [],
      {
        code: 'unschedulable',
        text: 'Unschedulable: 0/6 nodes are available: 6 Insufficient memory.',
      },
    ],
    [
      'a node too small, once and not twice',
      unready(
        {},
        {
          phase: 'Pending',
          node: undefined,
          reason: 'Unschedulable',
          message:
            '0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient cpu. preemption: 0/4 nodes are available: 1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod.',
        },
      ),
      [],
      {
        code: 'unschedulable',
        text: 'Unschedulable: 0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient cpu.',
      },
    ],
    ...[
      '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found',
      '0/3 nodes are available: persistentvolumeclaim "data-orders-0" not found. not found',
      '0/3 nodes are available: 3 node(s) had volume node affinity conflict.',
    ].map((message): [string, PodRow, EventRow[], object] => [
      `a claim of a volume: ${message}`,
      unready(
        {},
        {
          phase: 'Pending',
          node: undefined,
          reason: 'Unschedulable',
          message,
        },
      ),
      [],
      { code: 'volume', text: `Unschedulable: ${message}` },
    ]),
    [
      'a disk that another node holds',
      unready({ reason: 'ContainerCreating' }, { phase: 'Pending' }),
      [
        event(
          'FailedAttachVolume',
          'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node and can\'t be attached to another',
        ),
      ],
      { code: 'volume' },
    ],
    [
      'a node that has stopped reporting',
      unready(
        { state: 'running', ready: true },
        { reason: 'NotReady', node: 'node-a' },
      ),
      [event('NodeNotReady', 'Node is not ready')],
      {
        code: 'node',
        text: 'NodeNotReady: node node-a has stopped reporting; what is shown of its containers is the last it said',
        passing: false,
      },
    ],
    [
      'a pod whose lost node gave it up',
      unready({ state: 'running' }, { deletedAt: '2026-11-20T11:00:00Z' }),
      [event('TaintManagerEviction', 'Marking for deletion Pod a/b')],
      {
        text: 'Terminating: its node was lost or drained; it is taken off the list once the node answers or is removed',
      },
    ],
    [
      'a load balancer that has not taken it yet',
      unready(
        { state: 'running', ready: true },
        {
          reason: 'ReadinessGatesNotReady',
          message:
            'corresponding condition of pod readiness gate "target-health.elbv2.k8s.aws/x" does not exist.',
        },
      ),
      [],
      {
        code: 'not-ready',
        text: 'ReadinessGatesNotReady: corresponding condition of pod readiness gate "target-health.elbv2.k8s.aws/x" does not exist.',
      },
    ],
    [
      'a node that was lost',
      unready(
        { state: 'running' },
        { phase: 'Unknown', reason: 'NodeLost', message: 'Node a is gone' },
      ),
      [],
      { code: 'node', text: 'NodeLost: Node a is gone' },
    ],
    [
      'eviction',
      unready(
        { state: 'terminated', reason: 'Error', exitCode: 137 },
        { phase: 'Failed', reason: 'Evicted', message: 'low on memory' },
      ),
      [],
      { code: 'failed', text: 'Evicted: low on memory' },
    ],
    [
      'a volume',
      unready({ reason: 'ContainerCreating' }, { phase: 'Pending' }),
      [event('FailedMount', 'secret "tls" not found')],
      { code: 'config', text: 'FailedMount: secret "tls" not found' },
    ],
    [
      'a start in progress',
      unready({ reason: 'ContainerCreating' }, { phase: 'Pending' }),
      [],
      {
        code: 'starting',
        text: 'ContainerCreating: container orders is being started',
        passing: true,
      },
    ],
    [
      'the end of a pod',
      unready({ state: 'running' }, { deletedAt: '2026-11-20T11:00:00Z' }),
      [],
      {
        code: 'terminating',
        text: 'Terminating: container orders was asked to stop and has not ended',
        passing: true,
      },
    ],
    [
      'a pod that finalizers keep',
      unready(
        { state: 'terminated', exitCode: 0 },
        {
          deletedAt: '2026-11-20T11:00:00Z',
          finalizers: ['example.com/drain', 'foregroundDeletion'],
        },
      ),
      [],
      {
        text: 'Terminating: its containers have ended; it stays until finalizers example.com/drain, foregroundDeletion are removed by whoever set them',
      },
    ],
    [
      'a pod that nobody ends, for its node is silent',
      unready(
        { state: 'running' },
        { deletedAt: '2026-11-20T11:00:00Z', node: 'node-a' },
      ),
      [event('NodeNotReady', 'Node is not ready')],
      {
        text: 'Terminating: node node-a has stopped reporting, so nobody ends it; it is taken off the list once the node answers or is removed',
      },
    ],
  ])('tells of %s', (_, row, events, expected) => {
    expect(describePodProblem(row, events)).toMatchObject(expected);
  });

  it('lets the failing container speak before one that waits', () => {
    const row = unready({ name: 'sidecar', reason: 'PodInitializing' });
    row.containers.push({
      ...row.containers[0],
      name: 'orders',
      reason: 'ErrImagePull',
      message: 'denied',
    });
    expect(describePodProblem(row)).toMatchObject({
      code: 'image-pull',
      container: 'orders',
    });
  });

  it('cuts what others wrote', () => {
    const problem = describePodProblem(
      unready({ reason: 'ErrImagePull', message: 'x'.repeat(5000) }),
    );
    expect(problem!.text.length).toBeLessThan(700);
    expect(problem!.detail!.length).toBeLessThan(1000);
  });
});
