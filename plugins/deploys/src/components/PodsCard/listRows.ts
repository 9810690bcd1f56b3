import { SourceState } from '@switchyard/backstage-plugin-deploys-common';
import { ArrangedCluster, ArrangedPod, ArrangedWorkload } from './arrangePods';

/** One line of the pods table. The key is stable over updates. */
export type PodsRow =
  | { kind: 'cluster'; key: string; cluster: ArrangedCluster; open: boolean }
  | { kind: 'workload'; key: string; workload: ArrangedWorkload; open: boolean }
  | { kind: 'ready-group'; key: string; count: number; open: boolean }
  | { kind: 'pod'; key: string; pod: ArrangedPod; open: boolean }
  | { kind: 'pod-details'; key: string; pod: ArrangedPod }
  | { kind: 'note'; key: string; source: SourceState | undefined };

/** Makes the table's rows of what is open. `toggled` holds the keys that a person turned over from how they begin. */
export function listRows(options: {
  clusters: readonly ArrangedCluster[];
  filter: string;
  toggled: ReadonlySet<string>;
  /** Whether only what is not ready is open to begin with. */
  large: boolean;
}): PodsRow[] {
  const { clusters, toggled, large } = options;
  const words = options.filter
    .toLocaleLowerCase('en-US')
    .split(/\s+/)
    .filter(Boolean);
  const filtering = words.length > 0;
  const isOpen = (key: string, atFirst: boolean) =>
    atFirst !== toggled.has(key);

  const rows: PodsRow[] = [];
  for (const cluster of clusters) {
    const workloads = cluster.workloads
      .map(workload => ({
        workload,
        pods: workload.pods.filter(pod => matches(pod, words)),
      }))
      .filter(({ pods }) => !filtering || pods.length > 0);
    if (filtering && workloads.length === 0) continue;
    const open =
      filtering ||
      isOpen(
        cluster.key,
        !large || workloads.some(({ pods }) => pods.some(isNotReady)),
      );
    rows.push({ kind: 'cluster', key: cluster.key, cluster, open });
    if (!open) continue;
    if (workloads.length === 0)
      rows.push({
        kind: 'note',
        key: `${cluster.key}/note`,
        source: cluster.source,
      });
    for (const { workload, pods } of workloads) {
      const notReady = pods.filter(isNotReady);
      const workloadOpen =
        filtering || isOpen(workload.key, !large || notReady.length > 0);
      rows.push({
        kind: 'workload',
        key: workload.key,
        workload,
        open: workloadOpen,
      });
      if (!workloadOpen) continue;
      if (filtering || !large || notReady.length === 0) {
        pushPods(rows, pods, toggled);
        continue;
      }
      pushPods(rows, notReady, toggled);
      const ready = pods.filter(pod => !isNotReady(pod));
      if (ready.length === 0) continue;
      const key = `${workload.key}/ready`;
      const readyOpen = isOpen(key, false);
      rows.push({
        kind: 'ready-group',
        key,
        count: ready.length,
        open: readyOpen,
      });
      if (readyOpen) pushPods(rows, ready, toggled);
    }
  }
  return rows;
}

function pushPods(
  rows: PodsRow[],
  pods: readonly ArrangedPod[],
  toggled: ReadonlySet<string>,
) {
  for (const pod of pods) {
    const open = toggled.has(pod.key);
    rows.push({ kind: 'pod', key: pod.key, pod, open });
    if (open)
      rows.push({ kind: 'pod-details', key: `${pod.key}/details`, pod });
  }
}

function isNotReady({ condition }: ArrangedPod): boolean {
  return condition !== 'ready' && condition !== 'done';
}

function matches(
  { pod, workload }: ArrangedPod,
  words: readonly string[],
): boolean {
  if (words.length === 0) return true;
  const text = [
    pod.name,
    pod.node,
    pod.zone,
    pod.version,
    pod.reason,
    pod.message,
    pod.phase,
    workload.name,
  ]
    .join(' ')
    .toLocaleLowerCase('en-US');
  return words.every(word => text.includes(word));
}
