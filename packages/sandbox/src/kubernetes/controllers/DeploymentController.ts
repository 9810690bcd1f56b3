import { identityOf, keyOf } from '../identity';
import { KubernetesObject } from '../types';
import { timestamp } from '../time';
import { CONTROLLER_MANAGER, Controller, ControlPlane } from './ControlPlane';
import { deploymentStatus, isComplete, setCondition } from './deploymentStatus';
import { conditionOf, controllerOf, hasEnded } from './pods';
import {
  desiredWhenScaled,
  REVISION,
  ReplicaSets,
  revisionOf,
  sizeOf,
} from './ReplicaSets';
import {
  newSetSize,
  oldSetSizes,
  proportionalSizes,
  RolloutLimits,
  rolloutLimits,
} from './rollout';
import { WorkQueue } from './WorkQueue';

/** Rolls Deployments out, as kube-controller-manager does. */
export class DeploymentController implements Controller {
  readonly #plane: ControlPlane;
  readonly #sets: ReplicaSets;
  readonly #queue: WorkQueue;
  readonly #stop: () => void;
  /** World time of the last progress by uid, with the time that the object has for it. */
  readonly #progress = new Map<string, { written: string; at: number }>();

  static create(plane: ControlPlane): DeploymentController {
    return new DeploymentController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#sets = ReplicaSets.create(plane);
    this.#queue = WorkQueue.create({
      clock: plane.clock,
      work: key => this.#sync(key),
    });
    this.#stop = plane.registry.storage.subscribe(({ type, object }) => {
      if (object.kind === 'Deployment') {
        this.#queue.add(keyOf(object));
      } else if (object.kind === 'ReplicaSet') {
        this.#addOwner(object);
      } else if (object.kind === 'Pod' && type === 'DELETED') {
        this.#addOwnerOfPod(object);
      }
    });
    for (const object of plane.registry.storage.list({
      group: 'apps',
      kind: 'Deployment',
    })) {
      this.#queue.add(keyOf(object));
    }
  }

  close(): void {
    this.#stop();
    this.#queue.close();
  }

  #addOwner(object: KubernetesObject): void {
    const owner = controllerOf(object);
    if (owner?.kind === 'Deployment') {
      this.#queue.add(`${object.metadata.namespace}/${owner.name}`);
    }
  }

  /** A Recreate rollout waits until the last old pod is gone. */
  #addOwnerOfPod(pod: KubernetesObject): void {
    const owner = controllerOf(pod);
    const set =
      owner?.kind === 'ReplicaSet' &&
      this.#plane.registry.get({
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        namespace: pod.metadata.namespace,
        name: owner.name,
      });
    if (set) {
      this.#addOwner(set);
    }
  }

  #sync(key: string): void {
    const [namespace, name] = key.split('/');
    const deployment = this.#plane.registry.get({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace,
      name,
    });
    if (!deployment) {
      return;
    }
    const { spec } = deployment;
    const limits = rolloutLimits({
      type: spec.strategy.type,
      replicas: spec.replicas,
      ...spec.strategy.rollingUpdate,
    });
    if (deployment.metadata.deletionTimestamp) {
      this.#writeStatus(
        deployment,
        this.#sets.newest(deployment, this.#sets.of(deployment)),
        limits,
      );
    } else if (spec.paused || this.#wasScaled(deployment)) {
      this.#scale(this.#notePause(deployment), limits);
    } else if (spec.strategy.type === 'Recreate') {
      this.#recreate(this.#notePause(deployment), limits);
    } else {
      this.#roll(this.#notePause(deployment), limits);
    }
  }

  #roll(deployment: KubernetesObject, limits: RolloutLimits): void {
    const { newSet, old } = this.#prepare(deployment, limits);
    const sizes = [newSet, ...old].map(sizeOf);
    const wanted = newSetSize(limits, sizes[0], sizes);
    if (this.#sets.scale(deployment, newSet, wanted, limits)) {
      this.#writeStatus(deployment, newSet, limits);
      return;
    }
    let scaledDown = false;
    for (const [name, size] of oldSetSizes(limits, sizes[0], sizes.slice(1))) {
      const set = old.find(each => each.metadata.name === name)!;
      scaledDown =
        this.#sets.scale(deployment, set, size, limits) || scaledDown;
    }
    if (!scaledDown && isComplete(deployment, deployment.status ?? {})) {
      this.#sets.forgetOldest(deployment, old);
    }
    this.#writeStatus(deployment, newSet, limits);
  }

  #recreate(deployment: KubernetesObject, limits: RolloutLimits): void {
    const sets = this.#sets.of(deployment);
    const existing = this.#sets.newest(deployment, sets);
    const old = sets.filter(set => set !== existing);
    let scaledDown = false;
    for (const set of old) {
      scaledDown = this.#sets.scale(deployment, set, 0, limits) || scaledDown;
    }
    if (scaledDown || old.some(set => this.#hasPods(set))) {
      this.#writeStatus(deployment, existing, limits);
      return;
    }
    const { newSet } = this.#prepare(deployment, limits);
    this.#sets.scale(deployment, newSet, limits.replicas, limits);
    if (isComplete(deployment, deployment.status ?? {})) {
      this.#sets.forgetOldest(deployment, old);
    }
    this.#writeStatus(deployment, newSet, limits);
  }

  #hasPods(set: KubernetesObject): boolean {
    return this.#plane.registry.storage
      .dependentsOf(set.metadata.uid!)
      .some(pod => pod.kind === 'Pod' && !hasEnded(pod));
  }

  /** The set of the present template, made if it is not there; it gets the highest revision. */
  #prepare(
    deployment: KubernetesObject,
    limits: RolloutLimits,
  ): { newSet: KubernetesObject; old: KubernetesObject[] } {
    const sets = this.#sets.of(deployment);
    const existing = this.#sets.newest(deployment, sets);
    const old = sets.filter(set => set !== existing);
    if (existing) {
      return {
        newSet: this.#sets.adopt(deployment, existing, old, limits),
        old,
      };
    }
    const empty = { name: '', replicas: 0, available: 0, createdAt: '' };
    const size = newSetSize(limits, empty, [empty, ...old.map(sizeOf)]);
    return { newSet: this.#sets.create(deployment, old, size, limits), old };
  }

  #wasScaled(deployment: KubernetesObject): boolean {
    return this.#sets
      .of(deployment)
      .filter(set => set.spec.replicas > 0)
      .some(set => {
        const desired = desiredWhenScaled(set);
        return desired !== undefined && desired !== deployment.spec.replicas;
      });
  }

  /** Spreads a new size over the sets, also while the rollout is paused. */
  #scale(deployment: KubernetesObject, limits: RolloutLimits): void {
    const sets = this.#sets.of(deployment);
    const newSet = this.#sets.newest(deployment, sets);
    const active = sets.filter(set => set.spec.replicas > 0);
    const only = active.length <= 1 ? active[0] ?? newSet : undefined;
    if (only) {
      this.#sets.scale(deployment, only, limits.replicas, limits);
    } else if (
      newSet &&
      sizeOf(newSet).available === limits.replicas &&
      newSet.spec.replicas === limits.replicas
    ) {
      for (const set of active.filter(each => each !== newSet)) {
        this.#sets.scale(deployment, set, 0, limits);
      }
    } else if (deployment.spec.strategy.type === 'RollingUpdate') {
      for (const [name, size] of proportionalSizes(
        limits,
        active.map(sizeOf),
      )) {
        this.#sets.scale(
          deployment,
          active.find(set => set.metadata.name === name)!,
          size,
          limits,
        );
      }
    } else {
      for (const set of active) {
        this.#sets.scale(
          deployment,
          set,
          set === newSet ? limits.replicas : 0,
          limits,
        );
      }
    }
    this.#writeStatus(deployment, newSet, limits);
  }

  #notePause(deployment: KubernetesObject): KubernetesObject {
    const current = conditionOf(deployment, 'Progressing');
    if (current?.reason === 'ProgressDeadlineExceeded') {
      return deployment;
    }
    const isPaused = current?.reason === 'DeploymentPaused';
    const { paused } = deployment.spec;
    if (Boolean(paused) === isPaused) {
      return deployment;
    }
    const next = paused
      ? { reason: 'DeploymentPaused', message: 'Deployment is paused' }
      : { reason: 'DeploymentResumed', message: 'Deployment is resumed' };
    const now = timestamp(this.#plane.clock.now());
    const conditions = setCondition(
      deployment.status?.conditions ?? [],
      { type: 'Progressing', status: 'Unknown', ...next },
      now,
    );
    return this.#plane.registry.replaceStatus(
      deployment,
      { ...deployment.status, conditions },
      CONTROLLER_MANAGER,
    );
  }

  #writeStatus(
    given: KubernetesObject,
    newSet: KubernetesObject | undefined,
    limits: RolloutLimits,
  ): void {
    const { registry, clock } = this.#plane;
    const deployment = registry.get(identityOf(given));
    if (!deployment) {
      return;
    }
    const sets = this.#sets.of(deployment);
    const live = sets.find(set => set.metadata.uid === newSet?.metadata.uid);
    const waited = this.#sinceProgress(deployment);
    const deadline = (deployment.spec.progressDeadlineSeconds ?? 600) * 1000;
    let status = deploymentStatus({
      deployment,
      newSet: live,
      sets,
      limits,
      now: timestamp(clock.now()),
      isOverdue: waited !== undefined && waited > deadline,
    });
    if (live && !conditionOf({ ...deployment, status }, 'Progressing')) {
      status = {
        ...status,
        conditions: setCondition(
          status.conditions,
          {
            type: 'Progressing',
            status: 'True',
            reason: 'NewReplicaSetCreated',
            message: `Created new replica set "${live.metadata.name}"`,
          },
          timestamp(clock.now()),
        ),
      };
    }
    const annotations = live
      ? {
          ...deployment.metadata.annotations,
          [REVISION]: String(revisionOf(live)),
        }
      : deployment.metadata.annotations;
    const written = registry.replace(
      deployment,
      {
        ...deployment,
        metadata: { ...deployment.metadata, annotations },
        status,
      },
      { manager: CONTROLLER_MANAGER, subresource: 'status' },
    );
    if (
      conditionOf(written, 'Progressing')?.status === 'True' &&
      !isComplete(written, written.status)
    ) {
      this.#queue.addAfter(
        keyOf(written),
        deadline - (this.#sinceProgress(written) ?? 0) + 1000,
      );
    }
  }

  /** World milliseconds since the rollout last progressed; undefined when it is not under way. */
  #sinceProgress(deployment: KubernetesObject): number | undefined {
    const condition = conditionOf(deployment, 'Progressing');
    if (
      !condition ||
      condition.reason === 'NewReplicaSetAvailable' ||
      condition.status === 'Unknown'
    ) {
      this.#progress.delete(deployment.metadata.uid!);
      return undefined;
    }
    const { clock } = this.#plane;
    const known = this.#progress.get(deployment.metadata.uid!);
    // Part of the key is the count of what was achieved: several steps can fall into one second of the wall.
    const written = `${condition.lastUpdateTime} ${condition.reason} ${deployment.status.updatedReplicas} ${deployment.status.availableReplicas}`;
    if (known?.written !== written) {
      const at =
        clock.elapsed() - (known ? 0 : clock.since(condition.lastUpdateTime));
      this.#progress.set(deployment.metadata.uid!, { written, at });
    }
    return clock.elapsed() - this.#progress.get(deployment.metadata.uid!)!.at;
  }
}
