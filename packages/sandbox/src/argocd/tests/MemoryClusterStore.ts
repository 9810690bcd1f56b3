import {
  ClusterStore,
  KubernetesObject,
  ObjectIdentity,
  StoreEvent,
} from '../../kubernetes/types';
import { WorldClock } from '../../world/clock';

const ROLLOUT_MS = 20_000;
const JOB_MS = 10_000;

/**
 * A cluster for tests of Argo CD's part: Deployments get ready and Jobs end after a while on their own, or when told. Merging is not what is tried here:
 * what is applied replaces what was.
 */
export class MemoryClusterStore implements ClusterStore {
  readonly version = '1.34.2';
  reachable = true;
  /** How Jobs end. `held` ones run until told. */
  jobs: 'succeed' | 'fail' | 'held' = 'succeed';
  /** Whether Deployments get ready after a change. */
  rollouts: 'ready' | 'stuck' = 'ready';
  /** What was applied and deleted, in order: `apply Job/orders-migrate`. */
  readonly log: string[] = [];
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  #counter = 0;

  constructor(readonly name: string, private readonly clock: WorldClock) {}

  get(identity: ObjectIdentity): KubernetesObject | undefined {
    return this.#objects.get(
      keyOf(identity.kind, identity.namespace, identity.name),
    );
  }

  list(query: {
    apiVersion: string;
    kind: string;
    namespace?: string;
    labels?: Record<string, string>;
  }): KubernetesObject[] {
    return [...this.#objects.values()].filter(
      object =>
        object.kind === query.kind &&
        (query.namespace === undefined ||
          object.metadata.namespace === query.namespace) &&
        Object.entries(query.labels ?? {}).every(
          ([key, value]) => object.metadata.labels?.[key] === value,
        ),
    );
  }

  apply(manifest: KubernetesObject): {
    object: KubernetesObject;
    changed: boolean;
  } {
    this.log.push(`apply ${manifest.kind}/${manifest.metadata.name}`);
    if (manifest.metadata.annotations?.['test/refuse']) {
      throw new Error(
        `${manifest.kind} "${manifest.metadata.name}" is invalid`,
      );
    }
    const before = this.#at(manifest);
    if (before && !this.differs(manifest)) {
      return { object: before, changed: false };
    }
    this.#counter += 1;
    const object: KubernetesObject = {
      ...structuredClone(manifest),
      metadata: {
        ...structuredClone(manifest.metadata),
        uid: before?.metadata.uid ?? `uid-${this.#counter}`,
        resourceVersion: String(this.#counter),
        generation: (before?.metadata.generation ?? 0) + 1,
        creationTimestamp:
          before?.metadata.creationTimestamp ?? this.clock.now().toISOString(),
      },
      status: before?.status ?? {},
    };
    this.#put(before ? 'MODIFIED' : 'ADDED', object);
    if (object.kind === 'Deployment') {
      this.clock.schedule(
        ROLLOUT_MS,
        () => this.rollouts === 'ready' && this.makeReady(object),
      );
    } else if (object.kind === 'Job') {
      this.clock.schedule(
        JOB_MS,
        () =>
          this.jobs !== 'held' && this.endJob(object, this.jobs === 'succeed'),
      );
    }
    return { object, changed: true };
  }

  differs(manifest: KubernetesObject): boolean {
    const live = this.#at(manifest);
    const wanted = ['spec', 'data', 'metadata'] as const;
    return !live || wanted.some(part => !covers(live[part], manifest[part]));
  }

  preview(manifest: KubernetesObject): KubernetesObject {
    const live = this.#at(manifest);
    return live
      ? {
          ...live,
          ...manifest,
          metadata: { ...live.metadata, ...manifest.metadata },
        }
      : manifest;
  }

  delete(identity: ObjectIdentity): boolean {
    const object = this.get(identity);
    this.log.push(`delete ${identity.kind}/${identity.name}`);
    if (!object) {
      return false;
    }
    this.#objects.delete(
      keyOf(identity.kind, identity.namespace, identity.name),
    );
    this.#tell({ type: 'DELETED', object });
    return true;
  }

  watch(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Somebody changes a live object by hand. */
  edit(
    identity: ObjectIdentity,
    change: (draft: KubernetesObject) => void,
  ): KubernetesObject {
    const draft = structuredClone(this.get(identity)!);
    change(draft);
    this.#put('MODIFIED', draft);
    return draft;
  }

  makeReady(object: KubernetesObject): void {
    const live = this.#at(object);
    if (live) {
      const count = live.spec.replicas ?? 1;
      this.#put('MODIFIED', {
        ...live,
        status: {
          observedGeneration: live.metadata.generation,
          replicas: count,
          updatedReplicas: count,
          readyReplicas: count,
          availableReplicas: count,
        },
      });
    }
  }

  endJob(object: KubernetesObject, succeeds: boolean): void {
    const live = this.#at(object);
    if (live?.metadata.uid === object.metadata.uid) {
      const condition = succeeds
        ? {
            type: 'Complete',
            status: 'True',
            message: 'Reached expected number of succeeded pods',
          }
        : {
            type: 'Failed',
            status: 'True',
            reason: 'BackoffLimitExceeded',
            message: 'Job has reached the specified backoff limit',
          };
      this.#put('MODIFIED', { ...live!, status: { conditions: [condition] } });
    }
  }

  #at(object: KubernetesObject): KubernetesObject | undefined {
    return this.#objects.get(
      keyOf(object.kind, object.metadata.namespace, object.metadata.name),
    );
  }

  #put(type: StoreEvent['type'], object: KubernetesObject): void {
    this.#objects.set(
      keyOf(object.kind, object.metadata.namespace, object.metadata.name),
      object,
    );
    this.#tell({ type, object });
  }

  #tell(event: StoreEvent): void {
    for (const listener of this.#listeners) {
      listener(event);
    }
  }
}

function keyOf(
  kind: string,
  namespace: string | undefined,
  name: string,
): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}

/** Whether everything that is wanted is there, beside whatever else. */
function covers(live: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted) || typeof wanted !== 'object' || wanted === null) {
    return JSON.stringify(live) === JSON.stringify(wanted);
  }
  return Object.entries(wanted).every(([key, value]) =>
    covers((live as Record<string, unknown> | undefined)?.[key], value),
  );
}
