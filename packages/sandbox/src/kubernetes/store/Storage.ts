import { ResourceType } from '../resources';
import { KubernetesObject, StoreEvent } from '../types';

/** An event that a watch can be resumed from. */
export interface RecordedEvent extends StoreEvent {
  resourceVersion: number;
  /** Key of the kind, see {@link kindKey}. */
  kind: string;
  /** The object before: what leaves a selector is DELETED for those who watch with it. */
  before?: KubernetesObject;
}

export function kindKey(resource: { group: string; kind: string }): string {
  return `${resource.group}/${resource.kind}`;
}

function objectKey(namespace: string | undefined, name: string): string {
  // Sorted as etcd sorts its paths.
  return `${namespace ?? ''}/${name}`;
}

interface Bucket {
  objects: Map<string, KubernetesObject>;
  /** Keys in order, until an object comes or goes. */
  keys?: string[];
  /** Objects in that order, until one changes. */
  sorted?: KubernetesObject[];
}

/**
 * Objects and the one counter that all of a cluster's changes share, as etcd has it. It keeps no rules: those are the registry's. Objects that it
 * holds are never changed, only replaced.
 */
export class Storage {
  readonly #buckets = new Map<string, Bucket>();
  readonly #dependents = new Map<string, Set<KubernetesObject>>();
  readonly #listeners = new Set<(event: RecordedEvent) => void>();
  readonly #recent: RecordedEvent[] = [];
  readonly #windowSize: number;
  readonly #pending: RecordedEvent[] = [];
  #notifying = false;
  #resourceVersion: number;
  /** Newest version of which events are no longer known. */
  #forgotten: number;

  static create(options: {
    resourceVersion: number;
    windowSize?: number;
  }): Storage {
    return new Storage(options);
  }

  private constructor(options: {
    resourceVersion: number;
    windowSize?: number;
  }) {
    this.#resourceVersion = options.resourceVersion;
    this.#forgotten = options.resourceVersion;
    this.#windowSize = options.windowSize ?? 5_000;
  }

  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  get(
    resource: { group: string; kind: string },
    namespace: string | undefined,
    name: string,
  ): KubernetesObject | undefined {
    return this.#buckets
      .get(kindKey(resource))
      ?.objects.get(objectKey(namespace, name));
  }

  /** In the order of namespace and name. The array must not be changed. */
  list(resource: { group: string; kind: string }): readonly KubernetesObject[] {
    const bucket = this.#buckets.get(kindKey(resource));
    if (!bucket) {
      return [];
    }
    bucket.keys ??= [...bucket.objects.keys()].sort();
    bucket.sorted ??= bucket.keys.map(key => bucket.objects.get(key)!);
    return bucket.sorted;
  }

  all(): KubernetesObject[] {
    return [...this.#buckets.values()].flatMap(bucket => [
      ...bucket.objects.values(),
    ]);
  }

  /** Objects that name an owner by its uid. */
  dependentsOf(uid: string): KubernetesObject[] {
    return [...(this.#dependents.get(uid) ?? [])];
  }

  /** Stores an object under the next version and tells everybody. Returns it as stored. */
  put(resource: ResourceType, object: KubernetesObject): KubernetesObject {
    const before = this.get(
      resource,
      object.metadata.namespace,
      object.metadata.name,
    );
    const stored = this.#versioned(object);
    this.#place(resource, stored, before);
    this.#record({
      type: before ? 'MODIFIED' : 'ADDED',
      object: stored,
      before,
      kind: kindKey(resource),
      resourceVersion: this.#resourceVersion,
    });
    return stored;
  }

  remove(
    resource: { group: string; kind: string },
    object: KubernetesObject,
  ): KubernetesObject {
    const before = this.get(
      resource,
      object.metadata.namespace,
      object.metadata.name,
    );
    const last = this.#versioned(object);
    this.#place(resource, undefined, before);
    this.#record({
      type: 'DELETED',
      object: last,
      before,
      kind: kindKey(resource),
      resourceVersion: this.#resourceVersion,
    });
    return last;
  }

  /** Takes an object as it was when the world was left, with its version, without telling anybody. */
  restore(
    resource: { group: string; kind: string },
    object: KubernetesObject,
  ): void {
    this.#place(resource, object, undefined);
  }

  /** Events after a version, oldest first; undefined when some of them are forgotten. */
  eventsSince(resourceVersion: number): RecordedEvent[] | undefined {
    if (resourceVersion < this.#forgotten) {
      return undefined;
    }
    let low = 0;
    let high = this.#recent.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#recent[middle].resourceVersion <= resourceVersion) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return this.#recent.slice(low);
  }

  get oldestVersion(): number {
    return this.#forgotten;
  }

  /** Forgets all events: whoever wants to resume has to list again. */
  compact(): void {
    this.#recent.length = 0;
    this.#forgotten = this.#resourceVersion;
  }

  /** Called after each change, in the order of versions, also for changes that listeners make. */
  subscribe(listener: (event: RecordedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #versioned(object: KubernetesObject): KubernetesObject {
    this.#resourceVersion += 1;
    return {
      ...object,
      metadata: {
        ...object.metadata,
        resourceVersion: String(this.#resourceVersion),
      },
    };
  }

  #place(
    resource: { group: string; kind: string },
    after: KubernetesObject | undefined,
    before: KubernetesObject | undefined,
  ): void {
    const key = kindKey(resource);
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      bucket = { objects: new Map() };
      this.#buckets.set(key, bucket);
    }
    const { namespace, name } = (after ?? before)!.metadata;
    if (after) {
      bucket.objects.set(objectKey(namespace, name), after);
    } else {
      bucket.objects.delete(objectKey(namespace, name));
    }
    bucket.sorted = undefined;
    if (!before || !after) {
      bucket.keys = undefined;
    }
    for (const owner of before?.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(before!);
      if (dependents?.size === 0) {
        this.#dependents.delete(owner.uid);
      }
    }
    for (const owner of after?.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(owner.uid) ?? new Set();
      dependents.add(after!);
      this.#dependents.set(owner.uid, dependents);
    }
  }

  #record(event: RecordedEvent): void {
    this.#recent.push(event);
    if (this.#recent.length > this.#windowSize * 1.25) {
      const dropped = this.#recent.splice(
        0,
        this.#recent.length - this.#windowSize,
      );
      this.#forgotten = dropped[dropped.length - 1].resourceVersion;
    }
    this.#pending.push(event);
    if (this.#notifying) {
      return;
    }
    this.#notifying = true;
    try {
      for (
        let next = this.#pending.shift();
        next;
        next = this.#pending.shift()
      ) {
        for (const listener of this.#listeners) {
          listener(next);
        }
      }
    } finally {
      this.#notifying = false;
    }
  }
}
