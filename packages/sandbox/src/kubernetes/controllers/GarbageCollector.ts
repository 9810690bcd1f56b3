import { storageOf } from '../resources';
import { identityOf } from '../identity';
import { KubernetesObject } from '../types';
import { Controller, ControlPlane } from './ControlPlane';

const REACTION_MS = 100;
const MANAGER = 'kube-controller-manager';

/** Deletes what belonged to an object that is gone, or is to be gone only after it, or lets go of it. */
export class GarbageCollector implements Controller {
  readonly #plane: ControlPlane;
  readonly #stop: () => void;
  #cancels = new Set<() => void>();

  static create(plane: ControlPlane): GarbageCollector {
    return new GarbageCollector(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#stop = plane.registry.storage.subscribe(({ type, object }) => {
      if (type === 'DELETED') {
        this.#soon(() => this.#collectDependents(object));
        for (const owner of object.metadata.ownerReferences ?? []) {
          this.#soon(() => this.#continueForeground(object, owner));
        }
      } else if (object.metadata.deletionTimestamp) {
        this.#soon(() => this.#advance(object));
      } else if (type === 'ADDED' && object.metadata.ownerReferences) {
        this.#soon(() => this.#collectIfOrphaned(object));
      }
    });
    // What a restart interrupted.
    for (const object of plane.registry.storage.all()) {
      if (object.metadata.deletionTimestamp) {
        this.#soon(() => this.#advance(object));
      } else if (object.metadata.ownerReferences) {
        this.#soon(() => this.#collectIfOrphaned(object));
      }
    }
  }

  close(): void {
    this.#stop();
    this.#cancels.forEach(cancel => cancel());
  }

  #soon(work: () => void): void {
    const cancel = this.#plane.clock.schedule(REACTION_MS, () => {
      this.#cancels.delete(cancel);
      work();
    });
    this.#cancels.add(cancel);
  }

  #collectDependents(owner: KubernetesObject): void {
    for (const dependent of this.#plane.registry.storage.dependentsOf(
      owner.metadata.uid!,
    )) {
      this.#collectIfOrphaned(dependent);
    }
  }

  /** Deletes an object of whose owners none is left; forgets those that are gone otherwise. */
  #collectIfOrphaned(given: KubernetesObject): void {
    const { registry } = this.#plane;
    const object = registry.get(identityOf(given));
    if (
      !object ||
      object.metadata.uid !== given.metadata.uid ||
      object.metadata.deletionTimestamp
    ) {
      return;
    }
    const owners = object.metadata.ownerReferences ?? [];
    const left = owners.filter(
      owner =>
        registry.get({
          apiVersion: owner.apiVersion,
          kind: owner.kind,
          namespace: object.metadata.namespace,
          name: owner.name,
        })?.metadata.uid === owner.uid,
    );
    if (owners.length > 0 && left.length === 0) {
      this.#delete(object);
    } else if (left.length < owners.length) {
      registry.replace(object, withOwners(object, left), { manager: MANAGER });
    }
  }

  #delete(
    object: KubernetesObject,
    propagation: 'Background' | 'Foreground' = 'Background',
  ): void {
    const resource = this.#plane.registry.types.ofKind(
      object.apiVersion,
      object.kind,
    );
    if (!resource) {
      // Its definition is gone, and it with it.
      return;
    }
    this.#plane.registry.delete(
      storageOf(resource),
      object.metadata.namespace,
      object.metadata.name,
      { propagation },
    );
  }

  /** Does what an object's finalizers of its deletion ask for. */
  #advance(given: KubernetesObject): void {
    const { registry } = this.#plane;
    const object = registry.get(identityOf(given));
    if (!object || object.metadata.uid !== given.metadata.uid) {
      return;
    }
    const finalizers =
      (object.metadata.finalizers as string[] | undefined) ?? [];
    const dependents = registry.storage.dependentsOf(object.metadata.uid!);
    if (finalizers.includes('orphan')) {
      for (const dependent of dependents) {
        const owners = dependent.metadata.ownerReferences!.filter(
          owner => owner.uid !== object.metadata.uid,
        );
        registry.replace(dependent, withOwners(dependent, owners), {
          manager: MANAGER,
        });
      }
      this.#removeFinalizer(object, 'orphan');
    } else if (finalizers.includes('foregroundDeletion')) {
      for (const dependent of dependents.filter(
        each => !each.metadata.deletionTimestamp,
      )) {
        this.#delete(dependent, 'Foreground');
      }
      if (
        !registry.storage
          .dependentsOf(object.metadata.uid!)
          .some(isBlocking(object.metadata.uid!))
      ) {
        this.#removeFinalizer(object, 'foregroundDeletion');
      }
    }
  }

  #continueForeground(
    dependent: KubernetesObject,
    owner: { apiVersion: string; kind: string; name: string },
  ): void {
    const live = this.#plane.registry.get({
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      namespace: dependent.metadata.namespace,
      name: owner.name,
    });
    if (live?.metadata.deletionTimestamp) {
      this.#advance(live);
    }
  }

  #removeFinalizer(object: KubernetesObject, finalizer: string): void {
    this.#plane.registry.modify(
      identityOf(object),
      { manager: MANAGER },
      live => {
        const rest = (
          (live.metadata.finalizers as string[] | undefined) ?? []
        ).filter(each => each !== finalizer);
        return {
          ...live,
          metadata: {
            ...live.metadata,
            finalizers: rest.length > 0 ? rest : undefined,
          },
        };
      },
    );
  }
}

function isBlocking(ownerUid: string) {
  return (dependent: KubernetesObject) =>
    dependent.metadata.ownerReferences!.some(
      owner => owner.uid === ownerUid && (owner as any).blockOwnerDeletion,
    );
}

function withOwners(
  object: KubernetesObject,
  ownerReferences: KubernetesObject['metadata']['ownerReferences'],
): KubernetesObject {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ownerReferences:
        ownerReferences && ownerReferences.length > 0
          ? ownerReferences
          : undefined,
    },
  };
}
