import { ApiError } from '../ApiError';
import { identityOf } from '../identity';
import { Json } from '../json';
import { resourceOfKind } from '../resources';
import { KubernetesObject } from '../types';
import { CONTROLLER_MANAGER, Controller, ControlPlane } from './ControlPlane';
import { EventWriter } from './EventRecorder';
import { OwnerQueue } from './OwnerQueue';
import {
  controllerOf,
  hasEnded,
  isActive,
  isReady,
  podFromTemplate,
  untilAvailable,
  withoutZeros,
} from './pods';
import { REVISION_LABEL, Revisions } from './Revisions';

const POD = resourceOfKind('v1', 'Pod')!;
const RETRY_MS = 15_000;

interface Round {
  set: KubernetesObject;
  /** Names of the revisions that are left and reached. */
  current: string;
  update: KubernetesObject;
  pods: Map<number, KubernetesObject>;
}

/** Keeps the pods of StatefulSets, one for each number, in order. */
export class StatefulSetController implements Controller {
  readonly #plane: ControlPlane;
  readonly #note: EventWriter;
  readonly #revisions: Revisions;
  readonly #queue: OwnerQueue;

  static create(plane: ControlPlane): StatefulSetController {
    return new StatefulSetController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#note = plane.events.writerOf('statefulset-controller');
    this.#revisions = Revisions.create(plane);
    this.#queue = OwnerQueue.create({
      plane,
      of: { apiVersion: 'apps/v1', kind: 'StatefulSet' },
      owned: ['Pod'],
      sync: set => this.#sync(set),
    });
  }

  close(): void {
    this.#queue.close();
  }

  #sync(set: KubernetesObject): void {
    if (set.metadata.deletionTimestamp) {
      return;
    }
    const update = this.#revisions.current(set);
    const round: Round = {
      set,
      update,
      current: set.status?.currentRevision ?? update.metadata.name,
      pods: this.#podsOf(set),
    };
    try {
      this.#advance(round);
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      this.#queue.again(set, RETRY_MS);
    }
    this.#writeStatus(round);
  }

  #podsOf(set: KubernetesObject): Map<number, KubernetesObject> {
    const pods = new Map<number, KubernetesObject>();
    for (const object of this.#plane.registry.storage.dependentsOf(
      set.metadata.uid!,
    )) {
      if (
        object.kind === 'Pod' &&
        controllerOf(object)?.uid === set.metadata.uid
      ) {
        pods.set(Number(/-(\d+)$/.exec(object.metadata.name)?.[1]), object);
      }
    }
    return pods;
  }

  /** One step: fill up, shrink, or renew; in order unless the set says that order does not matter. */
  #advance(round: Round): void {
    const { set, pods } = round;
    const isOrdered = set.spec.podManagementPolicy !== 'Parallel';
    const first = set.spec.ordinals?.start ?? 0;
    const end = first + set.spec.replicas;
    for (let number = first; number < end; number += 1) {
      const pod = pods.get(number);
      if (!pod) {
        this.#create(round, number);
      } else if (hasEnded(pod) && !pod.metadata.deletionTimestamp) {
        this.#delete(set, pod);
      }
      if (isOrdered && !(pod && this.#isAvailable(set, pod))) {
        return;
      }
    }
    const surplus = [...pods]
      .filter(([number]) => number < first || number >= end)
      .sort(([a], [b]) => b - a);
    for (const [, pod] of surplus) {
      if (!pod.metadata.deletionTimestamp) {
        this.#delete(set, pod);
      }
      if (isOrdered) {
        return;
      }
    }
    this.#renew(round, first, end);
  }

  /** From the highest number down to the partition, each when the one before is there again. */
  #renew({ set, update, pods }: Round, first: number, end: number): void {
    if (set.spec.updateStrategy.type !== 'RollingUpdate') {
      return;
    }
    const partition = set.spec.updateStrategy.rollingUpdate?.partition ?? 0;
    for (
      let number = end - 1;
      number >= Math.max(first, first + partition);
      number -= 1
    ) {
      const pod = pods.get(number)!;
      if (!pod || pod.metadata.deletionTimestamp) {
        return;
      }
      if (pod.metadata.labels?.[REVISION_LABEL] !== update.metadata.name) {
        this.#delete(set, pod);
        return;
      }
      if (!this.#isAvailable(set, pod)) {
        return;
      }
    }
  }

  #isAvailable(set: KubernetesObject, pod: KubernetesObject): boolean {
    const wait = untilAvailable(
      pod,
      set.spec.minReadySeconds ?? 0,
      this.#plane,
    );
    if (wait) {
      this.#queue.again(set, wait + 1);
    }
    return !pod.metadata.deletionTimestamp && wait === 0;
  }

  #create({ set, current, update }: Round, number: number): void {
    const { spec, metadata } = set;
    const first = spec.ordinals?.start ?? 0;
    const rolling = spec.updateStrategy.rollingUpdate;
    const staysBehind = rolling
      ? number < first + (rolling.partition ?? 0)
      : number < first + (set.status?.currentReplicas ?? 0);
    const revision = staysBehind
      ? this.#revisions.of(set).find(each => each.metadata.name === current) ??
        update
      : update;
    const name = `${metadata.name}-${number}`;
    for (const claim of spec.volumeClaimTemplates ?? []) {
      this.#claim(set, claim, name);
    }
    const { $patch: _, ...template } = revision.data.spec.template;
    const pod = podFromTemplate(set, template, '');
    const claims: Json[] = (spec.volumeClaimTemplates ?? []).map(
      (claim: Json) => ({
        name: claim.metadata.name,
        persistentVolumeClaim: { claimName: `${claim.metadata.name}-${name}` },
      }),
    );
    const others = (pod.spec.volumes ?? []).filter(
      (volume: Json) => !claims.some(claim => claim.name === volume.name),
    );
    const volumes = [...claims, ...others];
    pod.metadata = {
      ...pod.metadata,
      name,
      generateName: `${metadata.name}-`,
      labels: {
        ...pod.metadata.labels,
        'apps.kubernetes.io/pod-index': String(number),
        [REVISION_LABEL]: revision.metadata.name,
        'statefulset.kubernetes.io/pod-name': name,
      },
    };
    pod.spec = {
      ...pod.spec,
      hostname: name,
      ...(spec.serviceName ? { subdomain: spec.serviceName } : {}),
      ...(volumes.length > 0 ? { volumes } : {}),
    };
    try {
      this.#plane.registry.create(pod, { manager: CONTROLLER_MANAGER });
    } catch (error) {
      this.#note(
        set,
        'Warning',
        'FailedCreate',
        `create Pod ${name} in StatefulSet ${metadata.name} failed error: ${
          (error as Error).message
        }`,
      );
      throw error;
    }
    this.#note(
      set,
      'Normal',
      'SuccessfulCreate',
      `create Pod ${name} in StatefulSet ${metadata.name} successful`,
    );
  }

  /** A claim outlives its pod: the next pod of that number finds its data again. */
  #claim(set: KubernetesObject, template: Json, pod: string): void {
    const { registry } = this.#plane;
    const { namespace } = set.metadata;
    const name = `${template.metadata.name}-${pod}`;
    const identity = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace,
      name,
    };
    if (registry.get(identity)) {
      return;
    }
    registry.create(
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          ...template.metadata,
          name,
          namespace,
          labels: {
            ...template.metadata.labels,
            ...set.spec.selector.matchLabels,
          },
        },
        spec: template.spec,
      },
      { manager: CONTROLLER_MANAGER },
    );
    this.#note(
      set,
      'Normal',
      'SuccessfulCreate',
      `create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success`,
    );
  }

  #delete(set: KubernetesObject, pod: KubernetesObject): void {
    this.#plane.registry.delete(POD, pod.metadata.namespace, pod.metadata.name);
    this.#note(
      set,
      'Normal',
      'SuccessfulDelete',
      `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`,
    );
  }

  #writeStatus({ set: given, current, update }: Round): void {
    const { registry } = this.#plane;
    const set = registry.get(identityOf(given));
    if (!set) {
      return;
    }
    const pods = [...this.#podsOf(set).values()];
    const of = (revision: string) =>
      pods.filter(
        pod =>
          isActive(pod) && pod.metadata.labels?.[REVISION_LABEL] === revision,
      ).length;
    const ready = pods.filter(pod => isActive(pod) && isReady(pod));
    const reached = update.metadata.name;
    const isDone =
      set.spec.updateStrategy.type === 'RollingUpdate' &&
      of(reached) === set.spec.replicas &&
      pods.length === set.spec.replicas &&
      ready.length === set.spec.replicas;
    const left = isDone ? reached : current;
    const status = {
      observedGeneration: set.metadata.generation,
      replicas: pods.length,
      ...withoutZeros({
        readyReplicas: ready.length,
        currentReplicas: of(left),
        updatedReplicas: of(reached),
      }),
      availableReplicas: ready.filter(pod => this.#isAvailable(set, pod))
        .length,
      currentRevision: left,
      updateRevision: reached,
      collisionCount: 0,
    };
    registry.replaceStatus(set, status, CONTROLLER_MANAGER);
    this.#revisions.forgetOldest(
      set,
      new Set([
        left,
        reached,
        ...pods.map(pod => pod.metadata.labels?.[REVISION_LABEL] ?? ''),
      ]),
    );
  }
}
