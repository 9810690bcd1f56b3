import {
  DeploymentState,
  EntityDeploysState,
  ImageVersion,
  LogsGrant,
  PodState,
  RolloutState,
  SourceState,
  WorkloadState,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionState,
  EntityRunsState,
  RunPreview,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';

/** Objects for tests, complete as the backends send them. */

export const ORDERS = 'component:default/orders';

const REPOSITORY = '127.0.0.1:5001/storefront/orders';

export function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

export function aPod(
  name: string,
  overrides: Partial<PodState> = {},
): PodState {
  return {
    name,
    uid: `uid-${name}`,
    phase: 'Running',
    ready: true,
    containersReady: 1,
    containers: [
      {
        name: 'orders',
        kind: 'container',
        image: `${REPOSITORY}:v5.3.24`,
        ready: true,
        restarts: 0,
        state: 'running',
      },
    ],
    restarts: 0,
    node: 'node-a-1',
    zone: 'eu-west-1a',
    createdAt: minutesAgo(120),
    version: 'v5.3.24',
    ...overrides,
  };
}

/** A pod that starts, crashes, and starts again. */
export function aCrashingPod(
  name: string,
  overrides: Partial<PodState> = {},
): PodState {
  return aPod(name, {
    ready: false,
    containersReady: 0,
    restarts: 4,
    reason: 'CrashLoopBackOff: the container ended with exit code 1',
    lastRestart: { reason: 'Error', exitCode: 1, at: minutesAgo(1) },
    containers: [
      {
        name: 'orders',
        kind: 'container',
        image: `${REPOSITORY}:v5.4.0-crash`,
        ready: false,
        restarts: 4,
        state: 'waiting',
        reason: 'CrashLoopBackOff',
      },
    ],
    version: 'v5.4.0-crash',
    ...overrides,
  });
}

export function aWorkload(
  pods: PodState[],
  overrides: Partial<WorkloadState> = {},
): WorkloadState {
  const ready = pods.filter(pod => pod.ready).length;
  return {
    kind: 'Deployment',
    name: 'orders',
    namespace: 'storefront',
    uid: `uid-${pods[0]?.name}-deployment`,
    desired: pods.length,
    ready,
    updated: pods.length,
    available: ready,
    images: [`${REPOSITORY}:v5.3.24`],
    pods,
    ...overrides,
  };
}

/** A canary that somebody has to promote. */
export function aRollout(overrides: Partial<RolloutState> = {}): RolloutState {
  return {
    strategy: 'canary',
    status: 'paused',
    text: 'Canary step 2 of 5 · 20 % · paused until somebody promotes it',
    step: { number: 2, of: 5 },
    weight: 20,
    paused: { since: minutesAgo(3) },
    stable: { hash: '5d6f', version: 'v5.3.24' },
    next: { hash: '7c9b', version: 'v5.4.0' },
    analyses: [],
    ...overrides,
  };
}

export function aDeployment(
  cluster: string,
  overrides: Partial<DeploymentState> = {},
): DeploymentState {
  const short = cluster.replace('prod-', '');
  return {
    id: `production|${cluster}|storefront|orders-${short}`,
    environment: 'production',
    cluster,
    namespace: 'storefront',
    version: {
      version: 'v5.3.24',
      images: [
        {
          container: 'orders',
          image: `${REPOSITORY}:v5.3.24`,
          tag: 'v5.3.24',
          digest: 'sha256:4f9a',
        },
      ],
    },
    application: {
      instance: 'main',
      namespace: 'argocd',
      name: `orders-${short}`,
      project: 'storefront',
      url: `https://argocd.example.com/applications/argocd/orders-${short}`,
      sync: 'Synced',
      health: 'Healthy',
      autoSync: true,
      healthIsStale: false,
      lastDeploy: { at: minutesAgo(90), by: 'dana' },
    },
    consent: {
      given: true,
      by: 'annotation',
      why: `Application argocd/orders-${short} names this entity`,
    },
    workloads: [
      aWorkload([aPod(`orders-${short}-1`), aPod(`orders-${short}-2`)]),
    ],
    ...overrides,
  };
}

export function aSource(
  id: string,
  overrides: Partial<SourceState> = {},
): SourceState {
  return {
    id,
    name: id.slice(id.indexOf(':') + 1),
    state: 'live',
    since: minutesAgo(600),
    asOf: new Date().toISOString(),
    ...overrides,
  };
}

/** What a person who may read logs is told. */
export function aLogsGrant({
  environment,
  cluster,
}: DeploymentState): LogsGrant {
  return { environment, cluster: cluster ?? '', visible: true, allowed: true };
}

export function aDeploysState(
  overrides: Partial<EntityDeploysState> = {},
): EntityDeploysState {
  const deployments = overrides.deployments ?? [
    aDeployment('prod-blue'),
    aDeployment('prod-green'),
  ];
  return {
    entityRef: ORDERS,
    asOf: new Date().toISOString(),
    channel: 'deploys:entity:x1',
    hash: 'd1',
    summary: { tone: 'ok', text: 'v5.3.24 runs in 2 clusters' },
    deployments,
    sources: [
      aSource('cluster:prod-blue'),
      aSource('cluster:prod-green'),
      aSource('argocd:main'),
    ],
    versions: {
      'cluster:prod-blue/Pod': '1000',
      'cluster:prod-green/Pod': '2000',
      'argocd:main/argocd.orders-blue': '3000',
      'argocd:main/argocd.orders-green': '3000',
    },
    problems: [],
    logs: deployments.map(aLogsGrant),
    ...overrides,
  };
}

export function anAction(overrides: Partial<ActionState> = {}): ActionState {
  return {
    action: 'hotfix',
    title: 'Hotfix',
    environment: 'production',
    visible: true,
    allowed: true,
    blockers: [],
    approvals: [],
    warnings: [],
    ...overrides,
  };
}

export function aRunsState(
  overrides: Partial<EntityRunsState> = {},
): EntityRunsState {
  return {
    entityRef: ORDERS,
    asOf: new Date().toISOString(),
    channel: 'runs:entity:x1',
    hash: 'r1',
    active: [],
    recent: [],
    windows: [],
    locks: [],
    actions: [anAction(), anAction({ action: 'lock', title: 'Lock' })],
    ...overrides,
  };
}

export function aRun(overrides: Partial<RunSummary> = {}): RunSummary {
  return {
    id: 'run-412',
    number: 412,
    kind: 'hotfix',
    title: 'Ship v5.3.25 to 2 clusters',
    entityRef: ORDERS,
    environment: 'production',
    status: 'running',
    requestedBy: 'user:default/dana',
    reason: 'Checkout is slow',
    requestedAt: minutesAgo(3),
    startedAt: minutesAgo(3),
    currentStep: { id: 'rollout.blue', title: 'Wait for pods' },
    stepsDone: 3,
    stepsTotal: 7,
    ...overrides,
  };
}

export function aPreview(overrides: Partial<RunPreview> = {}): RunPreview {
  return {
    plan: {
      kind: 'hotfix',
      version: 1,
      entityRef: ORDERS,
      environment: 'production',
      title: 'Ship v5.3.25 to 2 clusters',
      intent: { version: 'v5.3.25' },
      keys: [`target:${ORDERS}@production`],
      steps: [],
      changes: [
        {
          system: 'kubernetes',
          what: 'image of Deployment orders',
          cluster: 'prod-blue',
          before: 'v5.3.24',
          after: 'v5.3.25',
        },
      ],
      warnings: [],
      problems: [],
    },
    planHash: 'sha256:aaaa',
    verdict: { allowed: true, blockers: [], approvals: [], warnings: [] },
    ahead: [],
    children: [],
    replaceable: [],
    ...overrides,
  };
}

export function aVersion(
  version: string,
  overrides: Partial<ImageVersion> = {},
): ImageVersion {
  return {
    version,
    tag: version,
    digest: `sha256:${version}`,
    createdAt: minutesAgo(60 * 24),
    commit: '0123456789abcdef',
    builtBy: 'dana',
    missingIn: [],
    ...overrides,
  };
}
