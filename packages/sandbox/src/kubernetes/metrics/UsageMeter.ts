import { Behaviours, ContainerBehaviour } from '../../world/behaviours';
import { WorldClock } from '../../world/clock';
import { fractionOf } from '../../world/Random';
import { Json } from '../json';
import { parseQuantity } from '../quantity';
import { KubernetesObject } from '../types';

/** What a container uses at a moment. */
export interface ContainerUsage {
  name: string;
  /** Cores. */
  cpu: number;
  /** Bytes. */
  memory: number;
}

/** Of the metrics server, on the wall. */
export const WINDOW_MS = 15_000;
const USUAL_ERROR_SHARE = 0.0031;
const CPU_WITHOUT_REQUEST = 0.02;
const MEMORY_WITHOUT_REQUEST = 64 * 2 ** 20;

/** Says what running containers use. It follows from who runs and when it is asked, so that nobody has to keep it. */
export class UsageMeter {
  readonly #behaviours: Behaviours;
  readonly #clock: WorldClock;
  readonly #cluster: string;

  static create(options: {
    behaviours: Behaviours;
    clock: WorldClock;
    cluster: string;
  }): UsageMeter {
    return new UsageMeter(options);
  }

  private constructor(options: {
    behaviours: Behaviours;
    clock: WorldClock;
    cluster: string;
  }) {
    this.#behaviours = options.behaviours;
    this.#clock = options.clock;
    this.#cluster = options.cluster;
  }

  /** Undefined for a pod of which no container runs: the metrics server does not know it. */
  usageOf(pod: KubernetesObject): ContainerUsage[] | undefined {
    const running = new Map<string, string>();
    for (const list of ['initContainerStatuses', 'containerStatuses']) {
      for (const status of pod.status?.[list] ?? []) {
        if (status.state?.running) {
          running.set(status.name, status.state.running.startedAt);
        }
      }
    }
    const specs: Json[] = [
      ...(pod.spec.initContainers ?? []).map((spec: Json) => ({
        ...spec,
        isInit: spec.restartPolicy !== 'Always',
      })),
      ...pod.spec.containers,
    ].filter(spec => running.has(spec.name));
    return specs.length > 0
      ? specs.map(spec => this.#usage(pod, spec, running.get(spec.name)!))
      : undefined;
  }

  /** The share of requests that the pods of a ReplicaSet answer badly. */
  errorShareOf(set: KubernetesObject): number {
    const [spec] = set.spec.template.spec.containers;
    return this.#behaviourOf(set, spec).errorShare ?? USUAL_ERROR_SHARE;
  }

  #behaviourOf({ metadata }: KubernetesObject, spec: Json): ContainerBehaviour {
    return this.#behaviours({
      cluster: this.#cluster,
      namespace: metadata.namespace!,
      pod: metadata.name,
      container: spec.name,
      isInit: spec.isInit === true,
      image: spec.image,
      command: spec.command ?? [],
      args: spec.args ?? [],
      labels: metadata.labels ?? {},
    });
  }

  #usage(pod: KubernetesObject, spec: Json, startedAt: string): ContainerUsage {
    const now = this.#clock.now().getTime();
    const window = Math.floor(now / WINDOW_MS);
    const own = fractionOf(`${pod.metadata.uid}`);
    const noise = fractionOf(`${pod.metadata.uid} ${spec.name} ${window}`);
    const behaviour = this.#behaviourOf(pod, spec);
    const { requests = {}, limits = {} } = spec.resources ?? {};
    const askedCpu = parseQuantity(requests.cpu) || CPU_WITHOUT_REQUEST;
    const memory =
      parseQuantity(limits.memory ?? requests.memory) || MEMORY_WITHOUT_REQUEST;
    const cpu = askedCpu * (behaviour.cpuShare ?? 0.4 + 0.2 * own);
    const limit = parseQuantity(limits.cpu) || Infinity;
    // A leak fills the memory over the container's life.
    const leak = behaviour.exit?.isOutOfMemory
      ? Math.min(1, this.#clock.since(startedAt) / behaviour.exit.afterMs)
      : undefined;
    return {
      name: spec.name,
      cpu: Math.min(limit, cpu * (0.94 + 0.12 * noise)),
      memory:
        memory *
        (leak === undefined
          ? (0.5 + 0.2 * own) * (0.99 + 0.02 * noise)
          : 0.2 + 0.79 * leak),
    };
  }
}
