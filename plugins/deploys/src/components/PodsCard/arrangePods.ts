import {
  DeploymentState,
  EntityDeploysState,
  LogsGrant,
  PodState,
  SourceState,
  WorkloadState,
} from '@switchyard/backstage-plugin-deploys-common';
import { clusterSource } from '../../state/mergeState';
import { PodCondition, podCondition } from './podCondition';

/** Counts of a group of pods. `total` is what is wanted, or what is there where that is more. */
export interface PodCounts {
  ready: number;
  total: number;
  /** There, and wrong. */
  attention: number;
  /** Wanted, and kept from being made. */
  missing: number;
  /** Not ready yet, and nothing says that they will not be. */
  starting: number;
}

/** A pod with its judgement and its place. */
export interface ArrangedPod {
  /** Stable over updates: the pod's uid. */
  key: string;
  pod: PodState;
  condition: PodCondition;
  cluster: string;
  workload: WorkloadState;
  /** Whether the target has agreed to be looked into, and what is missing. */
  consent: DeploymentState['consent'];
  /** Whether the person may read its log. Undefined while it is not known. */
  logs: LogsGrant | undefined;
  /** What is known of the cluster is out of date. */
  stale: boolean;
}

/** The pods of one workload, what is wrong first. */
export interface ArrangedWorkload {
  key: string;
  workload: WorkloadState;
  counts: PodCounts;
  /** Whether this is the last known state of a cluster that cannot be seen. */
  stale: boolean;
  pods: ArrangedPod[];
}

/** The workloads of one cluster, what is wrong first. */
export interface ArrangedCluster {
  key: string;
  name: string;
  environments: string[];
  source: SourceState | undefined;
  counts: PodCounts;
  workloads: ArrangedWorkload[];
}

/** Order of conditions: what needs a person comes first. */
const order: Record<PodCondition, number> = {
  attention: 0,
  starting: 1,
  leaving: 2,
  ready: 3,
  done: 4,
};

/** Puts the pods of a state under cluster and workload, with what is wrong first on every level. `now` in milliseconds. */
export function arrangePods(
  state: EntityDeploysState,
  now: number,
): ArrangedCluster[] {
  const clusters = new Map<string, ArrangedCluster>();
  for (const row of state.deployments) {
    // A destination that is no cluster of the portal has no pods that could be seen.
    if (row.cluster === undefined) continue;
    const name = row.cluster;
    const source = state.sources.find(each => each.id === clusterSource(name));
    // What was seen before it could be read no more is shown as well.
    const stale =
      source?.state === 'unreachable' || source?.state === 'not-readable';
    let cluster = clusters.get(name);
    if (!cluster) {
      const counts = sumCounts([]);
      cluster = {
        key: name,
        name,
        environments: [],
        source,
        counts,
        workloads: [],
      };
      clusters.set(name, cluster);
    }
    const logs = state.logs.find(
      grant => grant.environment === row.environment && grant.cluster === name,
    );
    if (!cluster.environments.includes(row.environment))
      cluster.environments.push(row.environment);
    for (const workload of row.workloads) {
      const key = [name, workload.namespace, workload.kind, workload.name].join(
        '/',
      );
      // Two Applications of one namespace may both name it.
      if (cluster.workloads.some(each => each.key === key)) continue;
      const pods = workload.pods.map(pod => ({
        key: pod.uid,
        pod,
        condition: podCondition(pod, now),
        cluster: name,
        workload,
        consent: workload.consent ?? row.consent,
        logs,
        stale,
      }));
      pods.sort(wrongFirst);
      cluster.workloads.push({
        key,
        workload,
        counts: countPods(workload, pods),
        stale,
        pods,
      });
    }
  }
  for (const cluster of clusters.values()) {
    cluster.workloads.sort(byAttention);
    cluster.counts = sumCounts(cluster.workloads.map(each => each.counts));
  }
  return [...clusters.values()].sort(byAttention);
}

/** What can be read of: `clusters` as they were arranged, and Jobs that ended, which the table does not show. */
export function arrangeReadable(
  state: EntityDeploysState,
  clusters: ArrangedCluster[],
  now: number,
): ArrangedCluster[] {
  if (!state.deployments.some(({ migration }) => migration?.job)) {
    return clusters;
  }
  const deployments = state.deployments.map(row => ({
    ...row,
    workloads: [
      ...row.workloads,
      ...(row.migration?.job ? [row.migration.job] : []),
    ],
  }));
  return arrangePods({ ...state, deployments }, now);
}

/** The sum of counts. */
export function sumCounts(all: readonly PodCounts[]): PodCounts {
  const sum = { ready: 0, total: 0, attention: 0, missing: 0, starting: 0 };
  for (const counts of all) {
    sum.ready += counts.ready;
    sum.total += counts.total;
    sum.attention += counts.attention;
    sum.missing += counts.missing;
    sum.starting += counts.starting;
  }
  return sum;
}

/** '147/152 ready · 4 need attention · 1 missing'. */
export function describeCounts(counts: PodCounts): string {
  const { ready, total, attention, missing, starting } = counts;
  if (total === 0) return 'no pods now';
  const parts = [`${ready}/${total} ready`];
  if (starting > 0) parts.push(`${starting} starting`);
  if (attention > 0)
    parts.push(
      attention === 1 ? '1 needs attention' : `${attention} need attention`,
    );
  if (missing > 0) parts.push(`${missing} missing`);
  return parts.join(' · ');
}

function countPods(
  workload: WorkloadState,
  pods: readonly ArrangedPod[],
): PodCounts {
  const having = (condition: PodCondition) =>
    pods.filter(each => each.condition === condition).length;
  const ready = having('ready');
  const starting = having('starting');
  const attention = having('attention');
  const there = ready + starting + attention;
  const desired = endsByItself(workload) ? 0 : workload.desired;
  return {
    ready,
    total: Math.max(desired, there),
    attention,
    // A quota, an admission hook. With a rollout under way they are just about to be made.
    missing: workload.problem ? Math.max(0, desired - there) : 0,
    starting,
  };
}

/** Whether the pods of a workload are to end, not to be there. */
export function endsByItself(workload: WorkloadState): boolean {
  return workload.kind === 'Job' || workload.kind === 'CronJob';
}

function wrongFirst(a: ArrangedPod, b: ArrangedPod): number {
  return (
    order[a.condition] - order[b.condition] ||
    Number(b.pod.outdated ?? false) - Number(a.pod.outdated ?? false) ||
    b.pod.restarts - a.pod.restarts ||
    a.pod.name.localeCompare(b.pod.name)
  );
}

/** How many pods need a person: those that are wrong, and those that cannot be made. */
export function wrongOf(counts: PodCounts): number {
  return counts.attention + counts.missing;
}

/** Stable: groups with nothing wrong keep the order of the state. */
function byAttention(
  a: { counts: PodCounts },
  b: { counts: PodCounts },
): number {
  return (
    wrongOf(b.counts) - wrongOf(a.counts) ||
    b.counts.starting - a.counts.starting
  );
}
