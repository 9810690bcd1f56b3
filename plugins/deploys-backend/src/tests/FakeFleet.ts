import {
  AnalysisRunRow,
  Application,
  ApplicationQuery,
  ApplicationRef,
  ApplicationRow,
  ArgoInstanceStatus,
  ClusterStatus,
  EventRow,
  FirstRead,
  FleetChange,
  FleetService,
  JobRow,
  ObjectQuery,
  ObjectRow,
  PodLogsRequest,
  PodRow,
  WorkloadRow,
} from '@switchyard/fleet-node';

const ENTITY_REF_KEYS = ['backstage.io/entity-ref', 'switchyard/entity-ref'];

/** A fleet made of lists that a test changes by hand. */
export class FakeFleet implements FleetService {
  readonly clusterList: ClusterStatus[] = [];
  readonly instanceList: ArgoInstanceStatus[] = [];
  readonly workloadRows: WorkloadRow[] = [];
  readonly replicaSetRows: WorkloadRow[] = [];
  readonly podRows: PodRow[] = [];
  readonly jobRows: JobRow[] = [];
  readonly analysisRunRows: AnalysisRunRow[] = [];
  readonly eventRows: EventRow[] = [];
  readonly applicationRows: ApplicationRow[] = [];
  readonly full = new Map<string, Application>();
  readonly lookedAt: ApplicationRef[] = [];
  /** Asked of clusters; everything else comes from the lists. */
  logRequests: PodLogsRequest[] = [];
  podLogs: FleetService['podLogs'] = async request => {
    this.logRequests.push(request);
    return (async function* lines() {
      yield 'first';
      yield 'second';
    })();
  };
  podMetrics: FleetService['podMetrics'] = async ({ cluster }) => ({
    state: 'none',
    why: `Cluster ${cluster} has no metrics API`,
    pods: new Map(),
  });
  readonly #listeners = new Set<(change: FleetChange) => void>();

  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** Replaces a pod and rings, as a watch would. */
  putPod(row: PodRow, { same = false } = {}): void {
    const index = this.podRows.findIndex(({ uid }) => uid === row.uid);
    if (index < 0) this.podRows.push(row);
    else this.podRows[index] = row;
    this.ring({
      type: 'object',
      kind: 'Pod',
      cluster: row.cluster,
      row,
      deleted: false,
      ...(same && { same }),
    });
  }

  removePod(uid: string): void {
    const index = this.podRows.findIndex(row => row.uid === uid);
    const [row] = this.podRows.splice(index, 1);
    this.ring({
      type: 'object',
      kind: 'Pod',
      cluster: row.cluster,
      row,
      deleted: true,
    });
  }

  putCluster(status: ClusterStatus): void {
    const index = this.clusterList.findIndex(
      ({ name }) => name === status.name,
    );
    if (index < 0) this.clusterList.push(status);
    else this.clusterList[index] = status;
    this.ring({ type: 'cluster', cluster: status.name });
  }

  ring(change: FleetChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  setClusterSource(): void {}

  clusters = () => [...this.clusterList];
  argoInstances = () => [...this.instanceList];
  workloads = (query: ObjectQuery) => select(this.workloadRows, query);
  replicaSets = (query: ObjectQuery) => select(this.replicaSetRows, query);
  pods = (query: ObjectQuery) => select(this.podRows, query);
  jobs = (query: ObjectQuery) => select(this.jobRows, query);
  analysisRuns = (query: ObjectQuery) => select(this.analysisRunRows, query);
  resources = () => [];
  held = () => undefined;
  eventsAbout = (about: { cluster: string; uid: string }) =>
    this.eventRows.filter(
      row => row.cluster === about.cluster && row.about.uid === about.uid,
    );
  applications = (query: ApplicationQuery) =>
    this.applicationRows.filter(
      row =>
        (query.instance ?? row.instance) === row.instance &&
        (query.namespace ?? row.namespace) === row.namespace &&
        (query.name ?? row.name) === row.name &&
        (query.project ?? row.project) === row.project &&
        carries(row.labels, query.labels) &&
        (query.entityRef === undefined ||
          ENTITY_REF_KEYS.some(
            key => row.annotations[key] === query.entityRef,
          )),
    );
  application = (ref: ApplicationRef) =>
    this.applications({ instance: ref.instance, name: ref.name })[0];
  object = () => undefined;
  origin = () => undefined;

  /** What somebody was said to wait for. */
  firstReads: FirstRead[] = [];
  readFirst(queries: readonly FirstRead[]): void {
    this.firstReads.push(...queries);
  }

  firstApplications: ApplicationQuery[] = [];
  readApplicationsFirst(queries: readonly ApplicationQuery[]): void {
    this.firstApplications.push(...queries);
  }

  subscribe(listener: (change: FleetChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  lookAt(ref: ApplicationRef): Application | undefined {
    this.lookedAt.push(ref);
    return this.fullApplication(ref);
  }

  fullApplication(ref: ApplicationRef): Application | undefined {
    return this.full.get(ref.name);
  }

  until<T>(
    predicate: () => T | undefined,
    { signal }: { signal: AbortSignal },
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const ended = new AbortController();
      const look = () => {
        const value = predicate();
        if (value === undefined) return;
        ended.abort();
        resolve(value);
      };
      const unsubscribe = this.subscribe(look);
      ended.signal.addEventListener('abort', unsubscribe);
      const onAbort = () => {
        ended.abort();
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { signal: ended.signal });
      if (signal.aborted) onAbort();
      else look();
    });
  }

  argo: FleetService['argo'] = () => {
    throw new Error('Reading states asks no Argo CD');
  };
  openApplication: FleetService['openApplication'] = async () => {
    throw new Error('Reading states opens no Application');
  };
}

function select<TRow extends ObjectRow>(
  rows: readonly TRow[],
  query: ObjectQuery,
): TRow[] {
  return rows.filter(
    row =>
      (query.cluster ?? row.cluster) === row.cluster &&
      (query.namespace ?? row.namespace) === row.namespace &&
      (query.name ?? row.name) === row.name &&
      (query.uid ?? row.uid) === row.uid &&
      (query.ownerUid ?? row.owner?.uid) === row.owner?.uid &&
      carries(row.labels, query.labels),
  );
}

function carries(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>> = {},
): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
