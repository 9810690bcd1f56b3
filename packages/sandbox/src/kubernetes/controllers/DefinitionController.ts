import { deepEqual } from '../json';
import { timestamp } from '../time';
import { KubernetesObject } from '../types';
import { Controller, ControlPlane } from './ControlPlane';
import { setCondition } from './deploymentStatus';
import { OwnerQueue } from './OwnerQueue';

/** Says of each CustomResourceDefinition that its kinds are served, and takes its objects with it when it goes. */
export class DefinitionController implements Controller {
  readonly #plane: ControlPlane;
  readonly #queue: OwnerQueue;
  readonly #stop: () => void;

  static create(plane: ControlPlane): DefinitionController {
    return new DefinitionController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#queue = OwnerQueue.create({
      plane,
      of: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
      },
      owned: [],
      sync: definition => this.#establish(definition),
    });
    const { storage } = plane.registry;
    this.#stop = storage.subscribe(({ type, object }) => {
      if (object.kind === 'CustomResourceDefinition' && type === 'DELETED') {
        const kind = {
          group: object.spec.group,
          kind: object.spec.names.kind,
        };
        for (const each of storage.list(kind)) {
          storage.remove(kind, each);
        }
      }
    });
  }

  close(): void {
    this.#stop();
    this.#queue.close();
  }

  #establish(definition: KubernetesObject): void {
    const now = timestamp(this.#plane.clock.now());
    const { names, versions } = definition.spec;
    let conditions = definition.status?.conditions ?? [];
    for (const [type, reason, message] of [
      ['NamesAccepted', 'NoConflicts', 'no conflicts found'],
      [
        'Established',
        'InitialNamesAccepted',
        'the initial names have been accepted',
      ],
    ]) {
      conditions = setCondition(
        conditions,
        { type, status: 'True', reason, message },
        now,
      );
    }
    const status = {
      acceptedNames: names,
      conditions: conditions.map(
        ({ lastUpdateTime: _, ...condition }: Record<string, unknown>) =>
          condition,
      ),
      storedVersions: versions
        .filter((version: { storage: boolean }) => version.storage)
        .map((version: { name: string }) => version.name),
    };
    if (!deepEqual(status, definition.status)) {
      this.#plane.registry.replaceStatus(definition, status, 'kube-apiserver');
    }
  }
}
