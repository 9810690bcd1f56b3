import { keyOf } from '../identity';
import { KubernetesObject, ObjectIdentity } from '../types';
import { ControlPlane } from './ControlPlane';
import { controllerOf } from './pods';
import { WorkQueue } from './WorkQueue';

/** Calls a controller for each of its objects that changed, or of which something changed that it owns. */
export class OwnerQueue {
  readonly #queue: WorkQueue;
  readonly #stop: () => void;

  static create(options: {
    plane: ControlPlane;
    of: Pick<ObjectIdentity, 'apiVersion' | 'kind'>;
    /** Kinds of what it owns. */
    owned: readonly string[];
    /** Given the object as it is; what is being deleted too. */
    sync(object: KubernetesObject): void;
  }): OwnerQueue {
    return new OwnerQueue(options);
  }

  private constructor({
    plane,
    of,
    owned,
    sync,
  }: Parameters<typeof OwnerQueue.create>[0]) {
    const { registry, clock } = plane;
    this.#queue = WorkQueue.create({
      clock,
      work: key => {
        const [namespace, name] = key.split('/');
        const object = registry.get({ ...of, namespace, name });
        if (object) {
          sync(object);
        }
      },
    });
    this.#stop = registry.storage.subscribe(({ object }) => {
      if (object.kind === of.kind && object.apiVersion === of.apiVersion) {
        this.#queue.add(keyOf(object));
      } else if (owned.includes(object.kind)) {
        const owner = controllerOf(object);
        if (owner?.kind === of.kind) {
          this.#queue.add(`${object.metadata.namespace}/${owner.name}`);
        }
      }
    });
    const group = of.apiVersion.includes('/')
      ? of.apiVersion.split('/')[0]
      : '';
    for (const object of registry.storage.list({ group, kind: of.kind })) {
      this.#queue.add(keyOf(object));
    }
  }

  /** Looks at it again after world milliseconds. */
  again(object: KubernetesObject, delayMs: number): void {
    this.#queue.addAfter(keyOf(object), delayMs);
  }

  close(): void {
    this.#stop();
    this.#queue.close();
  }
}
