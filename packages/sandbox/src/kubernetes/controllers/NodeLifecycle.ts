import { Kubelets } from '../kubelet/Kubelets';
import { tolerates } from '../kubelet/obstacles';
import { Json } from '../json';
import { resourceOfKind } from '../resources';
import { timestamp } from '../time';
import { KubernetesObject } from '../types';
import { CONTROLLER_MANAGER, Controller, ControlPlane } from './ControlPlane';
import { conditionOf, hasEnded } from './pods';

const POD = resourceOfKind('v1', 'Pod')!;
/** The controllers call a node lost when it has said nothing for so long. */
const MONITOR_GRACE_MS = 40_000;
/** A kubelet says every five minutes on the wall that nothing has changed; in a past that is played, more rarely. */
const HEARTBEAT_MS = 300_000;
const LEAST_SPEED = 20;
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** Nodes that are lost: their pods are not ready any more, and after their toleration is over they are evicted. */
export class NodeLifecycle implements Controller {
  readonly #plane: ControlPlane;
  readonly #kubelets: Kubelets;
  readonly #cancels = new Map<string, Array<() => void>>();
  #cancelHeartbeat: () => void = () => undefined;

  static create(options: {
    plane: ControlPlane;
    kubelets: Kubelets;
  }): NodeLifecycle {
    return new NodeLifecycle(options);
  }

