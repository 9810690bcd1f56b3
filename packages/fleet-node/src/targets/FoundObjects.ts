import { JobRow, PodRow, WorkloadRow } from '../rows';
import { FleetReader } from '../types';
import { unknownOwnerOf } from './unknownOwner';

/** More than any page could show; keeps one annotation from filling the memory of the portal. @internal */
export const MAX_WORKLOADS = 300;

/**
 * Tells objects of all clusters apart: a cluster that was restored from another one's backup has objects of the same uids.
 *
 * @internal
 */
export function objectKey(object: { cluster: string; uid: string }): string {
  return `${object.cluster}/${object.uid}`;
}

/**
 * Collects the objects of an entity without doubles and up to a limit.
 *
 * @internal
 */
export class FoundObjects {
  readonly workloads = new Map<string, WorkloadRow>();
  readonly jobs = new Map<string, JobRow>();
  readonly pods = new Map<string, PodRow>();
  isCut = false;
  readonly #fleet: FleetReader;

  constructor(fleet: FleetReader) {
    this.#fleet = fleet;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get #size(): number {
    return this.workloads.size + this.jobs.size + this.pods.size;
  }

  addWorkload(row: WorkloadRow): void {
    this.#add(this.workloads, row);
  }

  addJob(row: JobRow): void {
    if (row.owner?.kind === 'CronJob') {
      const [owner] = this.#fleet.workloads({
        cluster: row.cluster,
        uid: row.owner.uid,
      });
      if (owner) {
        this.addWorkload(owner);
        return;
      }
    }
    this.#add(this.jobs, row);
  }

  /** Adds what made a pod, as far up as the fleet knows it; the pod itself where nothing did. */
  addOwnerOf(pod: PodRow): void {
    const { cluster, owner } = pod;
    if (!owner) {
      this.#add(this.pods, pod);
      return;
    }
    const query = { cluster, uid: owner.uid };
    if (owner.kind === 'ReplicaSet') {
      for (const row of this.#fleet.replicaSets(query)) {
        this.#addOwnerOfReplicaSet(row);
      }
    } else if (owner.kind === 'Job') {
      for (const row of this.#fleet.jobs(query)) this.addJob(row);
    } else {
      for (const row of this.#fleet.workloads(query)) this.addWorkload(row);
    }
  }

  /** Adds what a resource of an Application names; the keys of it. */
  addResource(
    resource: { group: string; kind: string },
    query: { cluster: string; namespace: string; name: string },
  ): string[] {
    const { group, kind } = resource;
    if (group === 'apps' || (group === 'batch' && kind === 'CronJob')) {
      const rows = (
        kind === 'ReplicaSet'
          ? this.#fleet.replicaSets(query)
          : this.#fleet.workloads(query)
      ).filter(row => row.kind === kind);
      for (const row of rows) this.addWorkload(row);
      return rows.map(objectKey);
    }
    if (group === 'argoproj.io' && kind === 'Rollout') {
      return this.#addRollout(query);
    }
    if (group === 'batch' && kind === 'Job') {
      const rows = this.#fleet.jobs(query);
      for (const row of rows) this.addJob(row);
      return rows.map(objectKey);
    }
    if (group === '' && kind === 'Pod') {
      const rows = this.#fleet.pods(query);
      for (const row of rows) this.addOwnerOf(row);
      return rows.map(objectKey);
    }
    return [];
  }

  /** By its ReplicaSets where the fleet does not hold the kind. */
  #addRollout(query: {
    cluster: string;
    namespace: string;
    name: string;
  }): string[] {
    const { cluster, namespace, name } = query;
    const known = this.#fleet
      .workloads(query)
      .filter(({ kind }) => kind === 'Rollout');
    for (const row of known) this.addWorkload(row);
    if (known.length > 0) return known.map(objectKey);
    const set = this.#fleet
      .replicaSets({ cluster, namespace })
      .find(({ owner }) => owner?.kind === 'Rollout' && owner.name === name);
    if (!set) return [];
    this.#addOwnerOfReplicaSet(set);
    return [objectKey({ cluster, uid: set.owner!.uid })];
  }

  #addOwnerOfReplicaSet(row: WorkloadRow): void {
    const [owner] = row.owner
      ? this.#fleet.workloads({ cluster: row.cluster, uid: row.owner.uid })
      : [];
    this.addWorkload(owner ?? unknownOwnerOf(row, this.#fleet) ?? row);
  }

  #add<T extends { cluster: string; uid: string }>(
    rows: Map<string, T>,
    row: T,
  ): void {
    const key = objectKey(row);
    if (rows.has(key) || this.#size < MAX_WORKLOADS) rows.set(key, row);
    else this.isCut = true;
  }
}
