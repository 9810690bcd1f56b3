import { Controller, ControlPlane } from '../controllers/ControlPlane';
import { setCondition } from '../controllers/deploymentStatus';
import { conditionOf, controllerOf, hasEnded } from '../controllers/pods';
import { bindClaims, claimProblem } from '../controllers/VolumeController';
import { WorkQueue } from '../controllers/WorkQueue';
import { keyOf } from '../identity';
import { Json } from '../json';
import { parseQuantity } from '../quantity';
import { timestamp } from '../time';
import { KubernetesObject } from '../types';
import { Demand, isLackOfRoom, obstaclesOf, Room } from './obstacles';

const SCHEDULER = 'default-scheduler';
/** A pod that fits nowhere is tried again when something changes, and after this at the latest. */
const RETRY_MS = 300_000;

/** Finds a node for each pod: one that fits, and of those the one by which its siblings are spread best over zones and nodes. */
export class Scheduler implements Controller {
  readonly #plane: ControlPlane;
  readonly #queue: WorkQueue;
  readonly #stop: () => void;
  readonly #unschedulable = new Set<string>();
  /** Pods by node, so that placing one does not look at all. */
  readonly #byNode = new Map<string, Map<string, KubernetesObject>>();

  static create(plane: ControlPlane): Scheduler {
    return new Scheduler(plane);
  }

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
    this.#queue = WorkQueue.create({
      clock: plane.clock,
      work: key => this.#place(key),
    });
    this.#stop = plane.registry.storage.subscribe(({ type, object }) => {
      if (object.kind === 'Pod') {
        this.#notePod(object, type === 'DELETED');
      } else if (
        object.kind === 'Node' ||
        object.kind === 'PersistentVolumeClaim'
      ) {
        this.#retry();
      }
    });
    for (const pod of plane.registry.storage.list({ group: '', kind: 'Pod' })) {
      this.#notePod(pod, false);
    }
  }

  close(): void {
    this.#stop();
    this.#queue.close();
  }

  #notePod(pod: KubernetesObject, isGone: boolean): void {
    const key = keyOf(pod);
    const { nodeName } = pod.spec;
    if (!nodeName) {
      if (
        isGone ||
        pod.metadata.deletionTimestamp ||
        pod.spec.schedulerName !== SCHEDULER
      ) {
        this.#unschedulable.delete(key);
      } else if (!this.#unschedulable.has(key)) {
        this.#queue.add(key);
      }
      return;
    }
    const onNode =
      this.#byNode.get(nodeName) ?? new Map<string, KubernetesObject>();
    this.#byNode.set(nodeName, onNode);
    if (isGone || hasEnded(pod)) {
      if (onNode.delete(key)) {
        this.#retry();
      }
    } else {
      onNode.set(key, pod);
    }
  }

  #retry(): void {
    for (const key of this.#unschedulable) {
      this.#queue.addAfter(key, 1_000);
    }
  }

  #place(key: string): void {
    const [namespace, name] = key.split('/');
    const { registry } = this.#plane;
    const pod = registry.get({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace,
      name,
    });
    if (!pod || pod.spec.nodeName || pod.metadata.deletionTimestamp) {
      this.#unschedulable.delete(key);
      return;
    }
    const nodes = registry.storage.list({ group: '', kind: 'Node' });
    const problem = claimProblem(registry, pod);
    if (problem) {
      this.#refuse(pod, key, nodes.length, problem, 0);
      return;
    }
    const rooms = nodes.map(node => this.#roomOn(node));
    const reasons = new Map<string, number>();
    const fitting: Room[] = [];
    let lacking = 0;
    for (const room of rooms) {
      const obstacles = obstaclesOf(pod, demandOf(pod), room, rooms);
      obstacles.forEach(reason =>
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1),
      );
      if (obstacles.length === 0) {
        fitting.push(room);
      } else if (obstacles.some(isLackOfRoom)) {
        lacking += 1;
      }
    }
    if (fitting.length === 0) {
      const list = [...reasons].map(([reason, count]) => `${count} ${reason}`);
      this.#refuse(pod, key, nodes.length, list.sort().join(', '), lacking);
      return;
    }
    this.#bind(pod, key, this.#bestOf(pod, fitting));
  }

  #roomOn(node: KubernetesObject): Room {
    const pods = [...(this.#byNode.get(node.metadata.name)?.values() ?? [])];
    const used = (resource: 'cpu' | 'memory') =>
      pods.reduce((sum, pod) => sum + demandOf(pod)[resource], 0);
    const { allocatable } = node.status;
    return {
      node,
      pods,
      cpu: parseQuantity(allocatable.cpu) - used('cpu'),
      memory: parseQuantity(allocatable.memory) - used('memory'),
    };
  }

  #bestOf(pod: KubernetesObject, rooms: Room[]): KubernetesObject {
    const { group } = demandOf(pod);
    const siblings = (pods: Iterable<KubernetesObject>) =>
      [...pods].filter(other => demandOf(other).group === group).length;
    const inZone = new Map<string, number>();
    for (const { node } of rooms) {
      inZone.set(zoneOf(node), 0);
    }
    for (const node of this.#plane.registry.storage.list({
      group: '',
      kind: 'Node',
    })) {
      const zone = zoneOf(node);
      const count = siblings(
        this.#byNode.get(node.metadata.name)?.values() ?? [],
      );
      inZone.set(zone, (inZone.get(zone) ?? 0) + count);
    }
    const ranked = rooms.map(room => ({
      node: room.node,
      rank: [inZone.get(zoneOf(room.node))!, siblings(room.pods), -room.cpu],
    }));
    ranked.sort((a, b) => {
      const place = a.rank.findIndex((value, index) => value !== b.rank[index]);
      return place < 0
        ? a.node.metadata.name.localeCompare(b.node.metadata.name)
        : a.rank[place] - b.rank[place];
    });
    return ranked[0].node;
  }

  #bind(pod: KubernetesObject, key: string, node: KubernetesObject): void {
    const { registry, clock, events } = this.#plane;
    this.#unschedulable.delete(key);
    bindClaims(this.#plane, pod, node);
    const now = timestamp(clock.now());
    const scheduled = {
      type: 'PodScheduled',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: now,
    };
    const others = (pod.status.conditions ?? []).filter(
      (condition: Json) => condition.type !== 'PodScheduled',
    );
    const bound = registry.replace(
      pod,
      {
        ...pod,
        spec: { ...pod.spec, nodeName: node.metadata.name },
        status: { ...pod.status, conditions: [...others, scheduled] },
      },
      { manager: 'kube-scheduler', subresource: 'binding' },
    );
    events.record({
      about: bound,
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${node.metadata.name}`,
      component: SCHEDULER,
      action: 'Binding',
    });
  }

  #refuse(
    pod: KubernetesObject,
    key: string,
    nodes: number,
    problem: string,
    /** Nodes on which it would find room if other pods were gone. */
    lacking: number,
  ): void {
    const { registry, clock, events } = this.#plane;
    const preemption = [
      lacking > 0
        ? `${lacking} No preemption victims found for incoming pod`
        : '',
      nodes > lacking
        ? `${nodes - lacking} Preemption is not helpful for scheduling`
        : '',
    ].filter(Boolean);
    const message = `0/${nodes} nodes are available: ${problem}. preemption: 0/${nodes} nodes are available: ${preemption.join(
      ', ',
    )}.`;
    this.#unschedulable.add(key);
    this.#queue.addAfter(key, RETRY_MS);
    const current = conditionOf(pod, 'PodScheduled');
    if (current?.message !== message) {
      const kept = (pod.status.conditions ?? []).filter(
        (condition: Json) => condition.type !== 'PodScheduled',
      );
      const [condition] = setCondition(
        [],
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message,
        },
        timestamp(clock.now()),
      ).map(({ lastUpdateTime: _, ...rest }) => ({
        ...rest,
        lastProbeTime: null,
      }));
      registry.replaceStatus(
        pod,
        { ...pod.status, conditions: [...kept, condition] },
        'kube-scheduler',
      );
    }
    events.record({
      about: pod,
      type: 'Warning',
      reason: 'FailedScheduling',
      message,
      component: SCHEDULER,
      action: 'Scheduling',
    });
  }
}

export function zoneOf(node: KubernetesObject): string {
  return node.metadata.labels?.['topology.kubernetes.io/zone'] ?? '';
}

interface GroupDemand extends Demand {
  /** Pods that are to be spread: those of one Deployment, not of one ReplicaSet. */
  group: string;
}

/** By spec, which stays the same object while the status of its pod changes. */
const demands = new WeakMap<object, GroupDemand>();

function demandOf(pod: KubernetesObject): GroupDemand {
  let demand = demands.get(pod.spec);
  if (!demand) {
    demand = {
      cpu: requestOf(pod, 'cpu'),
      memory: requestOf(pod, 'memory'),
      group: groupOf(pod),
    };
    demands.set(pod.spec, demand);
  }
  return demand;
}

function groupOf(pod: KubernetesObject): string {
  const owner = controllerOf(pod)?.name ?? pod.metadata.name;
  const hash = pod.metadata.labels?.['pod-template-hash'];
  return `${pod.metadata.namespace}/${
    hash ? owner.replace(`-${hash}`, '') : owner
  }`;
}

/** What a pod asks for: its containers together, or the largest of its init containers if that is more. */
function requestOf(pod: KubernetesObject, resource: string): number {
  const of = (container: Json) =>
    parseQuantity(container.resources?.requests?.[resource]);
  const together = pod.spec.containers.reduce(
    (sum: number, each: Json) => sum + of(each),
    0,
  );
  return Math.max(together, ...(pod.spec.initContainers ?? []).map(of));
}
