import { storageOf } from '../resources';
import { KubernetesObject } from '../types';
import { CONTROLLER_MANAGER, Controller, ControlPlane } from './ControlPlane';

const REACTION_MS = 200;

/** Gives a namespace what every namespace has, and empties one that is to go. */
export class NamespaceController implements Controller {
  readonly #plane: ControlPlane;
  readonly #stop: () => void;
  readonly #cancels = new Map<string, () => void>();

  static create(plane: ControlPlane): NamespaceController {
    return new NamespaceController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#stop = plane.registry.storage.subscribe(({ type, object }) => {
      if (object.kind === 'Namespace' && type !== 'DELETED') {
        this.#look(object.metadata.name);
      } else if (
        type === 'DELETED' &&
        this.#isTerminating(object.metadata.namespace)
      ) {
        this.#look(object.metadata.namespace!);
      }
    });
    for (const { metadata } of plane.registry.storage.list({
      group: '',
      kind: 'Namespace',
    })) {
      this.#look(metadata.name);
    }
  }

  close(): void {
    this.#stop();
    this.#cancels.forEach(cancel => cancel());
  }

  #get(name: string): KubernetesObject | undefined {
    return this.#plane.registry.get({
      apiVersion: 'v1',
      kind: 'Namespace',
      name,
    });
  }

  #isTerminating(name: string | undefined): boolean {
    return (
      name !== undefined &&
      this.#get(name)?.metadata.deletionTimestamp !== undefined
    );
  }

  #look(name: string): void {
    if (!this.#cancels.has(name)) {
      this.#cancels.set(
        name,
        this.#plane.clock.schedule(REACTION_MS, () => {
          this.#cancels.delete(name);
          this.#sync(name);
        }),
      );
    }
  }

  #sync(name: string): void {
    const namespace = this.#get(name);
    if (!namespace) {
      return;
    }
    if (!namespace.metadata.deletionTimestamp) {
      this.#furnish(name);
    } else if (this.#empty(name)) {
      this.#plane.registry.finish({
        apiVersion: 'v1',
        kind: 'Namespace',
        name,
      });
    }
  }

  #furnish(namespace: string): void {
    const { registry } = this.#plane;
    const furniture: KubernetesObject[] = [
      {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: 'kube-root-ca.crt',
          namespace,
          annotations: {
            'kubernetes.io/description':
              'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
          },
        },
        data: {
          'ca.crt':
            '-----BEGIN CERTIFICATE-----\nMIIDBTCCAe2gAwIBAgIIQ==\n-----END CERTIFICATE-----\n',
        },
      },
    ];
    for (const object of furniture) {
      if (
        !registry.get({
          apiVersion: 'v1',
          kind: object.kind,
          namespace,
          name: object.metadata.name,
        })
      ) {
        registry.create(object, { manager: CONTROLLER_MANAGER });
      }
    }
  }

  /** Deletes all content. True when nothing is left. */
  #empty(namespace: string): boolean {
    const { registry } = this.#plane;
    let isEmpty = true;
    for (const resource of registry.types
      .all()
      .filter(
        type =>
          type.namespaced &&
          !type.emptyOnly &&
          !type.isComputed &&
          storageOf(type) === type,
      )) {
      for (const object of registry.storage.list(resource)) {
        if (object.metadata.namespace !== namespace) {
          continue;
        }
        if (!object.metadata.deletionTimestamp) {
          registry.delete(resource, namespace, object.metadata.name);
        }
        isEmpty =
          isEmpty &&
          !registry.storage.get(resource, namespace, object.metadata.name);
      }
    }
    return isEmpty;
  }
}
