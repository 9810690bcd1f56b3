import { deepEqual } from '../json';
import { resourceOfKind } from '../resources';
import { KubernetesObject } from '../types';
import { CONTROLLER_MANAGER, ControlPlane } from './ControlPlane';
import { controllerOf, ownerReference } from './pods';
import { templateHash } from './templateHash';

/** Label by which pods of StatefulSets and DaemonSets tell their template. */
export const REVISION_LABEL = 'controller-revision-hash';
const REVISION = resourceOfKind('apps/v1', 'ControllerRevision')!;

/** ControllerRevisions: the templates that a StatefulSet or DaemonSet had. */
export class Revisions {
  readonly #plane: ControlPlane;

  static create(plane: ControlPlane): Revisions {
    return new Revisions(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  /** Oldest first. */
  of(owner: KubernetesObject): KubernetesObject[] {
    return this.#plane.registry.storage
      .dependentsOf(owner.metadata.uid!)
      .filter(
        object =>
          object.kind === 'ControllerRevision' &&
          controllerOf(object)?.uid === owner.metadata.uid,
      )
      .sort((a, b) => a.revision - b.revision);
  }

  /** The revision of the present template; made if it is not there, the newest in any case. */
  current(owner: KubernetesObject): KubernetesObject {
    const { registry } = this.#plane;
    const all = this.of(owner);
    const data = {
      spec: { template: { ...owner.spec.template, $patch: 'replace' } },
    };
    const highest = all[all.length - 1]?.revision ?? 0;
    const known = all.find(each => deepEqual(each.data, data));
    if (known) {
      return known.revision === highest
        ? known
        : registry.replace(
            known,
            { ...known, revision: highest + 1 },
            { manager: CONTROLLER_MANAGER },
          );
    }
    const hash = templateHash(owner.spec.template);
    return registry.create(
      {
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: {
          name: `${owner.metadata.name}-${hash}`,
          namespace: owner.metadata.namespace,
          labels: {
            ...owner.spec.selector.matchLabels,
            [REVISION_LABEL]: hash,
          },
          ownerReferences: [ownerReference(owner) as any],
        },
        data,
        revision: highest + 1,
      },
      { manager: CONTROLLER_MANAGER },
    );
  }

  /** Forgets the oldest that nobody uses. @param used - names of those that somebody does */
  forgetOldest(owner: KubernetesObject, used: ReadonlySet<string>): void {
    const idle = this.of(owner).filter(each => !used.has(each.metadata.name));
    const limit = owner.spec.revisionHistoryLimit ?? 10;
    for (const { metadata } of idle.slice(
      0,
      Math.max(0, idle.length - limit),
    )) {
      this.#plane.registry.delete(REVISION, metadata.namespace, metadata.name);
    }
  }
}
