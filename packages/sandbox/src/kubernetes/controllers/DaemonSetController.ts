import { ApiError } from '../ApiError';
import { identityOf } from '../identity';
import { Json } from '../json';
import { isMeantFor } from '../kubelet/obstacles';
import { resourceOfKind } from '../resources';
import { KubernetesObject } from '../types';
import { CONTROLLER_MANAGER, Controller, ControlPlane } from './ControlPlane';
import { EventWriter } from './EventRecorder';
import { OwnerQueue } from './OwnerQueue';
import {
  controllerOf,
  hasEnded,
  isReady,
  podFromTemplate,
  untilAvailable,
  withoutZeros,
} from './pods';
import { REVISION_LABEL, Revisions } from './Revisions';
import { resolveShare } from './rollout';

const POD = resourceOfKind('v1', 'Pod')!;
const RETRY_MS = 15_000;
/** What pods of a DaemonSet bear: they are there to make a node work. */
const TOLERATIONS = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
].map(([key, effect]) => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect,
}));

/** Keeps one pod of each DaemonSet on each node that it is for. */
export class DaemonSetController implements Controller {
  readonly #plane: ControlPlane;
  readonly #note: EventWriter;
  readonly #revisions: Revisions;
  readonly #queue: OwnerQueue;
  readonly #stop: () => void;

  static create(plane: ControlPlane): DaemonSetController {
    return new DaemonSetController(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#note = plane.events.writerOf('daemonset-controller');
    this.#revisions = Revisions.create(plane);
    this.#queue = OwnerQueue.create({
      plane,
      of: { apiVersion: 'apps/v1', kind: 'DaemonSet' },
      owned: ['Pod'],
      sync: set => this.#sync(set),
    });
    this.#stop = plane.registry.storage.subscribe(({ type, object }) => {
      if (object.kind === 'Node' && type !== 'MODIFIED') {
        plane.registry.storage
          .list({ group: 'apps', kind: 'DaemonSet' })
          .forEach(set => this.#queue.again(set, 100));
      }
    });
  }

  close(): void {
    this.#stop();
    this.#queue.close();
  }

  #sync(set: KubernetesObject): void {
    if (set.metadata.deletionTimestamp) {
      return;
    }
    const revision = this.#revisions.current(set);
    const hash = revision.metadata.labels![REVISION_LABEL];
    try {
      this.#place(set, hash);
      this.#renew(set, hash);
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
      this.#queue.again(set, RETRY_MS);
    }
    this.#writeStatus(set, hash);
  }

  #podsOf(set: KubernetesObject): KubernetesObject[] {
    return this.#plane.registry.storage
      .dependentsOf(set.metadata.uid!)
      .filter(
        object =>
          object.kind === 'Pod' &&
          controllerOf(object)?.uid === set.metadata.uid,
      );
  }

  #nodesFor(set: KubernetesObject): Set<string> {
    const pod = this.#podOf(set, '', '');
    return new Set(
      this.#plane.registry.storage
        .list({ group: '', kind: 'Node' })
        .filter(node =>
          isMeantFor(
            {
              ...pod,
              spec: { ...pod.spec, affinity: set.spec.template.spec.affinity },
            },
            node,
          ),
        )
        .map(node => node.metadata.name),
    );
  }

  #place(set: KubernetesObject, hash: string): void {
    const { registry } = this.#plane;
    const wanted = this.#nodesFor(set);
    for (const pod of this.#podsOf(set)) {
      const node = nodeOf(pod);
      if (
        !wanted.has(node) ||
        (hasEnded(pod) && !pod.metadata.deletionTimestamp)
      ) {
        this.#delete(set, pod);
      }
      wanted.delete(node);
    }
    for (const node of wanted) {
      const pod = registry.create(this.#podOf(set, hash, node), {
        manager: CONTROLLER_MANAGER,
      });
      this.#note(
        set,
        'Normal',
        'SuccessfulCreate',
        `Created pod: ${pod.metadata.name}`,
      );
    }
  }

  /** Takes away old pods, no more at a time than may be missing. */
  #renew(set: KubernetesObject, hash: string): void {
    const { updateStrategy } = set.spec;
    if (updateStrategy.type !== 'RollingUpdate') {
      return;
    }
    const pods = this.#podsOf(set);
    const missing = pods.filter(
      pod => pod.metadata.deletionTimestamp || !isReady(pod),
    ).length;
    let room =
      Math.max(
        1,
        resolveShare(
          updateStrategy.rollingUpdate?.maxUnavailable,
          pods.length,
          Math.ceil,
        ),
      ) - missing;
    for (const pod of pods) {
      const isOld =
        pod.metadata.labels?.[REVISION_LABEL] !== hash &&
        !pod.metadata.deletionTimestamp;
      // One that is not ready is no loss.
      if (isOld && (room > 0 || !isReady(pod))) {
        room -= isReady(pod) ? 1 : 0;
        this.#delete(set, pod);
      }
    }
  }

  #podOf(set: KubernetesObject, hash: string, node: string): KubernetesObject {
    const pod = podFromTemplate(
      set,
      set.spec.template,
      `${set.metadata.name}-`,
    );
    const term = {
      matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }],
    };
    return {
      ...pod,
      metadata: {
        ...pod.metadata,
        labels: { ...pod.metadata.labels, [REVISION_LABEL]: hash },
      },
      spec: {
        ...pod.spec,
        affinity: {
          ...pod.spec.affinity,
          nodeAffinity: {
            ...pod.spec.affinity?.nodeAffinity,
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [term],
            },
          },
        },
        tolerations: [...(pod.spec.tolerations ?? []), ...TOLERATIONS],
      },
    };
  }

  #delete(set: KubernetesObject, pod: KubernetesObject): void {
    if (pod.metadata.deletionTimestamp) {
      return;
    }
    this.#plane.registry.delete(POD, pod.metadata.namespace, pod.metadata.name);
    this.#note(
      set,
      'Normal',
      'SuccessfulDelete',
      `Deleted pod: ${pod.metadata.name}`,
    );
  }

  #writeStatus(given: KubernetesObject, hash: string): void {
    const { registry } = this.#plane;
    const set = registry.get(identityOf(given));
    if (!set) {
      return;
    }
    const wanted = this.#nodesFor(set);
    const pods = this.#podsOf(set).filter(pod => wanted.has(nodeOf(pod)));
    const waits = pods.map(pod =>
      untilAvailable(pod, set.spec.minReadySeconds ?? 0, this.#plane),
    );
    const next = waits.filter(
      (wait): wait is number => wait !== undefined && wait > 0,
    );
    if (next.length > 0) {
      this.#queue.again(set, Math.min(...next) + 1);
    }
    const available = waits.filter(wait => wait === 0).length;
    const status: Json = {
      currentNumberScheduled: pods.length,
      numberMisscheduled: this.#podsOf(set).length - pods.length,
      desiredNumberScheduled: wanted.size,
      numberReady: pods.filter(isReady).length,
      ...withoutZeros({
        observedGeneration: set.metadata.generation,
        updatedNumberScheduled: pods.filter(
          pod => pod.metadata.labels?.[REVISION_LABEL] === hash,
        ).length,
        numberAvailable: available,
        numberUnavailable: wanted.size - available,
      }),
    };
    registry.replaceStatus(set, status, CONTROLLER_MANAGER);
  }
}

/** The node that a pod is on, or made for. */
function nodeOf(pod: KubernetesObject): string {
  return (
    pod.spec.nodeName ??
    pod.spec.affinity?.nodeAffinity
      ?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
      .matchFields[0].values[0]
  );
}
