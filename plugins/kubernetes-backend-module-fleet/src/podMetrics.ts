import {
  ClientPodStatus,
  FetchResponse,
} from '@backstage/plugin-kubernetes-common';

/** Namespaces of the pods among the answers. @internal */
export function podsOf(responses: readonly FetchResponse[]): Set<string> {
  const namespaces = new Set<string>();
  for (const response of responses) {
    if (!arePods(response)) continue;
    for (const pod of response.resources) {
      if (pod.metadata?.namespace) namespaces.add(pod.metadata.namespace);
    }
  }
  return namespaces;
}

function arePods({ type, resources }: FetchResponse): boolean {
  if (type === 'pods') return true;
  const [first] = resources;
  return (
    type === 'customresources' &&
    first?.apiVersion === 'v1' &&
    first?.kind === 'Pod'
  );
}

/** What pods use, in the form in which browsers get it: without big integers. @internal */
export function toPodMetrics(
  responses: readonly FetchResponse[],
): ClientPodStatus[] {
  return responses
    .flatMap(response => response.resources as any[])
    .map(status => ({
      pod: status.Pod,
      memory: toUsage(status.Memory),
      cpu: toUsage(status.CPU),
      containers: status.Containers.map((container: any) => ({
        container: container.Container,
        cpuUsage: toUsage(container.CPUUsage),
        memoryUsage: toUsage(container.MemoryUsage),
      })),
    }));
}

function toUsage(usage: any): ClientPodStatus['cpu'] {
  return {
    currentUsage: toPlain(usage.CurrentUsage),
    requestTotal: toPlain(usage.RequestTotal),
    limitTotal: toPlain(usage.LimitTotal),
  };
}

function toPlain(value: number | bigint): number | string {
  return typeof value === 'bigint' ? value.toString() : value;
}
