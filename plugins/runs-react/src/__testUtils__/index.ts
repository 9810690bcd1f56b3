import {
  Blocker,
  EntityRunsState,
  Lock,
  RunDetail,
  RunPreview,
  RunStep,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';

/** Objects for tests, complete as the backend sends them. */

export const ORDERS = 'component:default/orders';

export const lockBlocker: Blocker = {
  type: 'lock',
  what: 'Locked',
  why: 'Black Friday rehearsal.',
  since: '2026-11-21T08:00:00.000Z',
  liftedBy: ['user:default/omar'],
  ref: 'lock-1',
};

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
    requestedAt: '2026-11-21T08:00:00.000Z',
    startedAt: '2026-11-21T08:00:01.000Z',
    currentStep: { id: 'rollout.blue', title: 'Wait for pods' },
    stepsDone: 3,
    stepsTotal: 7,
    ...overrides,
  };
}

export function aStep(overrides: Partial<RunStep> = {}): RunStep {
  return {
    id: 'commit.deploy-blue',
    title: 'Commit to deploy-blue',
    needs: [],
    effect: 'adoptable',
    cluster: 'prod-blue',
    status: 'succeeded',
    attempt: 1,
    maxAttempts: 5,
    startedAt: '2026-11-21T08:00:01.000Z',
    finishedAt: '2026-11-21T08:00:03.000Z',
    changes: [],
    log: [],
    ...overrides,
  };
}

export function aRunDetail(overrides: Partial<RunDetail> = {}): RunDetail {
  return {
    ...aRun(),
    planHash: 'sha256:aaaa',
    plan: { kind: 'hotfix', version: 1, changes: [], warnings: [], intent: {} },
    steps: [aStep()],
    gates: [],
    children: [],
    passes: [],
    verbs: [],
    channel: 'runs:run:412',
    hash: 'h1',
    ...overrides,
  };
}

export function aLock(overrides: Partial<Lock> = {}): Lock {
  return {
    id: 'lock-1',
    scope: 'component',
    kind: 'lock',
    entityRef: ORDERS,
    environment: 'production',
    reason: 'Black Friday rehearsal',
    createdBy: 'user:default/omar',
    createdAt: '2026-11-21T08:00:00.000Z',
    holder: 'user:default/omar',
    holderMayDeploy: true,
    binds: true,
    overdue: false,
    release: { allowed: true, needsReason: false },
    ...overrides,
  };
}

export function aState(
  overrides: Partial<EntityRunsState> = {},
): EntityRunsState {
  return {
    entityRef: ORDERS,
    asOf: '2026-11-21T08:00:00.000Z',
    channel: 'runs:entity:x1',
    hash: 's1',
    active: [],
    recent: [],
    windows: [],
    locks: [],
    actions: [
      {
        action: 'lock',
        title: 'Lock',
        environment: 'production',
        visible: true,
        allowed: true,
        blockers: [],
        approvals: [],
        warnings: [],
      },
      {
        action: 'lock',
        title: 'Lock',
        environment: 'development',
        visible: true,
        allowed: true,
        blockers: [],
        approvals: [],
        warnings: [],
      },
    ],
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
          before: 'registry/storefront/orders:v5.3.24',
          after: 'registry/storefront/orders:v5.3.25',
        },
        {
          system: 'git',
          what: 'file apps/orders/deployment.yaml',
          ref: 'deploy-blue apps/orders/deployment.yaml',
          cluster: 'prod-blue',
          diff: '@@ -10,3 +10,3 @@\n       containers:\n-        image: registry/storefront/orders:v5.3.24\n+        image: registry/storefront/orders:v5.3.25\n         ports:\n',
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
