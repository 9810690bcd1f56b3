import {
  ContainerUsage,
  MetricsPlace,
  PodsMetrics,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  ContainerRow,
  FleetService,
  NamespaceMetrics,
  parseQuantity,
  PodUsage,
  TargetDeployment,
} from '@switchyard/fleet-node';

/** Finer than anybody reads, and shorter than what a measurement is written with. */
const CPU_DIGITS = 4;

/** What the pods that agree to an entity use, by one request per namespace that all viewers share. */
export async function metricsOf(
  deployments: readonly TargetDeployment[],
  fleet: FleetService,
  signal: AbortSignal,
): Promise<PodsMetrics> {
  const pods = deployments
    .flatMap(({ workloads }) => workloads)
    // An annotation is enough to claim what is somebody else's.
    .filter(({ consent }) => consent.given)
    .flatMap(workload => workload.pods)
    .map(({ row }) => row);
  const places = new Map<string, { cluster: string; namespace: string }>();
  const keyOf = (place: { cluster: string; namespace: string }) =>
    JSON.stringify([place.cluster, place.namespace]);
  for (const { cluster, namespace } of pods) {
    places.set(keyOf({ cluster, namespace }), { cluster, namespace });
  }
  const answers = new Map<string, NamespaceMetrics>();
  await Promise.all(
    [...places].map(async ([key, place]) => {
      answers.set(key, await fleet.podMetrics(place, { signal }));
    }),
  );
  return {
    places: [...places].map(([key, place]): MetricsPlace => {
      const { state, why, asOf } = answers.get(key)!;
      return { ...place, state, ...(why && { why }), ...(asOf && { asOf }) };
    }),
    pods: Object.fromEntries(
      pods.map(row => {
        const usage = answers.get(keyOf(row))!.pods.get(row.name);
        return [
          row.uid,
          row.containers.map(container => toUsage(container, usage)),
        ];
      }),
    ),
  };
}

function toUsage(
  { name, resources = {} }: ContainerRow,
  usage: PodUsage | undefined,
): ContainerUsage {
  const used = usage?.containers.find(each => each.name === name);
  const cpu = used?.cpu;
  return Object.fromEntries(
    Object.entries({
      name,
      cpu: cpu === undefined ? undefined : Number(cpu.toFixed(CPU_DIGITS)),
      memory: used?.memory,
      cpuRequest: parseQuantity(resources.cpuRequest),
      cpuLimit: parseQuantity(resources.cpuLimit),
      memoryRequest: parseQuantity(resources.memoryRequest),
      memoryLimit: parseQuantity(resources.memoryLimit),
    }).filter(([, value]) => value !== undefined),
  ) as unknown as ContainerUsage;
}
