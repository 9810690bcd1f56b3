import { Json } from '../json';
import { resourceOfKind } from '../resources';
import { identityOf } from '../identity';
import { KubernetesObject } from '../types';
import { CONTROLLER_MANAGER, ControlPlane } from './ControlPlane';
import { controllerOf, ownerReference } from './pods';
import { RolloutLimits, SetSize } from './rollout';
import { HASH_LABEL, sameTemplate, templateHash } from './templateHash';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const MAX = 'deployment.kubernetes.io/max-replicas';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const REPLICA_SET = resourceOfKind('apps/v1', 'ReplicaSet')!;

/** The ReplicaSets of Deployments: finding, making, scaling, numbering them. */
export class ReplicaSets {
  readonly #plane: ControlPlane;

  static create(plane: ControlPlane): ReplicaSets {
    return new ReplicaSets(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  of(deployment: KubernetesObject): KubernetesObject[] {
    return this.#plane.registry.storage
      .dependentsOf(deployment.metadata.uid!)
      .filter(
        object =>
          object.kind === 'ReplicaSet' &&
          controllerOf(object)?.uid === deployment.metadata.uid,
      );
  }

  /** The set that has the Deployment's template: the oldest, should there be several. */
  newest(
    deployment: KubernetesObject,
    sets: KubernetesObject[],
  ): KubernetesObject | undefined {
    return [...sets]
      .sort((a, b) =>
        a.metadata.creationTimestamp!.localeCompare(
          b.metadata.creationTimestamp!,
        ),
      )
      .find(set => sameTemplate(set.spec.template, deployment.spec.template));
  }

  create(
    deployment: KubernetesObject,
    sets: KubernetesObject[],
    replicas: number,
    limits: RolloutLimits,
  ): KubernetesObject {
    const { spec, metadata } = deployment;
    const collisions = deployment.status?.collisionCount ?? 0;
    const hash = templateHash(spec.template, collisions);
    const set = this.#plane.registry.create(
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: {
          name: `${metadata.name}-${hash}`,
          namespace: metadata.namespace,
          labels: { ...spec.template.metadata?.labels, [HASH_LABEL]: hash },
          annotations: {
            ...copiedAnnotations(deployment),
            ...sizeAnnotations(limits),
            [REVISION]: String(highestRevision(sets) + 1),
          },
          ownerReferences: [ownerReference(deployment) as any],
        },
        spec: {
          replicas,
          minReadySeconds: spec.minReadySeconds,
          selector: {
            ...spec.selector,
            matchLabels: { ...spec.selector.matchLabels, [HASH_LABEL]: hash },
          },
          template: {
            ...spec.template,
            metadata: {
              ...spec.template.metadata,
              labels: { ...spec.template.metadata?.labels, [HASH_LABEL]: hash },
            },
          },
        },
      },
      { manager: CONTROLLER_MANAGER },
    );
    if (replicas > 0) {
      this.#noteScaling(deployment, set, 0, replicas);
    }
    return set;
  }

  /** Gives the set that is rolled out the highest number and the Deployment's annotations. */
  adopt(
    deployment: KubernetesObject,
    newSet: KubernetesObject,
    old: KubernetesObject[],
    limits: RolloutLimits,
  ): KubernetesObject {
    const current = revisionOf(newSet);
    const wanted = highestRevision(old) + 1;
    const annotations: Record<string, string> = {
      ...newSet.metadata.annotations,
      ...copiedAnnotations(deployment),
      ...sizeAnnotations(limits),
    };
    if (current < wanted) {
      annotations[REVISION] = String(wanted);
      if (current > 0) {
        annotations[REVISION_HISTORY] = [
          newSet.metadata.annotations?.[REVISION_HISTORY],
          current,
        ]
          .filter(Boolean)
          .join(',');
      }
    }
    return this.#plane.registry.replace(
      newSet,
      {
        ...newSet,
        metadata: { ...newSet.metadata, annotations },
        spec: {
          ...newSet.spec,
          minReadySeconds: deployment.spec.minReadySeconds,
        },
      },
      { manager: CONTROLLER_MANAGER },
    );
  }

  /** Sets the size of a set. Returns it as it is then, and whether that changed its size. */
  scale(
    deployment: KubernetesObject,
    set: KubernetesObject,
    replicas: number,
    limits: RolloutLimits,
  ): boolean {
    const live = this.#plane.registry.get(identityOf(set));
    if (!live) {
      return false;
    }
    const before = live.spec.replicas;
    this.#plane.registry.replace(
      live,
      {
        ...live,
        metadata: {
          ...live.metadata,
          annotations: {
            ...live.metadata.annotations,
            ...sizeAnnotations(limits),
          },
        },
        spec: { ...live.spec, replicas },
      },
      { manager: CONTROLLER_MANAGER },
    );
    if (before !== replicas) {
      this.#noteScaling(deployment, live, before, replicas);
    }
    return before !== replicas;
  }

  /** Deletes the oldest of the sets that are empty, until no more are left than the Deployment wants to remember. */
  forgetOldest(deployment: KubernetesObject, old: KubernetesObject[]): void {
    const limit = deployment.spec.revisionHistoryLimit ?? 10;
    const empty = old
      .filter(
        set =>
          set.spec.replicas === 0 &&
          (set.status?.replicas ?? 0) === 0 &&
          !set.metadata.deletionTimestamp,
      )
      .sort((a, b) => revisionOf(a) - revisionOf(b));
    for (const set of empty.slice(0, Math.max(0, old.length - limit))) {
      this.#plane.registry.delete(
        REPLICA_SET,
        set.metadata.namespace,
        set.metadata.name,
      );
    }
  }

  #noteScaling(
    deployment: KubernetesObject,
    set: KubernetesObject,
    from: number,
    to: number,
  ): void {
    this.#plane.events.record({
      about: deployment,
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${to > from ? 'up' : 'down'} replica set ${
        set.metadata.name
      } from ${from} to ${to}`,
      component: 'deployment-controller',
    });
  }
}

export function revisionOf(object: KubernetesObject): number {
  return Number(object.metadata.annotations?.[REVISION] ?? 0);
}

export function sizeOf(set: KubernetesObject): SetSize {
  return {
    name: set.metadata.name,
    replicas: set.spec.replicas,
    available: set.status?.availableReplicas ?? 0,
    createdAt: set.metadata.creationTimestamp!,
    maxReplicas: Number(set.metadata.annotations?.[MAX] ?? 0),
  };
}

/** What the Deployment's size was when the set was last scaled. */
export function desiredWhenScaled(set: KubernetesObject): number | undefined {
  const text = set.metadata.annotations?.[DESIRED];
  return text === undefined ? undefined : Number(text);
}

function highestRevision(sets: KubernetesObject[]): number {
  return Math.max(0, ...sets.map(revisionOf));
}

function sizeAnnotations({
  replicas,
  maxSurge,
}: RolloutLimits): Record<string, string> {
  return { [DESIRED]: String(replicas), [MAX]: String(replicas + maxSurge) };
}

function copiedAnnotations(deployment: KubernetesObject): Json {
  const {
    [LAST_APPLIED]: _,
    [REVISION]: __,
    ...rest
  } = deployment.metadata.annotations ?? {};
  return rest;
}
