import { withSignal } from '../http/withSignal';
import { TransportError } from '../http/TransportError';
import { NamespaceMetrics, PodUsage } from '../types';
import { CredentialError } from './CredentialError';
import { KubernetesApiError } from './KubernetesApiError';
import { KubernetesClient } from './KubernetesClient';
import { assertLabelName } from './names';
import { parseQuantity } from './quantity';

/** Metrics servers measure every 15 s: sooner there is nothing new. */
const READ_AGE_MS = 15_000;
/** How long it is believed that a cluster has no metrics, or that they may not be read. */
const REFUSED_AGE_MS = 120_000;
/** What was measured before a metrics server failed is shown for this long. */
const KEEP_AGE_MS = 120_000;
const MAX_NAMESPACES = 500;

interface Kept {
  metrics: NamespaceMetrics;
  askedAt: number;
}

/**
 * What the metrics API of clusters said, by namespace: asked when somebody wants to know and what is known is old, once for all who ask.
 * There is no timer: what nobody looks at is not asked for.
 *
 * @internal
 */
export class MetricsMemory {
  /** The one that was asked for least recently first. */
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Promise<NamespaceMetrics>>();
  readonly #stopped: AbortSignal;

  constructor(options: { stopped: AbortSignal }) {
    this.#stopped = options.stopped;
  }

  /** @throws the signal's reason, and nothing else */
  async read(
    client: KubernetesClient,
    place: { cluster: string; namespace: string },
    signal: AbortSignal,
  ): Promise<NamespaceMetrics> {
    assertLabelName(place.namespace, 'The namespace');
    const key = JSON.stringify([place.cluster, place.namespace]);
    const kept = this.#kept.get(key);
    if (kept && Date.now() - kept.askedAt < ageOf(kept.metrics)) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept.metrics;
    }
    let underWay = this.#underWay.get(key);
    if (!underWay) {
      underWay = this.#ask(client, place, kept?.metrics).then(metrics => {
        this.#underWay.delete(key);
        this.#kept.delete(key);
        this.#kept.set(key, { metrics, askedAt: Date.now() });
        if (this.#kept.size > MAX_NAMESPACES) {
          const [oldest] = this.#kept.keys();
          this.#kept.delete(oldest);
        }
        return metrics;
      });
      this.#underWay.set(key, underWay);
    }
    return withSignal(underWay, signal);
  }

  async #ask(
    client: KubernetesClient,
    { cluster, namespace }: { cluster: string; namespace: string },
    before: NamespaceMetrics | undefined,
  ): Promise<NamespaceMetrics> {
    try {
      const text = await client.getJson(
        `/apis/metrics.k8s.io/v1beta1/namespaces/${encodeURIComponent(
          namespace,
        )}/pods`,
        // Not the caller's signal: others may wait for the same answer.
        { signal: this.#stopped },
      );
      return {
        state: 'read',
        asOf: new Date(Date.now()).toISOString(),
        pods: readUsages(JSON.parse(text)),
      };
    } catch (error) {
      return this.#describe(error, cluster, before);
    }
  }

  #describe(
    error: unknown,
    cluster: string,
    before: NamespaceMetrics | undefined,
  ): NamespaceMetrics {
    const none = { pods: new Map<string, PodUsage>() };
    if (error instanceof KubernetesApiError) {
      if (error.status === 404) {
        return {
          ...none,
          state: 'none',
          why: `Cluster ${cluster} has no metrics API (metrics-server is not installed)`,
        };
      }
      if (error.status === 403 || error.status === 401) {
        return {
          ...none,
          state: 'not-readable',
          why: `The portal's account may not read metrics in cluster ${cluster}: it needs to list pods of metrics.k8s.io`,
        };
      }
    }
    const isFresh =
      before?.asOf !== undefined &&
      Date.now() - Date.parse(before.asOf) < KEEP_AGE_MS;
    return {
      ...(isFresh ? { asOf: before.asOf, pods: before.pods } : none),
      state: 'unavailable',
      why: wordsOf(error, cluster),
    };
  }
}

function wordsOf(error: unknown, cluster: string): string {
  if (error instanceof TransportError) {
    return `Cluster ${cluster} ${error.message}`;
  }
  if (error instanceof CredentialError) {
    return `No credential for cluster ${cluster} could be obtained`;
  }
  if (error instanceof KubernetesApiError) {
    // 503: the API server has nobody behind the metrics API that answers.
    return `The metrics API of cluster ${cluster} does not answer (HTTP status ${error.status})`;
  }
  return `The metrics API of cluster ${cluster} gave an answer that cannot be read`;
}

function ageOf({ state }: NamespaceMetrics): number {
  return state === 'none' || state === 'not-readable'
    ? REFUSED_AGE_MS
    : READ_AGE_MS;
}

function readUsages(list: any): ReadonlyMap<string, PodUsage> {
  const usages = new Map<string, PodUsage>();
  for (const item of list.items) {
    const { name } = item.metadata;
    usages.set(name, {
      at: item.timestamp,
      containers: (item.containers ?? []).map((container: any) => ({
        name: container.name,
        cpu: parseQuantity(container.usage?.cpu),
        memory: parseQuantity(container.usage?.memory),
      })),
    });
  }
  return usages;
}
