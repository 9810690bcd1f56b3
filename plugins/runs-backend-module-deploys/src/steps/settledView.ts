import { FleetReader, PodRow, WorkloadRow } from '@switchyard/fleet-node';
import { PlannedWorkload } from '../sync/types';
import { findGivenUp } from './rolloutVerdict';
import { RolloutView, troubledOf } from './troubledPods';

/**
 * Looks at workloads whose version does not matter: Kubernetes has seen the last change, and all pods are of the newest template and available.
 *
 * @param mayBeMissing - what is not there counts as done: a prune may have deleted it
 */
export function viewSettled(
  cluster: string,
  workloads: readonly PlannedWorkload[],
  fleet: FleetReader,
  options: { mayBeMissing?: boolean } = {},
): RolloutView {
  const views = workloads.map(workload =>
    viewOne(cluster, workload, fleet, options),
  );
  return {
    done: views.every(({ done }) => done),
    text: views.map(({ text }) => text).join('; ') || 'Nothing runs',
    troubled: views.flatMap(({ troubled }) => troubled),
    givenUp: views.find(({ givenUp }) => givenUp)?.givenUp,
  };
}

/** The workload, as the fleet knows it now. */
export function findWorkload(
  cluster: string,
  { kind, namespace, name }: PlannedWorkload,
  fleet: FleetReader,
): WorkloadRow | undefined {
  return fleet
    .workloads({ cluster, namespace, name })
    .find(row => row.kind === kind);
}

function viewOne(
  cluster: string,
  workload: PlannedWorkload,
  fleet: FleetReader,
  { mayBeMissing = false }: { mayBeMissing?: boolean },
): RolloutView {
  const called = `${workload.kind} ${workload.name}`;
  const row = findWorkload(cluster, workload, fleet);
  if (!row)
    return { done: mayBeMissing, text: `${called} is not there`, troubled: [] };
  if (row.observedGeneration < row.generation)
    return {
      done: false,
      text: `${called}: Kubernetes has not looked at the change yet`,
      troubled: [],
    };
  // A canary that waits for a person is where it should be; its steps are an operation of their own.
  if (row.rollout?.paused && !row.rollout.aborted)
    return {
      done: true,
      text: `${called} waits (${row.rollout.paused.reason})`,
      troubled: [],
    };
  const done =
    row.updated >= row.desired &&
    row.available >= row.desired &&
    row.unavailable === 0;
  const stuck = findGivenUp(row);
  return {
    done,
    text: `${called}: ${Math.min(row.updated, row.available)} of ${
      row.desired
    } pods ready`,
    troubled: done ? [] : troubledOf(podsOf(row, fleet), fleet),
    ...(stuck &&
      !done && { givenUp: `${called}: ${stuck.message ?? stuck.reason}` }),
  };
}

function podsOf(row: WorkloadRow, fleet: FleetReader): PodRow[] {
  const { cluster, namespace } = row;
  const sets = fleet.replicaSets({ cluster, namespace, ownerUid: row.uid });
  const newest = sets.reduce<WorkloadRow | undefined>(
    (found, set) =>
      (set.revision ?? 0) > (found?.revision ?? -1) ? set : found,
    undefined,
  );
  return fleet
    .pods({ cluster, namespace, ownerUid: (newest ?? row).uid })
    .filter(({ phase }) => phase !== 'Succeeded');
}