  private constructor(options: { plane: ControlPlane; kubelets: Kubelets }) {
    this.#plane = options.plane;
    this.#kubelets = options.kubelets;
    this.#scheduleHeartbeat();
    // Nodes that were lost when the world was left.
    for (const node of this.#plane.registry.storage.list({
      group: '',
      kind: 'Node',
    })) {
      if (conditionOf(node, 'Ready')?.status === 'Unknown') {
        this.#planEvictions(node.metadata.name);
      }
    }
  }

  close(): void {
    this.#cancelHeartbeat();
    for (const cancels of this.#cancels.values()) {
      cancels.forEach(cancel => cancel());
    }
  }

  /** False if there is no such node, or it is lost already. */
  lose(name: string): boolean {
    const node = this.#node(name);
    if (
      !node ||
      this.#cancels.has(name) ||
      conditionOf(node, 'Ready')?.status !== 'True'
    ) {
      return false;
    }
    this.#kubelets.lose(name);
    this.#cancels.set(name, [
      this.#plane.clock.schedule(MONITOR_GRACE_MS, () => this.#mark(name)),
    ]);
    return true;
  }

  restore(name: string): boolean {
    const node = this.#node(name);
    const cancels = this.#cancels.get(name);
    if (!node || (!cancels && conditionOf(node, 'Ready')?.status === 'True')) {
      return false;
    }
    cancels?.forEach(cancel => cancel());
    this.#cancels.delete(name);
    this.#setReady(node, {
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
    });
    this.#note(name, 'NodeReady', `Node ${name} status is now: NodeReady`);
    this.#kubelets.restore(name);
    for (const pod of this.#podsOn(name)) {
      this.#setPodReady(pod, 'True');
    }
    return true;
  }

  #scheduleHeartbeat(): void {
    const { clock, registry } = this.#plane;
    this.#cancelHeartbeat = clock.schedule(
      HEARTBEAT_MS * Math.max(LEAST_SPEED, clock.speed),
      () => {
        for (const node of registry.storage.list({ group: '', kind: 'Node' })) {
          if (!this.#cancels.has(node.metadata.name)) {
            this.#beat(node);
          }
        }
        this.#scheduleHeartbeat();
      },
    );
  }

  #beat(node: KubernetesObject): void {
    const lastHeartbeatTime = timestamp(this.#plane.clock.now());
    const conditions = node.status.conditions.map((condition: Json) => ({
      ...condition,
      lastHeartbeatTime,
    }));
    this.#plane.registry.replaceStatus(
      node,
      { ...node.status, conditions },
      'kubelet',
    );
  }

  #node(name: string): KubernetesObject | undefined {
    return this.#plane.registry.get({ apiVersion: 'v1', kind: 'Node', name });
  }

  #podsOn(name: string): KubernetesObject[] {
    return this.#plane.registry.storage
      .list(POD)
      .filter(pod => pod.spec.nodeName === name && !hasEnded(pod));
  }

  #mark(name: string): void {
    const node = this.#node(name);
    if (!node) {
      return;
    }
    this.#setReady(node, {
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
    this.#note(
      name,
      'NodeNotReady',
      `Node ${name} status is now: NodeNotReady`,
    );
    for (const pod of this.#podsOn(name)) {
      this.#setPodReady(pod, 'False');
    }
    this.#planEvictions(name);
  }

  #planEvictions(name: string): void {
    const taint = { key: UNREACHABLE, effect: 'NoExecute' };
    const cancels = this.#podsOn(name).flatMap(pod => {
      const toleration = (pod.spec.tolerations ?? []).find((each: Json) =>
        tolerates(each, taint),
      );
      if (toleration && toleration.tolerationSeconds === undefined) {
        return [];
      }
      const delay = (toleration?.tolerationSeconds ?? 0) * 1000;
      return [this.#plane.clock.schedule(delay, () => this.#evict(pod))];
    });
    this.#cancels.set(name, cancels);
  }

  #evict(pod: KubernetesObject): void {
    const { registry, events } = this.#plane;
    const live = registry.storage.get(
      POD,
      pod.metadata.namespace,
      pod.metadata.name,
    );
    if (
      live?.metadata.uid !== pod.metadata.uid ||
      live?.metadata.deletionTimestamp
    ) {
      return;
    }
    events.record({
      about: pod,
      type: 'Normal',
      reason: 'TaintManagerEviction',
      message: `Marking for deletion Pod ${pod.metadata.namespace}/${pod.metadata.name}`,
      component: 'taint-eviction-controller',
    });
    registry.delete(POD, pod.metadata.namespace, pod.metadata.name);
  }

  #setReady(
    node: KubernetesObject,
    ready: { status: string; reason: string; message: string },
  ): void {
    const now = timestamp(this.#plane.clock.now());
    const taints = (node.spec.taints ?? []).filter(
      (taint: Json) => taint.key !== UNREACHABLE,
    );
    const lost = ['NoSchedule', 'NoExecute'].map(effect => ({
      key: UNREACHABLE,
      effect,
      timeAdded: now,
    }));
    const all = ready.status === 'True' ? taints : [...taints, ...lost];
    this.#plane.registry.replace(
      node,
      {
        ...node,
        spec: { ...node.spec, taints: all.length > 0 ? all : undefined },
        status: {
          ...node.status,
          conditions: node.status.conditions.map((condition: Json) =>
            condition.type === 'Ready'
              ? { ...condition, ...ready, lastTransitionTime: now }
              : condition,
          ),
        },
      },
      { manager: CONTROLLER_MANAGER, subresource: 'status' },
    );
  }

  /** The containers go on, for all that anybody knows: only the pod's own word changes. */
  #setPodReady(pod: KubernetesObject, status: 'True' | 'False'): void {
    const isReady = (pod.status.containerStatuses ?? []).every(
      (each: Json) => each.ready,
    );
    if (!isReady) {
      return;
    }
    const now = timestamp(this.#plane.clock.now());
    const conditions = (pod.status.conditions ?? []).map((condition: Json) =>
      condition.type === 'Ready' && condition.status !== status
        ? {
            type: 'Ready',
            status,
            lastProbeTime: null,
            lastTransitionTime: now,
          }
        : condition,
    );
    this.#plane.registry.replaceStatus(
      pod,
      { ...pod.status, conditions },
      CONTROLLER_MANAGER,
    );
    if (status === 'False') {
      this.#plane.events.record({
        about: pod,
        type: 'Warning',
        reason: 'NodeNotReady',
        message: 'Node is not ready',
        component: 'node-controller',
      });
    }
  }

  #note(name: string, reason: string, message: string): void {
    const about = this.#node(name);
    if (about) {
      this.#plane.events.record({
        about,
        type: 'Normal',
        reason,
        message,
        component: 'node-controller',
      });
    }
  }
}
