import {
  ContainerUsage,
  MetricsPlace,
  PodsMetrics,
} from '@switchyard/backstage-plugin-deploys-common';

/** Of the limit: so near to it that a person should know. */
const NEAR = 0.9;

/** What one container uses of a resource, in words. */
export interface UsageWords {
  /** '12m of 250m, limit 1'. */
  text: string;
  /** So near to its limit that it is about to be throttled or killed. */
  isNear: boolean;
}

/** What a container uses of a resource, against what it asks for and may use; undefined where nothing is known. */
export function describeUsage(
  usage: ContainerUsage | undefined,
  resource: 'cpu' | 'memory',
): UsageWords | undefined {
  if (!usage) return undefined;
  const format = resource === 'cpu' ? formatCpu : formatMemory;
  const used = usage[resource];
  const request = usage[resource === 'cpu' ? 'cpuRequest' : 'memoryRequest'];
  const limit = usage[resource === 'cpu' ? 'cpuLimit' : 'memoryLimit'];
  const parts = [
    used === undefined ? undefined : `${format(used)} used`,
    request === undefined ? 'no request' : `${format(request)} requested`,
    limit === undefined ? 'no limit' : `limit ${format(limit)}`,
  ];
  return {
    text: parts.filter(Boolean).join(', '),
    isNear: used !== undefined && limit !== undefined && used >= limit * NEAR,
  };
}

/** Sum over the containers of a pod that are measured: '12m CPU, 96 MiB'. */
export function describePodUsage(
  usages: readonly ContainerUsage[] | undefined,
): string | undefined {
  const cpu = sum(usages, 'cpu');
  const memory = sum(usages, 'memory');
  const parts = [
    cpu === undefined ? undefined : `${formatCpu(cpu)} CPU`,
    memory === undefined ? undefined : formatMemory(memory),
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : undefined;
}

/** Sum over the pods of a workload, against what they ask for: '82m CPU (750m requested), 300 MiB (768 MiB requested)'. */
export function describeWorkloadUsage(
  pods: ReadonlyArray<readonly ContainerUsage[] | undefined>,
): string | undefined {
  const usages = pods.flatMap(usage => usage ?? []);
  const describe = (
    used: number | undefined,
    requested: number | undefined,
    format: (value: number) => string,
    unit: string,
  ) =>
    used === undefined
      ? undefined
      : `${format(used)}${unit}${
          requested === undefined ? '' : ` (${format(requested)} requested)`
        }`;
  const parts = [
    describe(sum(usages, 'cpu'), sum(usages, 'cpuRequest'), formatCpu, ' CPU'),
    describe(
      sum(usages, 'memory'),
      sum(usages, 'memoryRequest'),
      formatMemory,
      '',
    ),
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : undefined;
}

/** Whether any container of a pod is near to a limit of memory: it is the one that kills. */
export function isNearMemoryLimit(
  usages: readonly ContainerUsage[] | undefined,
): boolean {
  return (usages ?? []).some(
    usage => describeUsage(usage, 'memory')?.isNear === true,
  );
}

/** Where metrics of a pod come from, or why there are none. */
export function metricsPlace(
  metrics: PodsMetrics | undefined,
  place: { cluster: string; namespace: string },
): MetricsPlace | undefined {
  return metrics?.places.find(
    each =>
      each.cluster === place.cluster && each.namespace === place.namespace,
  );
}

/** `250m`, `1.5`: as Kubernetes writes it. */
export function formatCpu(cores: number): string {
  if (cores >= 1) return String(Number(cores.toFixed(2)));
  const milli = cores * 1000;
  return milli > 0 && milli < 1 ? '<1m' : `${Math.round(milli)}m`;
}

/** `96 MiB`. */
export function formatMemory(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${
    value >= 10 || unit === 0 ? Math.round(value) : Number(value.toFixed(1))
  } ${units[unit]}`;
}

function sum(
  usages: readonly ContainerUsage[] | undefined,
  resource: 'cpu' | 'memory' | 'cpuRequest' | 'memoryRequest',
): number | undefined {
  const known = (usages ?? []).flatMap(usage => usage[resource] ?? []);
  return known.length > 0
    ? known.reduce((total, value) => total + value, 0)
    : undefined;
}
