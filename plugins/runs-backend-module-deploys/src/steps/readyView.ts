import {
  describeWorkloadProblem,
  FleetReader,
  PodRow,
  WorkloadRow,
} from '@switchyard/fleet-node';
import { ChangedOutput, WorkloadId } from '../workloads/types';
import { RolloutView, troubledOf } from './troubledPods';
import { findWorkload, viewSettled } from './settledView';

/**
 * Looks at a workload after a change: Kubernetes has seen the change, all its pods are of the newest template, ready, and no old one is left.
 *
 * @param wanted - `changed` is undefined where the change was skipped: then its present state counts
 */
export function viewReady(
  workload: WorkloadId,
  wanted: { changed?: ChangedOutput; replicas?: number },
  fleet: FleetReader,
): RolloutView {
  const { cluster, kind, name } = workload;
  const { changed, replicas } = wanted;
  const called = `${kind} ${name}`;
  const row = findWorkload(cluster, workload, fleet);
  if (!row)
    return { done: false, text: `${called} is not there`, troubled: [] };
  // The fleet of this replica may be behind that of the one that has changed it.
  if (changed?.uid === row.uid && row.generation < changed.generation)
    return {
      done: false,
      text: `${called}: the change has not been seen yet`,
      troubled: [],
    };
  if (replicas !== undefined && row.desired !== replicas)
    return {
      done: false,
      text: `${called} is to have ${row.desired} pods again`,
      troubled: [],
      givenUp: `${called} was set to ${replicas} pods, and somebody has set it to ${row.desired} since: Argo CD where Git says so, an autoscaler, or a person`,
    };
  const view =
    kind === 'Rollout'
      ? viewRestartedRollout(row, called, fleet)
      : viewReplaced(workload, row, fleet);
  if (view.done)
    return replicas === undefined ? view : withSurplus(view, row, fleet);
  // Pods that may not be made, for a quota or a webhook, have no problem of their own.
  const problem = describeWorkloadProblem(row, eventsAbout(row, fleet));
  return problem ? { ...view, text: `${view.text}. ${problem}` } : view;
}

/** Pods that are too many are told to go some moments after the number has changed. */
function withSurplus(
  view: RolloutView,
  row: WorkloadRow,
  fleet: FleetReader,
): RolloutView {
  const { length } = podsOf([row, ...setsOf(row, fleet)], fleet).filter(
    ({ deletedAt }) => !deletedAt,
  );
  return length <= row.desired
    ? view
    : {
        ...view,
        done: false,
        text: `${view.text}, ${length - row.desired} too many`,
      };
}

function viewReplaced(
  workload: WorkloadId,
  row: WorkloadRow,
  fleet: FleetReader,
): RolloutView {
  const view = viewSettled(workload.cluster, [workload], fleet);
  const old = oldPods(row, fleet).length;
  return {
    ...view,
    done: view.done && old === 0,
    text: old === 0 ? view.text : `${view.text}, ${old} old`,
    // What was wrong with the pods before is often why they are replaced.
    troubled: view.done ? [] : troubledOf(newPods(row, fleet), fleet),
  };
}

/** Pods that were made since the change; none while this replica has not heard of any. */
function newPods(row: WorkloadRow, fleet: FleetReader): PodRow[] {
  if (row.kind === 'Deployment')
    return podsOf(
      setsOf(row, fleet).filter(({ revision }) => revision === row.revision),
      fleet,
    );
  const pods = podsOf([row], fleet);
  const hashOf = ({ labels }: PodRow) => labels['controller-revision-hash'];
  const youngest = pods.reduce<PodRow | undefined>(
    (found, pod) => (found && found.createdAt > pod.createdAt ? found : pod),
    undefined,
  );
  const fresh = pods.filter(pod => hashOf(pod) === hashOf(youngest!));
  const isAllOld = fresh.length === pods.length && row.updated < row.desired;
  return isAllOld || row.updated === 0 ? [] : fresh;
}

/** What controllers say of a workload, and of the ReplicaSets that they make its pods with. */
function eventsAbout(row: WorkloadRow, fleet: FleetReader) {
  return [row, ...setsOf(row, fleet)]
    .flatMap(({ cluster, uid }) => fleet.eventsAbout({ cluster, uid }))
    .sort((a, b) => a.lastAt.localeCompare(b.lastAt));
}

/** Pods of a Deployment that belong to another than its newest ReplicaSet. Those of other kinds take the old one's place. */
function oldPods(row: WorkloadRow, fleet: FleetReader): PodRow[] {
  const sets = setsOf(row, fleet);
  const newest = Math.max(0, ...sets.map(({ revision }) => revision ?? 0));
  return podsOf(
    sets.filter(({ revision }) => (revision ?? 0) < newest),
    fleet,
  ).filter(({ deletedAt }) => !deletedAt);
}

/** A Rollout that was told to restart replaces pods of all its versions, wherever its steps are. */
function viewRestartedRollout(
  row: WorkloadRow,
  called: string,
  fleet: FleetReader,
): RolloutView {
  const object: any = fleet.object({ cluster: row.cluster, uid: row.uid });
  const wanted: string | undefined = object?.spec?.restartAt;
  const isRestarted =
    wanted === undefined ||
    Date.parse(object?.status?.restartedAt) >= Date.parse(wanted);
  const pods = podsOf(setsOf(row, fleet), fleet);
  const fresh = pods.filter(
    ({ createdAt }) =>
      wanted === undefined || Date.parse(createdAt) >= Date.parse(wanted),
  );
  const ready = fresh.filter(pod => pod.ready && !pod.deletedAt).length;
  const done =
    isRestarted &&
    row.observedGeneration >= row.generation &&
    ready >= row.desired;
  return {
    done,
    text: `${called}: ${ready} of ${row.desired} new pods ready`,
    troubled: done ? [] : troubledOf(fresh, fleet),
  };
}

function setsOf(row: WorkloadRow, fleet: FleetReader): WorkloadRow[] {
  const { cluster, namespace, uid } = row;
  return fleet.replicaSets({ cluster, namespace, ownerUid: uid });
}

function podsOf(owners: readonly WorkloadRow[], fleet: FleetReader): PodRow[] {
  return owners
    .flatMap(({ cluster, namespace, uid }) =>
      fleet.pods({ cluster, namespace, ownerUid: uid }),
    )
    .filter(({ phase }) => phase !== 'Succeeded');
}
