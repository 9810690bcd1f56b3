import { ApiError } from '../ApiError';
import { identityOf, keyOf } from '../identity';
import { Json } from '../json';
import { resourceOfKind } from '../resources';
import { timestamp } from '../time';
import { KubernetesObject } from '../types';
import { CONTROLLER_MANAGER, Controller, ControlPlane } from './ControlPlane';
import { EventWriter } from './EventRecorder';
import { setCondition } from './deploymentStatus';
import { podsToDelete } from './podRanking';
import {
  controllerOf,
  isActive,
  isReady,
  podFromTemplate,
  untilAvailable,
  withoutZeros,
} from './pods';
import { WorkQueue } from './WorkQueue';

const POD = resourceOfKind('v1', 'Pod')!;
const FIRST_RETRY_MS = 15_000;
const LONGEST_RETRY_MS = 1_000_000;

/** Keeps as many pods as each ReplicaSet wants. */
export class ReplicaSetController implements Controller {
  readonly #plane: ControlPlane;
  readonly #note: EventWriter;
  readonly #queue: WorkQueue;
  readonly #stop: () => void;
  /** How often in a row pods could not be made, by uid of the set. */
  readonly #failures = new Map<string, number>();

  static create(plane: ControlPlane): ReplicaSetController {
    return new ReplicaSetController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#note = plane.events.writerOf('replicaset-controller');
    this.#queue = WorkQueue.create({
      clock: plane.clock,
      work: key => this.#sync(key),
    });
    this.#stop = plane.registry.storage.subscribe(({ object }) => {
      if (object.kind === 'ReplicaSet') {
        this.#queue.add(keyOf(object));
      } else if (object.kind === 'Pod') {
        const owner = controllerOf(object);
        if (owner?.kind === 'ReplicaSet') {
          this.#queue.add(`${object.metadata.namespace}/${owner.name}`);
        }
      }
    });
    for (const object of plane.registry.storage.list({
      group: 'apps',
      kind: 'ReplicaSet',
    })) {
      this.#queue.add(keyOf(object));
    }
  }

  close(): void {
    this.#stop();
    this.#queue.close();
  }

  #sync(key: string): void {
    const [namespace, name] = key.split('/');
    const set = this.#plane.registry.get({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      namespace,
      name,
    });
    if (!set) {
      return;
    }
    const pods = this.#podsOf(set);
    const failure = set.metadata.deletionTimestamp
      ? undefined
      : this.#fill(set, pods);
    this.#writeStatus(set, failure);
  }

  #podsOf(set: KubernetesObject): KubernetesObject[] {
    return this.#plane.registry.storage
      .dependentsOf(set.metadata.uid!)
      .filter(
        object =>
          object.kind === 'Pod' &&
          controllerOf(object)?.uid === set.metadata.uid &&
          isActive(object),
      );
  }

  /** Makes or deletes pods. Answers why it could not, if so. */
  #fill(set: KubernetesObject, pods: KubernetesObject[]): Json | undefined {
    const { registry } = this.#plane;
    const missing = set.spec.replicas - pods.length;
    try {
      for (let made = 0; made < missing; made += 1) {
        const pod = registry.create(
          podFromTemplate(set, set.spec.template, `${set.metadata.name}-`),
          {
            manager: CONTROLLER_MANAGER,
          },
        );
        this.#note(
          set,
          'Normal',
          'SuccessfulCreate',
          `Created pod: ${pod.metadata.name}`,
        );
      }
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      this.#note(
        set,
        'Warning',
        'FailedCreate',
        `Error creating: ${error.message}`,
      );
      const failures = (this.#failures.get(set.metadata.uid!) ?? 0) + 1;
      this.#failures.set(set.metadata.uid!, failures);
      this.#queue.addAfter(
        keyOf(set),
        Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)),
      );
      return { reason: 'FailedCreate', message: error.message };
    }
    this.#failures.delete(set.metadata.uid!);
    if (missing < 0) {
      for (const pod of podsToDelete(pods, this.#siblings(set), -missing)) {
        registry.delete(POD, pod.metadata.namespace, pod.metadata.name);
        this.#note(
          set,
          'Normal',
          'SuccessfulDelete',
          `Deleted pod: ${pod.metadata.name}`,
        );
      }
    }
    return undefined;
  }

  /** Active pods of all sets of the same owner: pods beside another one of theirs on a node go first. */
  #siblings(set: KubernetesObject): KubernetesObject[] {
    const owner = controllerOf(set);
    const sets = owner
      ? this.#plane.registry.storage
          .dependentsOf(owner.uid)
          .filter(object => object.kind === 'ReplicaSet')
      : [set];
    return sets.flatMap(each => this.#podsOf(each));
  }

  #writeStatus(given: KubernetesObject, failure: Json | undefined): void {
    const { registry, clock } = this.#plane;
    const set = registry.get(identityOf(given));
    if (!set) {
      return;
    }
    const pods = this.#podsOf(set);
    const waits = pods.map(pod =>
      untilAvailable(pod, set.spec.minReadySeconds ?? 0, this.#plane),
    );
    const next = Math.min(
      ...waits.filter((wait): wait is number => wait !== undefined && wait > 0),
    );
    if (Number.isFinite(next)) {
      this.#queue.addAfter(keyOf(set), next + 1);
    }
    const labels = Object.entries(set.spec.template.metadata?.labels ?? {});
    const others = (set.status?.conditions ?? []).filter(
      (condition: Json) => condition.type !== 'ReplicaFailure',
    );
    const conditions = failure
      ? setCondition(
          set.status?.conditions ?? [],
          {
            type: 'ReplicaFailure',
            status: 'True',
            ...(failure as { reason: string; message: string }),
          },
          timestamp(clock.now()),
        ).map(({ lastUpdateTime: _, ...condition }) => condition)
      : others;
    const status = {
      replicas: pods.length,
      ...withoutZeros({
        fullyLabeledReplicas: pods.filter(pod =>
          labels.every(([key, value]) => pod.metadata.labels?.[key] === value),
        ).length,
        readyReplicas: pods.filter(isReady).length,
        availableReplicas: waits.filter(wait => wait === 0).length,
        observedGeneration: set.metadata.generation,
      }),
      ...(conditions.length > 0 ? { conditions } : {}),
    };
    registry.replaceStatus(set, status, CONTROLLER_MANAGER);
  }
}
