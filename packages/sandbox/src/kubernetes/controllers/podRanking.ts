import { KubernetesObject } from '../types';
import { conditionOf, isReady } from './pods';

const PHASES = ['Pending', 'Unknown', 'Running'];

/**
 * Which pods go when a ReplicaSet shrinks: those that do least. In the order of Kubernetes: without a node, pending, not ready, cheap by annotation,
 * doubled on their node, ready for a shorter time, restarted more often, younger.
 *
 * @param siblings - active pods of the same Deployment
 */
export function podsToDelete(
  pods: KubernetesObject[],
  siblings: KubernetesObject[],
  count: number,
): KubernetesObject[] {
  const onNode = (pod: KubernetesObject) =>
    siblings.filter(
      other => other.spec.nodeName && other.spec.nodeName === pod.spec.nodeName,
    ).length;
  const ranked = pods.map(pod => ({
    pod,
    rank: [
      pod.spec.nodeName ? 1 : 0,
      PHASES.indexOf(pod.status?.phase),
      isReady(pod) ? 1 : 0,
      Number(
        pod.metadata.annotations?.[
          'controller.kubernetes.io/pod-deletion-cost'
        ] ?? 0,
      ),
      -onNode(pod),
      isReady(pod)
        ? -Date.parse(conditionOf(pod, 'Ready')!.lastTransitionTime)
        : 0,
      -restartsOf(pod),
      -Date.parse(pod.metadata.creationTimestamp!),
    ],
  }));
  ranked.sort((a, b) => {
    const index = a.rank.findIndex((value, place) => value !== b.rank[place]);
    return index < 0
      ? a.pod.metadata.name.localeCompare(b.pod.metadata.name)
      : a.rank[index] - b.rank[index];
  });
  return ranked.slice(0, count).map(({ pod }) => pod);
}

function restartsOf(pod: KubernetesObject): number {
  const counts = (pod.status?.containerStatuses ?? []).map(
    (status: any) => status.restartCount ?? 0,
  );
  return Math.max(0, ...counts);
}
