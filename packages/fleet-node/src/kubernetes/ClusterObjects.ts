import { JsonObject } from '@backstage/types';
import {
  AnalysisRunRow,
  JobRow,
  ObjectOrigin,
  ObjectRow,
  PodRow,
  WorkloadRow,
} from '../rows';
import { KindStore } from '../store/KindStore';
import { ObjectCodec } from '../store/ObjectCodec';
import { internString } from '../store/intern';
import { isSameRow } from '../store/isSameRow';
import { SlotArena } from '../store/SlotArena';
import { FleetChange } from '../types';
import { EventRows } from './EventRows';
import { KubernetesObject } from './kubernetesObject';
import { analysisRunRow } from './rows/analysisRun';
import { objectRow } from './rows/common';
import { eventRow, isEventOfInterest } from './rows/event';
import { jobRow } from './rows/job';
import { podRow } from './rows/pod';
import { rolloutRow } from './rows/rollout';
import { workloadRow } from './rows/workload';
import { slimObject } from './slimObject';

const ZONE_LABEL = 'topology.kubernetes.io/zone';
const WORKLOAD_KINDS = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Rollout',
] as const;

/**
 * What all clusters share: memory for compressed objects, and what was learnt to compress each kind.
 *
 * @internal
 */
export class SharedMemory {
  readonly arena = new SlotArena();
  readonly #codecs = new Map<string, ObjectCodec>();

  codec(kind: string): ObjectCodec {
    let codec = this.#codecs.get(kind);
    if (!codec) {
      codec = new ObjectCodec();
      this.#codecs.set(kind, codec);
    }
    return codec;
  }
}

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
  readonly #memory: SharedMemory;
  readonly #onChange: (change: FleetChange) => void;

  constructor(options: {
    cluster: string;
    memory: SharedMemory;
    onChange: (change: FleetChange) => void;
  }) {
    const { cluster, memory, onChange } = options;
    this.#cluster = cluster;
    this.#memory = memory;
    this.#onChange = onChange;
    const store = <TRow extends ObjectRow & { containers?: any }>(
      kind: string,
      extraKeys?: (row: TRow) => string[],
    ) =>
      new KindStore<TRow>({
        arena: memory.arena,
        codec: memory.codec(kind),
        extraKeys,
      });
    this.pods = store<PodRow>('Pod', row =>
      row.node ? [nodeKey(row.node)] : [],
    );
    this.jobs = store<JobRow>('Job');
    this.analysisRuns = store<AnalysisRunRow>('AnalysisRun');
    this.replicaSets = store<WorkloadRow>('ReplicaSet');
    this.workloads = new Map(
      WORKLOAD_KINDS.map(kind => [kind, store<WorkloadRow>(kind)]),
    );
  }

  /** Takes an object of the kind with this key as it came; it is changed, and must not be used afterwards. */
  put(key: string, object: KubernetesObject): void {
    if (key === 'Node') {
      this.#putNode(object);
      return;
    }
    if (key === 'Event') {
      this.#putEvent(object);
      return;
    }
    const store = this.store(key) ?? this.#addStore(key);
    const { uid, resourceVersion } = object.metadata;
    const known: ObjectRow | undefined = store.row(uid);
    // A relist brings mostly what is known already.
    if (resourceVersion && known?.resourceVersion === resourceVersion) return;
    const origin = slimObject(object);
    const row = this.#rowOf(key, object);
    // Controllers and kubelets write much that no row has.
    const same = known !== undefined && isSameRow(known, row);
    store.put(same ? { ...known, resourceVersion: row.resourceVersion } : row, {
      object,
      origin,
    });
    this.#tell(key, row, { same });
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
      if (store.row(uid)) return store.object(uid);
    }
    return undefined;
  }

  origin(uid: string): ObjectOrigin | undefined {
    for (const store of this.#stores()) {
      if (store.row(uid)) return store.origin(uid);
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
      arena: this.#memory.arena,
      codec: this.#memory.codec(key),
    });
    this.#others.set(key, store);
    return store;
  }

  #rowOf(key: string, object: KubernetesObject): ObjectRow {
    const cluster = this.#cluster;
    switch (key) {
      case 'Pod': {
        const zone = this.#nodes.get(object.spec?.nodeName)?.zone;
        return podRow(object, { cluster, zone });
      }
      case 'Job':
        return jobRow(object, { cluster });
      case 'Rollout':
        return rolloutRow(object, { cluster });
      case 'AnalysisRun':
        return analysisRunRow(object, { cluster });
      default:
        return key === 'ReplicaSet' || this.workloads.has(key)
          ? workloadRow(object, { cluster })
          : objectRow(object, { cluster });
    }
  }

  #putEvent(object: KubernetesObject) {
    if (!isEventOfInterest(object)) return;
    const { uid, resourceVersion } = object.metadata;
    const known = this.events.row(uid);
    if (known && known.resourceVersion === resourceVersion) return;
    const row = eventRow(object, { cluster: this.#cluster });
    if (this.events.put(row)) this.#tell('Event', row);
  }

  #putNode(object: KubernetesObject) {
    const { name, uid, labels } = object.metadata;
    const label = labels?.[ZONE_LABEL];
    const zone = label === undefined ? undefined : internString(label);
    const known = this.#nodes.get(name);
    this.#nodes.set(name, { uid, zone });
    if (known?.zone === zone) return;
    for (const pod of this.pods.rowsByKey(nodeKey(name))) {
      const row = { ...pod, zone };
      this.pods.replaceRow(row);
      this.#tell('Pod', row);
    }
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

function nodeKey(node: string): string {
  return `node\n${node}`;
}
