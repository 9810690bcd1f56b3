import { JsonObject } from '@backstage/types';
import {
  Application,
  ApplicationRow,
  ApplicationSyncWindows,
  ArgoCdError,
  ArgoInstanceStatus,
  ClusterStatus,
  EventRow,
  FleetChange,
  FleetService,
  JobRow,
  ObjectRow,
  OpenApplication,
  PodRow,
  WorkloadRow,
} from '@switchyard/fleet-node';

/** A fleet in memory, and an Argo CD that says what it is told to. */
export interface TestFleet {
  service: FleetService;
  rows: ApplicationRow[];
  workloads: WorkloadRow[];
  replicaSets: WorkloadRow[];
  pods: PodRow[];
  jobs: JobRow[];
  events: EventRow[];
  /** Of kinds that are not always held; all are of the kind that is asked for. */
  resources: ObjectRow[];
  /** Whether such kinds are. */
  held?: 'live';
  /** Whole objects, by uid. */
  objects: Map<string, JsonObject>;
  clusters: ClusterStatus[];
  instances: ArgoInstanceStatus[];
  /** Full Applications by name. */
  full: Map<string, Application>;
  windows: ApplicationSyncWindows | Error;
  /** Lines by `pod/container`, with `previous` behind it for those before a restart. */
  logs: Map<string, string[]>;
  /** Calls of Argo CD that went out, e.g. `refresh orders-blue`. */
  calls: string[];
  /** Called at each refresh. */
  onRefresh?: (name: string) => void;
  /** Replaces a full Application, and rings. */
  set(application: Application): void;
  ring(change: FleetChange): void;
}

export const NO_WINDOWS: ApplicationSyncWindows = {
  canSync: true,
  activeWindows: [],
  assignedWindows: [],
};

export function createTestFleet(): TestFleet {
  const listeners = new Set<(change: FleetChange) => void>();
  const matches = (
    row: {
      cluster: string;
      namespace: string;
      name: string;
      uid: string;
      labels: Readonly<Record<string, string>>;
      owner?: { uid: string };
    },
    query: any,
  ) =>
    ['cluster', 'namespace', 'name', 'uid'].every(
      key => query[key] === undefined || query[key] === (row as any)[key],
    ) &&
    (query.ownerUid === undefined || row.owner?.uid === query.ownerUid) &&
    Object.entries(query.labels ?? {}).every(
      ([key, value]) => row.labels[key] === value,
    );

  const fleet: TestFleet = {
    service: {} as FleetService,
    rows: [],
    workloads: [],
    replicaSets: [],
    pods: [],
    jobs: [],
    events: [],
    resources: [],
    objects: new Map(),
    clusters: [],
    instances: [
      {
        name: 'main',
        state: 'live',
        since: '2026-11-20T10:00:00Z',
        asOf: '2026-11-20T12:00:00Z',
        applications: 1,
      },
    ],
    full: new Map(),
    windows: NO_WINDOWS,
    logs: new Map(),
    calls: [],
    set(application) {
      const { name, namespace } = application.metadata;
      fleet.full.set(name, application);
      fleet.ring({
        type: 'full-application',
        ref: { instance: 'main', namespace, name },
        deleted: false,
      });
    },
    ring(change) {
      for (const listener of [...listeners]) listener(change);
    },
  };

  const open = (name: string): OpenApplication => ({
    ref: { instance: 'main', namespace: 'argocd', name },
    current: () => fleet.full.get(name)!,
    until: (predicate, { signal }) =>
      new Promise((resolve, reject) => {
        const ask = () => {
          const value = predicate(fleet.full.get(name)!);
          if (value === undefined) return;
          listeners.delete(ask);
          resolve(value);
        };
        signal.addEventListener('abort', () => reject(signal.reason), {
          once: true,
        });
        listeners.add(ask);
        ask();
      }),
    close: () => void fleet.calls.push(`close ${name}`),
  });

  const service: Partial<FleetService> = {
    clusters: () => fleet.clusters,
    argoInstances: () => fleet.instances,
    workloads: query => fleet.workloads.filter(row => matches(row, query)),
    replicaSets: query => fleet.replicaSets.filter(row => matches(row, query)),
    pods: query => fleet.pods.filter(row => matches(row, query)),
    jobs: query => fleet.jobs.filter(row => matches(row, query)),
    resources: ({ cluster }) =>
      fleet.resources.filter(row => row.cluster === cluster),
    held: () => fleet.held,
    origin: () => undefined,
    object: ({ uid }) => fleet.objects.get(uid),
    eventsAbout: ({ uid }) =>
      fleet.events.filter(({ about }) => about.uid === uid),
    applications: query =>
      fleet.rows.filter(
        row =>
          ['instance', 'namespace', 'name', 'project'].every(
            key =>
              (query as any)[key] === undefined ||
              (query as any)[key] === (row as any)[key],
          ) &&
          Object.entries(query.labels ?? {}).every(
            ([key, value]) => row.labels[key] === value,
          ) &&
          (query.entityRef === undefined ||
            row.annotations['backstage.io/entity-ref'] === query.entityRef),
      ),
    application: ({ instance, namespace, name }) =>
      fleet.rows.find(
        row =>
          row.instance === instance &&
          row.namespace === namespace &&
          row.name === name,
      ),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    openApplication: async ({ name }) => {
      fleet.calls.push(`open ${name}`);
      return open(name);
    },
    argo: instance =>
      ({
        instance,
        getApplication: async (
          { name }: { name: string },
          { refresh }: { refresh?: string },
        ) => {
          fleet.calls.push(`${refresh ? 'refresh' : 'get'} ${name}`);
          fleet.onRefresh?.(name);
          const application = fleet.full.get(name);
          if (!application)
            throw new ArgoCdError({
              kind: 'not-found',
              instance,
              message: `Argo CD has no ${name}`,
            });
          return application;
        },
        syncWindows: async ({ name }: { name: string }) => {
          fleet.calls.push(`windows ${name}`);
          if (fleet.windows instanceof Error) throw fleet.windows;
          return fleet.windows;
        },
      } as any),
    podLogs: async ({ pod, container, previous }) => {
      const lines = fleet.logs.get(
        `${pod}/${container}${previous ? '/previous' : ''}`,
      );
      if (!lines) throw new Error('The cluster does not answer');
      return (async function* read() {
        yield* lines;
      })();
    },
  };

  Object.assign(fleet.service, service);
  return fleet;
}
