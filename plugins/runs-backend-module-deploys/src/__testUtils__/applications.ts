import {
  Application,
  ApplicationRow,
  Operation,
  OperationState,
  RevisionHistory,
} from '@switchyard/fleet-node';

/** An Application as Argo CD's API gives it. */
export function applicationOf(
  options: {
    name?: string;
    autoSync?: boolean;
    operation?: Operation;
    state?: OperationState;
    history?: RevisionHistory[];
    sync?: { status: string; revision?: string };
    health?: string;
    reconciledAt?: string;
    conditions?: Array<{ type: string; message: string }>;
    resourceVersion?: string;
  } = {},
): Application {
  const { name = 'orders-blue', autoSync = false } = options;
  return {
    metadata: {
      name,
      namespace: 'argocd',
      resourceVersion: options.resourceVersion,
    },
    spec: {
      project: 'storefront',
      destination: { name: 'prod-blue', namespace: 'storefront' },
      source: {
        repoURL: 'https://git.example.com/deploy-blue.git',
        path: 'apps/orders',
        targetRevision: 'main',
      },
      syncPolicy: autoSync ? { automated: {} } : {},
    },
    operation: options.operation,
    status: {
      sync: options.sync ?? { status: 'OutOfSync', revision: 'old' },
      health: { status: options.health ?? 'Healthy' },
      operationState: options.state,
      history: options.history,
      conditions: options.conditions,
      reconciledAt: options.reconciledAt,
    },
  };
}

/** State of an operation that syncs everything to a revision. */
export function operationState(
  phase: OperationState['phase'],
  revision: string | undefined,
  overrides: Partial<OperationState> & {
    info?: Operation['info'];
    resources?: NonNullable<OperationState['syncResult']>['resources'];
    automated?: boolean;
  } = {},
): OperationState {
  const { info, resources, automated, ...rest } = overrides;
  return {
    phase,
    operation: {
      sync: { revision },
      info,
      initiatedBy: automated ? { automated: true } : { username: 'portal' },
    },
    startedAt: '2026-11-20T12:00:01Z',
    ...(phase !== 'Running' && { finishedAt: '2026-11-20T12:00:05Z' }),
    syncResult: { revision, resources },
    ...rest,
  };
}

export function historyEntry(
  revision: string,
  overrides: Partial<RevisionHistory> = {},
): RevisionHistory {
  return {
    id: 1,
    revision,
    deployStartedAt: '2026-11-20T12:00:01Z',
    deployedAt: '2026-11-20T12:00:04Z',
    initiatedBy: { automated: true },
    ...overrides,
  };
}

/** The same Application as the fleet's narrow stream gives it. */
export function applicationRow(
  overrides: Partial<ApplicationRow> = {},
): ApplicationRow {
  const { name = 'orders-blue' } = overrides;
  return {
    instance: 'main',
    namespace: 'argocd',
    name,
    project: 'storefront',
    labels: { 'backstage-name': 'orders' },
    annotations: { 'backstage.io/entity-ref': 'component:default/orders' },
    destination: { name: 'prod-blue', namespace: 'storefront' },
    sources: [
      {
        repoURL: 'https://git.example.com/deploy-blue.git',
        path: 'apps/orders',
        targetRevision: 'main',
      },
    ],
    multiSource: false,
    autoSync: { enabled: false, prune: false, selfHeal: false },
    sync: { status: 'Synced', revisions: ['old'] },
    health: { status: 'Healthy' },
    images: [],
    resources: [],
    observedAt: new Date().toISOString(),
    ...overrides,
  };
}
