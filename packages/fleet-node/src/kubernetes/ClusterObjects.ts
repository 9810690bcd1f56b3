import { JsonObject } from '@backstage/types';
import {
  AnalysisRunRow,
  EventRow,
  JobRow,
  ObjectOrigin,
  ObjectRow,
  PodRow,
  WorkloadRow,
} from '../rows';
import { KindStore, StoreMemory, StoredObject } from '../store/KindStore';
import { internString } from '../store/intern';
import { joinRow, readShared } from '../store/rowParts';
import { FleetChange } from '../types';
import { EventRows } from './EventRows';
import { NodeRow, nodeKey } from './rows/node';

const WORKLOAD_KINDS = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Rollout',
] as const;

/**
 * Everything that is known of the objects of one cluster. Watches write it, and each change is told.
 *
 * @internal
 */
export class ClusterObjects {
  readonly pods: KindStore<PodRow>;
  readonly jobs: KindStore<JobRow>;
  readonly replicaSets: KindStore<WorkloadRow>;
  readonly workloads: ReadonlyMap<string, KindStore<WorkloadRow>>;
  readonly analysisRuns: KindStore<AnalysisRunRow>;
  readonly events = new EventRows();
  /** Of the kinds that only some clusters have, by the key of the kind. */
  readonly #others = new Map<string, KindStore<ObjectRow>>();
  /** Zone by name of the node; the node's uid beside it. */
  readonly #nodes = new Map<string, { uid: string; zone?: string }>();
  readonly #cluster: string;
  readonly #memory: StoreMemory;
  readonly #onChange: (change: FleetChange) => void;

  constructor(options: {
    cluster: string;
    memory: StoreMemory;
    onChange: (change: FleetChange) => void;
  }) {
    const { cluster, memory, onChange } = options;
    this.#cluster = cluster;
    this.#memory = memory;
    this.#onChange = onChange;
    const store = <TRow extends ObjectRow & { containers?: any }>(
      complete?: (row: TRow) => void,
    ) => new KindStore<TRow>({ cluster, memory, complete });
    this.pods = store<PodRow>(row => {
      const zone = row.node && this.#nodes.get(row.node)?.zone;
      if (zone) row.zone = zone;
    });
    this.jobs = store<JobRow>();
    this.analysisRuns = store<AnalysisRunRow>();
    this.replicaSets = store<WorkloadRow>();
    this.workloads = new Map(
      WORKLOAD_KINDS.map(kind => [kind, store<WorkloadRow>()]),
    );
  }

  /** Takes an object of the kind with this key as it was read. */
  put(key: string, object: StoredObject): void {
    if (key === 'Node') {
      this.#putNode(object);
      return;
    }
    if (key === 'Event') {
      this.#putEvent(object);
      return;
    }
    const store = this.store(key) ?? this.#addStore(key);
    const { uid, resourceVersion } = object;
    // A relist brings mostly what is known already.
    if (resourceVersion && store.version(uid) === resourceVersion) return;
    // Controllers and kubelets write much that no row has.
    const { same } = store.put(object);
    this.#tell(key, store.row(uid), { same });
  }

  /** @param resourceVersion - of the deletion: the object's own is as old as its last change */
  remove(key: string, uid: string, resourceVersion?: string): void {
    if (key === 'Node') {
      for (const [name, node] of this.#nodes) {
        if (node.uid === uid) this.#nodes.delete(name);
      }
      return;
    }
    const row =
      key === 'Event' ? this.events.remove(uid) : this.store(key)?.remove(uid);
    if (!row) return;
    const last = resourceVersion ? { ...row, resourceVersion } : row;
    this.#tell(key, last, { deleted: true });
  }

  /** Removes all objects of a kind that the cluster no longer has, and last had at this version. */
  drop(key: string, resourceVersion?: string): void {
    for (const uid of this.uids(key)) this.remove(key, uid, resourceVersion);
    this.#others.delete(key);
  }

  /** Of the objects of a kind that are held now. */
  uids(key: string): string[] {
    if (key === 'Node') {
      return Array.from(this.#nodes.values(), ({ uid }) => uid);
    }
    if (key === 'Event') return Array.from(this.events.uids());
    return Array.from(this.store(key)?.uids() ?? []);
  }

  /** Gives back the memory of all objects, telling nobody. */
  clear(): void {
    for (const store of this.#stores()) {
      for (const uid of Array.from(store.uids())) store.remove(uid);
    }
  }

  object(uid: string): JsonObject | undefined {
    for (const store of this.#stores()) {
      if (store.version(uid) !== undefined) return store.object(uid);
    }
    return undefined;
  }

  origin(uid: string): ObjectOrigin | undefined {
    for (const store of this.#stores()) {
      if (store.version(uid) !== undefined) return store.origin(uid);
    }
    return undefined;
  }

  #stores(): Array<KindStore<any>> {
    return [
      this.pods,
      this.jobs,
      this.replicaSets,
      ...this.workloads.values(),
      this.analysisRuns,
      ...this.#others.values(),
    ];
  }

  /** The objects of the kind with this key, where they are held whole. */
  store(key: string): KindStore<any> | undefined {
    switch (key) {
      case 'Pod':
        return this.pods;
      case 'Job':
        return this.jobs;
      case 'ReplicaSet':
        return this.replicaSets;
      case 'AnalysisRun':
        return this.analysisRuns;
      default:
        return this.workloads.get(key) ?? this.#others.get(key);
    }
  }

  #addStore(key: string): KindStore<ObjectRow> {
    const store = new KindStore<ObjectRow>({
      cluster: this.#cluster,
      memory: this.#memory,
    });
    this.#others.set(key, store);
    return store;
  }

  #putEvent(object: StoredObject) {
    const known = this.events.row(object.uid);
    if (known && known.resourceVersion === object.resourceVersion) return;
    const row = this.#rowOf<EventRow>(object);
    if (this.events.put(row)) this.#tell('Event', row);
  }

  #putNode(object: StoredObject) {
    const { name, uid } = object;
    const row = this.#rowOf<NodeRow>(object);
    const zone = row.zone === undefined ? undefined : internString(row.zone);
    const known = this.#nodes.get(name);
    this.#nodes.set(name, { uid, zone });
    if (known?.zone === zone) return;
    for (const pod of this.pods.rowsByKey(nodeKey(name))) {
      this.#tell('Pod', pod);
    }
  }

  /** Of one that is kept in no store. */
  #rowOf<TRow extends ObjectRow>(object: StoredObject): TRow {
    return joinRow<TRow>(
      { ...object, cluster: this.#cluster },
      readShared(object.shared),
      Buffer.from(object.bytes.subarray(0, object.ownLength)).toString('utf8'),
    );
  }

  #tell(
    kind: string,
    row: ObjectRow,
    {
      deleted = false,
      same = false,
    }: { deleted?: boolean; same?: boolean } = {},
  ) {
    this.#onChange({
      type: 'object',
      kind,
      cluster: this.#cluster,
      row,
      deleted,
      ...(same && { same }),
    });
  }
}
