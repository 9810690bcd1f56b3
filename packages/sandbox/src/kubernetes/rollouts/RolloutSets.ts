import { ControlPlane } from '../controllers/ControlPlane';
import { controllerOf, ownerReference } from '../controllers/pods';
import { templateHash } from '../controllers/templateHash';
import { identityOf } from '../identity';
import { resourceOfKind } from '../resources';
import { KubernetesObject } from '../types';

export const MANAGER = 'rollouts-controller';
export const ROLLOUT_HASH = 'rollouts-pod-template-hash';
export const ROLLOUT_REVISION = 'rollout.argoproj.io/revision';
const DESIRED = 'rollout.argoproj.io/desired-replicas';
const REPLICA_SET = resourceOfKind('apps/v1', 'ReplicaSet')!;

/** The ReplicaSets of Rollouts. */
export class RolloutSets {
  readonly #plane: ControlPlane;

  static create(plane: ControlPlane): RolloutSets {
    return new RolloutSets(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  of(rollout: KubernetesObject): KubernetesObject[] {
    return this.#plane.registry.storage
      .dependentsOf(rollout.metadata.uid!)
      .filter(
        object =>
          object.kind === 'ReplicaSet' &&
          controllerOf(object)?.uid === rollout.metadata.uid,
      )
      .sort((a, b) => revisionOf(b) - revisionOf(a));
  }

  /** The set of the present template: found, or made without pods. It has the highest revision. */
  current(rollout: KubernetesObject): KubernetesObject {
    const { registry } = this.#plane;
    const sets = this.of(rollout);
    const highest = Math.max(0, ...sets.map(revisionOf));
    const hash = templateHash(rollout.spec.template);
    const known = sets.find(set => hashOf(set) === hash);
    if (known) {
      return revisionOf(known) === highest
        ? known
        : registry.replace(known, withRevision(known, highest + 1), {
            manager: MANAGER,
          });
    }
    return this.#create(rollout, highest + 1);
  }

  #create(rollout: KubernetesObject, revision: number): KubernetesObject {
    const { registry, events } = this.#plane;
    const { spec, metadata } = rollout;
    const hash = templateHash(spec.template);
    const labels = { ...spec.template.metadata?.labels, [ROLLOUT_HASH]: hash };
    const set = registry.create(
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: {
          name: `${metadata.name}-${hash}`,
          namespace: metadata.namespace,
          labels,
          annotations: {
            [DESIRED]: String(spec.replicas ?? 1),
            [ROLLOUT_REVISION]: String(revision),
          },
          ownerReferences: [ownerReference(rollout) as any],
        },
        spec: {
          replicas: 0,
          minReadySeconds: spec.minReadySeconds,
          selector: {
            matchLabels: {
              ...spec.selector.matchLabels,
              [ROLLOUT_HASH]: hash,
            },
          },
          template: {
            ...spec.template,
            metadata: { ...spec.template.metadata, labels },
          },
        },
      },
      { manager: MANAGER },
    );
    const note = (reason: string, message: string) =>
      events.record({
        about: rollout,
        type: 'Normal',
        reason,
        message,
        component: MANAGER,
      });
    note('RolloutUpdated', `Rollout updated to revision ${revision}`);
    note(
      'NewReplicaSetCreated',
      `Created ReplicaSet ${set.metadata.name} (revision ${revision})`,
    );
    return set;
  }

  scale(
    rollout: KubernetesObject,
    set: KubernetesObject,
    replicas: number,
  ): void {
    const live = this.#plane.registry.get(identityOf(set));
    if (!live || live.spec.replicas === replicas) {
      return;
    }
    const before = live.spec.replicas;
    this.#plane.registry.replace(
      live,
      { ...live, spec: { ...live.spec, replicas } },
      { manager: MANAGER },
    );
    this.#plane.events.record({
      about: rollout,
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${replicas > before ? 'up' : 'down'} ReplicaSet ${
        set.metadata.name
      } (revision ${revisionOf(set)}) from ${before} to ${replicas}`,
      component: MANAGER,
    });
  }

  /** Forgets the oldest that are empty. */
  forgetOldest(rollout: KubernetesObject, kept: readonly string[]): void {
    const limit = rollout.spec.revisionHistoryLimit ?? 10;
    const empty = this.of(rollout).filter(
      set =>
        !kept.includes(hashOf(set)) &&
        set.spec.replicas === 0 &&
        (set.status?.replicas ?? 0) === 0 &&
        !set.metadata.deletionTimestamp,
    );
    for (const { metadata } of empty.slice(limit)) {
      this.#plane.registry.delete(
        REPLICA_SET,
        metadata.namespace,
        metadata.name,
      );
    }
  }
}

export function hashOf(set: KubernetesObject): string {
  return set.metadata.labels?.[ROLLOUT_HASH] ?? '';
}

export function revisionOf(set: KubernetesObject): number {
  return Number(set.metadata.annotations?.[ROLLOUT_REVISION] ?? 0);
}

function withRevision(
  set: KubernetesObject,
  revision: number,
): KubernetesObject {
  return {
    ...set,
    metadata: {
      ...set.metadata,
      annotations: {
        ...set.metadata.annotations,
        [ROLLOUT_REVISION]: String(revision),
      },
    },
  };
}
