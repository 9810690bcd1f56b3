import {
  describePodProblem,
  FleetReader,
  PodProblem,
  PodRow,
} from '@switchyard/fleet-node';

/** A pod of the new version that is not ready, and why. */
export interface TroubledPod {
  pod: PodRow;
  problem: PodProblem;
}

/** How far the rollout of an Application or of a workload is, as the fleet sees it. */
export interface RolloutView {
  done: boolean;
  /** For a line of progress. */
  text: string;
  troubled: TroubledPod[];
  /** A rollout that Kubernetes has given up: `Deployment orders: ProgressDeadlineExceeded …`. */
  givenUp?: string;
}

/** Those of the pods that have a problem. */
export function troubledOf(
  pods: readonly PodRow[],
  fleet: FleetReader,
): TroubledPod[] {
  return pods.flatMap(pod => {
    if (pod.deletedAt) return [];
    const problem = describePodProblem(
      pod,
      fleet.eventsAbout({ cluster: pod.cluster, uid: pod.uid }),
    );
    return problem ? [{ pod, problem }] : [];
  });
}
