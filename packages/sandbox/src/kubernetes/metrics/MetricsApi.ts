import { WorldClock } from '../../world/clock';
import { notFound } from '../ApiError';
import { Json } from '../json';
import { apiVersionOf, ResourceType } from '../resources';
import { Storage } from '../store/Storage';
import { timestamp } from '../time';
import { KubernetesObject } from '../types';
import { UsageMeter, WINDOW_MS } from './UsageMeter';

/** What kubelet, container runtime and the system use on each node. */
const SYSTEM = { cpu: 0.18, memory: 1.4 * 2 ** 30 };

/** The objects of metrics.k8s.io, worked out when they are asked for. */
export class MetricsApi {
  readonly #storage: Storage;
  readonly #meter: UsageMeter;
  readonly #clock: WorldClock;

  static create(options: {
    storage: Storage;
    meter: UsageMeter;
    clock: WorldClock;
  }): MetricsApi {
    return new MetricsApi(options);
  }

  private constructor(options: {
    storage: Storage;
    meter: UsageMeter;
    clock: WorldClock;
  }) {
    this.#storage = options.storage;
    this.#meter = options.meter;
    this.#clock = options.clock;
  }

  list(resource: ResourceType): KubernetesObject[] {
    return resource.kind === 'NodeMetrics'
      ? this.#nodes(resource)
      : this.#storage
          .list({ group: '', kind: 'Pod' })
          .flatMap(pod => this.#podMetrics(resource, pod));
  }

  /** Throws 404 for a pod of which nothing runs. */
  get(
    resource: ResourceType,
    namespace: string | undefined,
    name: string,
  ): KubernetesObject {
    const found = this.list(resource).find(
      ({ metadata }) =>
        metadata.name === name && metadata.namespace === namespace,
    );
    if (!found) {
      throw notFound(
        { ...resource, plural: resource.kind.toLowerCase() },
        namespace ? `${namespace}/${name}` : name,
      );
    }
    return found;
  }

  #podMetrics(resource: ResourceType, pod: KubernetesObject) {
    const usage = this.#meter.usageOf(pod);
    return usage
      ? [
          {
            ...this.#head(resource, pod),
            containers: usage.map(({ name, cpu, memory }) => ({
              name,
              usage: usageText({ cpu, memory }),
            })),
          },
        ]
      : [];
  }

  #nodes(resource: ResourceType): KubernetesObject[] {
    const used = new Map<string, { cpu: number; memory: number }>();
    for (const pod of this.#storage.list({ group: '', kind: 'Pod' })) {
      for (const { cpu, memory } of this.#meter.usageOf(pod) ?? []) {
        const sum = used.get(pod.spec.nodeName) ?? { cpu: 0, memory: 0 };
        used.set(pod.spec.nodeName, {
          cpu: sum.cpu + cpu,
          memory: sum.memory + memory,
        });
      }
    }
    return this.#storage
      .list({ group: '', kind: 'Node' })
      .filter(node =>
        node.status.conditions.some(
          (each: Json) => each.type === 'Ready' && each.status === 'True',
        ),
      )
      .map(node => {
        const { cpu, memory } = used.get(node.metadata.name) ?? {
          cpu: 0,
          memory: 0,
        };
        return {
          ...this.#head(resource, node),
          usage: usageText({
            cpu: cpu + SYSTEM.cpu,
            memory: memory + SYSTEM.memory,
          }),
        };
      });
  }

  #head(
    resource: ResourceType,
    { metadata }: KubernetesObject,
  ): KubernetesObject {
    const now = timestamp(this.#clock.now());
    const { name, namespace, labels } = metadata;
    return {
      kind: resource.kind,
      apiVersion: apiVersionOf(resource),
      metadata: {
        name,
        ...(namespace ? { namespace } : {}),
        creationTimestamp: now,
        ...(labels ? { labels } : {}),
      },
      timestamp: now,
      window: `${WINDOW_MS / 1000}.041s`,
    };
  }
}

function usageText(usage: { cpu: number; memory: number }): Json {
  return {
    cpu: `${Math.round(usage.cpu * 1e9)}n`,
    memory: `${Math.round(usage.memory / 1024)}Ki`,
  };
}
