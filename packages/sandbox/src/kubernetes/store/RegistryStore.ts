import { notFound } from '../ApiError';
import { ClusterFaults } from '../ClusterFaults';
import { identityOf } from '../identity';
import { deepEqual } from '../json';
import { storageOf } from '../resources';
import { hasLabels } from '../selectors';
import {
  ClusterStore,
  KubernetesObject,
  ObjectIdentity,
  StoreEvent,
} from '../types';
import {
  applyManifest,
  differsFromLive,
  previewOfApply,
} from './applyManifest';
import { Registry } from './Registry';

/** A cluster as Argo CD's controller uses it, without HTTP between. */
export class RegistryStore implements ClusterStore {
  readonly name: string;
  readonly version: string;
  readonly #registry: Registry;
  readonly #faults: ClusterFaults;
  /** What was said last about a manifest, and the live object that it was said of. */
  readonly #compared = new WeakMap<
    KubernetesObject,
    { live: KubernetesObject; isDifferent: boolean }
  >();

  static create(options: {
    name: string;
    version: string;
    registry: Registry;
    faults: ClusterFaults;
  }): RegistryStore {
    return new RegistryStore(options);
  }

  private constructor(options: {
    name: string;
    version: string;
    registry: Registry;
    faults: ClusterFaults;
  }) {
    this.name = options.name;
    this.version = options.version;
    this.#registry = options.registry;
    this.#faults = options.faults;
  }

  get reachable(): boolean {
    const { down, hang } = this.#faults.state();
    return !down && !hang;
  }

  get(identity: ObjectIdentity): KubernetesObject | undefined {
    return this.#registry.get(identity);
  }

  list(query: {
    apiVersion: string;
    kind: string;
    namespace?: string;
    labels?: Record<string, string>;
  }): KubernetesObject[] {
    const resource = this.#registry.types.ofKind(query.apiVersion, query.kind);
    if (!resource) {
      return [];
    }
    return this.#registry.storage
      .list(storageOf(resource))
      .filter(
        object =>
          (query.namespace === undefined ||
            object.metadata.namespace === query.namespace) &&
          hasLabels(object.metadata.labels, query.labels),
      );
  }

  apply(
    manifest: KubernetesObject,
    { manager, serverSide }: { manager: string; serverSide?: boolean },
  ): { object: KubernetesObject; changed: boolean } {
    if (!serverSide) {
      return applyManifest(this.#registry, manifest, { manager });
    }
    const live = this.get(identityOf(manifest));
    const { object } = this.#registry.apply(manifest, { manager, force: true });
    return { object, changed: object !== live };
  }

  differs(manifest: KubernetesObject): boolean {
    // Argo CD asks again and again about the same two, which nobody changes: objects are replaced.
    const live = this.get(identityOf(manifest));
    const known = this.#compared.get(manifest);
    if (live && known?.live === live) {
      return known.isDifferent;
    }
    const isDifferent = differsFromLive(this.#registry, manifest);
    if (live) {
      this.#compared.set(manifest, { live, isDifferent });
    }
    return isDifferent;
  }

  preview(manifest: KubernetesObject): KubernetesObject {
    return previewOfApply(this.#registry, manifest);
  }

  edit(
    identity: ObjectIdentity,
    change: (draft: KubernetesObject) => void,
    options: { manager: string },
  ): KubernetesObject {
    const draft = structuredClone(this.#registry.get(identity));
    if (!draft) {
      throw notFound(
        storageOf(
          this.#registry.types.ofKind(identity.apiVersion, identity.kind)!,
        ),
        identity.name,
      );
    }
    change(draft);
    const object = this.#registry.update(draft, options);
    return deepEqual(draft.status, object.status)
      ? object
      : this.#registry.update(
          { ...object, status: draft.status },
          { ...options, subresource: 'status' },
        );
  }

  delete(identity: ObjectIdentity): boolean {
    const resource = this.#registry.types.ofKind(
      identity.apiVersion,
      identity.kind,
    );
    if (!resource || !this.#registry.get(identity)) {
      return false;
    }
    this.#registry.delete(
      storageOf(resource),
      identity.namespace,
      identity.name,
      { propagation: 'Background' },
    );
    return true;
  }

  watch(listener: (event: StoreEvent) => void): () => void {
    return this.#registry.storage.subscribe(({ type, object }) =>
      listener({ type, object }),
    );
  }
}
