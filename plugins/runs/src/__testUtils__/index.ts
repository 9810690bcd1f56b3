import {
  EntityRunsState,
  GateInbox,
  RunDetail,
  RunGate,
  RunStep,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';

/** Objects for tests, complete as the backend sends them. */

export const ORDERS = 'component:default/orders';

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
    currentStep: { id: 'rollout.blue', title: 'Wait for pods in prod-blue' },
    stepsDone: 3,
    stepsTotal: 5,
    ...overrides,
  };
}

export function aStep(overrides: Partial<RunStep> & { id: string }): RunStep {
  return {
    title: overrides.id,
    needs: [],
    effect: 'adoptable',
    status: 'pending',
    attempt: 0,
    maxAttempts: 5,
    changes: [],
    log: [],
    ...overrides,
  };
}

/** A hotfix on its way: both commits and the sync of blue are done, its pods are awaited, green waits. */
export function aRunDetail(overrides: Partial<RunDetail> = {}): RunDetail {
  return {
    ...aRun(),
    planHash: 'sha256:aaaa',
    plan: {
      kind: 'hotfix',
      version: 1,
      changes: [
        {
          system: 'kubernetes',
          what: 'image of Deployment orders',
          cluster: 'prod-blue',
          before: 'orders:v5.3.24',
          after: 'orders:v5.3.25',
        },
      ],
      warnings: [],
      intent: {},
    },
    steps: [
      aStep({
        id: 'commit.blue',
        title: 'Commit to deploy-blue',
        status: 'succeeded',
        attempt: 1,
        startedAt: '2026-11-21T08:00:01.000Z',
        finishedAt: '2026-11-21T08:00:03.000Z',
        changes: [
          {
            system: 'git',
            what: 'commit on main of deploy-blue',
            ref: '4f2a9c1',
            url: 'https://git.example.com/deploy-blue/commit/4f2a9c1',
          },
        ],
        log: [
          {
            at: '2026-11-21T08:00:03.000Z',
            level: 'info',
            message: 'Pushed 4f2a9c1',
          },
        ],
      }),
      aStep({
        id: 'commit.green',
        title: 'Commit to deploy-green',
        status: 'succeeded',
        attempt: 1,
        startedAt: '2026-11-21T08:00:01.000Z',
        finishedAt: '2026-11-21T08:00:04.000Z',
      }),
      aStep({
        id: 'sync.blue',
        title: 'Sync orders-blue',
        needs: ['commit.blue'],
        status: 'succeeded',
        attempt: 1,
        startedAt: '2026-11-21T08:00:03.000Z',
        finishedAt: '2026-11-21T08:00:20.000Z',
      }),
      aStep({
        id: 'rollout.blue',
        title: 'Wait for pods in prod-blue',
        needs: ['sync.blue'],
        effect: 'none',
        status: 'running',
        attempt: 1,
        startedAt: '2026-11-21T08:00:20.000Z',
        progress: '3 of 5 pods ready',
        log: [
          {
            at: '2026-11-21T08:00:25.000Z',
            level: 'warn',
            message: 'orders-7d9 restarted once',
          },
        ],
      }),
      aStep({
        id: 'sync.green',
        title: 'Sync orders-green',
        needs: ['commit.green'],
      }),
    ],
    gates: [],
    children: [],
    passes: [],
    verbs: [{ verb: 'cancel', allowed: true }],
    channel: 'runs:run:412',
    hash: 'h1',
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
    actions: [],
    ...overrides,
  };
}

/** A gate that takes two people, of whom one has answered; this viewer may be the second. */
export function aGate(overrides: Partial<RunGate> = {}): RunGate {
  return {
    id: 'gate-1',
    name: 'critical in production',
    kind: 'approval',
    title: 'Needs 2 approvals of storefront or platform',
    status: 'closed',
    since: '2026-11-21T08:00:00.000Z',
    expiresAt: '2026-11-22T08:00:00.000Z',
    approval: {
      name: 'critical in production',
      title: 'Needs 2 approvals of storefront or platform',
      needed: 2,
      from: ['group:default/storefront', 'group:default/platform'],
      given: [
        {
          by: 'user:default/omar',
          at: '2026-11-21T08:01:00.000Z',
          comment: 'Looked at the diff',
        },
      ],
      missing: 1,
      missingRequired: [],
      void: [],
    },
    delegations: [],
    verbs: [
      { verb: 'approve', allowed: true },
      { verb: 'reject', allowed: true },
      { verb: 'delegate', allowed: true },
    ],
    ...overrides,
  };
}

/** A run at its gates, before it has done anything. */
export function aRunAtGates(
  gates: RunGate[],
  overrides: Partial<RunDetail> = {},
): RunDetail {
  return aRunDetail({
    status: 'waiting',
    startedAt: undefined,
    waiting: {
      reason: 'gate',
      message: 'Waits for approval of storefront or platform (1 of 2 given)',
      since: '2026-11-21T08:00:00.000Z',
      blockers: [],
    },
    gates,
    ...overrides,
  });
}

export function anInbox(overrides: Partial<GateInbox> = {}): GateInbox {
  return {
    forMe: [],
    mine: [],
    passes: { forMe: [], mine: [] },
    channel: 'runs:all',
    ...overrides,
  };
}
