import { Json } from '../json';
import { parseQuantity } from '../quantity';
import { matchesSelector } from '../selectors';
import { KubernetesObject } from '../types';

/** A node with what is left on it. */
export interface Room {
  node: KubernetesObject;
  cpu: number;
  memory: number;
  pods: KubernetesObject[];
}

/** What a pod takes of a node. */
export interface Demand {
  cpu: number;
  memory: number;
}

const LACK = /^(Insufficient|Too many pods|node\(s\) didn't match pod anti)/;

/** True for obstacles that would be gone if other pods were. */
export function isLackOfRoom(obstacle: string): boolean {
  return LACK.test(obstacle);
}

/** Why a pod cannot go to a node, in the scheduler's words; empty when it can. @param rooms - all nodes */
export function obstaclesOf(
  pod: KubernetesObject,
  demand: Demand,
  room: Room,
  rooms: readonly Room[],
): string[] {
  const { node } = room;
  if (!matchesNode(pod, node)) {
    return ["node(s) didn't match Pod's node affinity/selector"];
  }
  const taint = untoleratedTaint(pod, node);
  if (taint?.key === 'node.kubernetes.io/unschedulable') {
    return ['node(s) were unschedulable'];
  }
  if (taint) {
    return [
      `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`,
    ];
  }
  if (node.spec.unschedulable && !toleratesUnschedulable(pod)) {
    return ['node(s) were unschedulable'];
  }
  const obstacles: string[] = [];
  if (room.pods.length + 1 > parseQuantity(node.status.allocatable.pods)) {
    obstacles.push('Too many pods');
  }
  if (demand.cpu > room.cpu) {
    obstacles.push('Insufficient cpu');
  }
  if (demand.memory > room.memory) {
    obstacles.push('Insufficient memory');
  }
  if (obstacles.length > 0) {
    return obstacles;
  }
  if (isTooSkewed(pod, room, rooms)) {
    return ["node(s) didn't match pod topology spread constraints"];
  }
  return isKeptApart(pod, room, rooms)
    ? ["node(s) didn't match pod anti-affinity rules"]
    : [];
}

/** Whether a pod may be on a node, the room there aside: what a DaemonSet asks. */
export function isMeantFor(
  pod: KubernetesObject,
  node: KubernetesObject,
): boolean {
  return matchesNode(pod, node) && untoleratedTaint(pod, node) === undefined;
}

function matchesNode(pod: KubernetesObject, node: KubernetesObject): boolean {
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries(pod.spec.nodeSelector ?? {});
  const terms: Json[] | undefined =
    pod.spec.affinity?.nodeAffinity
      ?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return (
    selector.every(([key, value]) => labels[key] === value) &&
    (terms === undefined ||
      terms.some(
        ({ matchExpressions, matchFields }) =>
          matchesSelector(labels, { matchExpressions }) &&
          matchesSelector(
            { 'metadata.name': node.metadata.name },
            { matchExpressions: matchFields },
          ),
      ))
  );
}

function untoleratedTaint(
  pod: KubernetesObject,
  node: KubernetesObject,
): Json | undefined {
  const tolerations: Json[] = pod.spec.tolerations ?? [];
  return (node.spec.taints ?? []).find(
    (taint: Json) =>
      taint.effect !== 'PreferNoSchedule' &&
      !tolerations.some(toleration => tolerates(toleration, taint)),
  );
}

function toleratesUnschedulable(pod: KubernetesObject): boolean {
  const taint = {
    key: 'node.kubernetes.io/unschedulable',
    effect: 'NoSchedule',
  };
  return (pod.spec.tolerations ?? []).some((toleration: Json) =>
    tolerates(toleration, taint),
  );
}

export function tolerates(toleration: Json, taint: Json): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) {
    return false;
  }
  if (!toleration.key) {
    return toleration.operator === 'Exists';
  }
  return (
    toleration.key === taint.key &&
    (toleration.operator === 'Exists' ||
      (toleration.value ?? '') === (taint.value ?? ''))
  );
}

function domainOf({ node }: Room, key: string): string | undefined {
  return node.metadata.labels?.[key];
}

function selectedIn(
  rooms: readonly Room[],
  namespace: string | undefined,
  selector: Json | undefined,
): number {
  return rooms
    .flatMap(room => room.pods)
    .filter(
      pod =>
        pod.metadata.namespace === namespace &&
        matchesSelector(pod.metadata.labels, selector),
    ).length;
}

function isTooSkewed(
  pod: KubernetesObject,
  room: Room,
  rooms: readonly Room[],
): boolean {
  const constraints: Json[] = (pod.spec.topologySpreadConstraints ?? []).filter(
    (each: Json) => each.whenUnsatisfiable === 'DoNotSchedule',
  );
  return constraints.some(({ topologyKey, maxSkew, labelSelector }) => {
    const domains = new Set(
      rooms
        .map(each => domainOf(each, topologyKey))
        .filter(domain => domain !== undefined),
    );
    const countIn = (domain: string | undefined) =>
      selectedIn(
        rooms.filter(each => domainOf(each, topologyKey) === domain),
        pod.metadata.namespace,
        labelSelector,
      );
    const least = Math.min(...[...domains].map(countIn));
    return countIn(domainOf(room, topologyKey)) + 1 - least > maxSkew;
  });
}

function isKeptApart(
  pod: KubernetesObject,
  room: Room,
  rooms: readonly Room[],
): boolean {
  const terms: Json[] =
    pod.spec.affinity?.podAntiAffinity
      ?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.some(
    ({ topologyKey, labelSelector }) =>
      selectedIn(
        rooms.filter(
          each => domainOf(each, topologyKey) === domainOf(room, topologyKey),
        ),
        pod.metadata.namespace,
        labelSelector,
      ) > 0,
  );
}
