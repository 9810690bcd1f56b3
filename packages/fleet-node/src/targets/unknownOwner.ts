import { WorkloadRow } from '../rows';
import { FleetReader } from '../types';

/**
 * Stands for what owns ReplicaSets and is of a kind that the fleet does not hold, such as a Rollout of Argo Rollouts: made of its ReplicaSets,
 * which have its name, labels and (copied by its controller) its annotations. Undefined for a ReplicaSet without an owner.
 *
 * @internal
 */
export function unknownOwnerOf(
  set: WorkloadRow,
  fleet: FleetReader,
): WorkloadRow | undefined {
  const { cluster, owner } = set;
  if (!owner) return undefined;
  const sets = fleet.replicaSets({ cluster, ownerUid: owner.uid });
  const newest = newestOf(sets) ?? set;
  const sum = (count: (row: WorkloadRow) => number) =>
    sets.reduce((total, row) => total + count(row), 0);
  return {
    ...newest,
    kind: owner.kind,
    name: owner.name,
    uid: owner.uid,
    owner: undefined,
    desired: sum(row => row.desired),
    updated: newest.updated,
    ready: sum(row => row.ready),
    available: sum(row => row.available),
    unavailable: sum(row => row.unavailable),
  };
}

/** Of the highest revision; where none has any, the one made last. */
function newestOf(sets: readonly WorkloadRow[]): WorkloadRow | undefined {
  return [...sets].sort(
    (a, b) =>
      (b.revision ?? 0) - (a.revision ?? 0) ||
      Date.parse(b.createdAt) - Date.parse(a.createdAt),
  )[0];
}
