import { WorkloadRow } from '../../rows';
import { KubernetesObject } from '../kubernetesObject';
import { count, entityRefOf, objectRow, templateContainers } from './common';
import { shorten } from './containers';

type Numbers = Pick<
  WorkloadRow,
  'desired' | 'updated' | 'ready' | 'available' | 'unavailable'
>;

/** Row of a Deployment, ReplicaSet, StatefulSet, DaemonSet or CronJob, and what a Rollout has in common with them. @internal */
export function workloadRow(
  workload: KubernetesObject,
  options: { cluster: string },
): WorkloadRow {
  const { metadata, spec, status } = workload;
  const annotations = metadata.annotations ?? {};
  const template =
    workload.kind === 'CronJob'
      ? spec?.jobTemplate?.spec?.template
      : spec?.template;
  const generation = metadata.generation ?? 0;
  const revision = Number(
    annotations['deployment.kubernetes.io/revision'] ??
      annotations['rollout.argoproj.io/revision'],
  );
  const entityRef = entityRefOf(annotations);
  const trackingId = annotations['argocd.argoproj.io/tracking-id'];
  return {
    ...objectRow(workload, options),
    generation,
    // CronJobs have no such field: what they say always is about what they are.
    observedGeneration:
      workload.kind === 'CronJob'
        ? generation
        : count(status?.observedGeneration),
    selector: spec?.selector?.matchLabels ?? {},
    ...numbers(workload),
    ...(Number.isInteger(revision) && revision > 0 && { revision }),
    containers: templateContainers(template?.spec),
    conditions: (status?.conditions ?? []).map((condition: any) => ({
      type: condition.type,
      status: condition.status,
      ...(condition.reason && { reason: condition.reason }),
      ...(condition.message && { message: shorten(condition.message) }),
      ...(condition.lastTransitionTime && { at: condition.lastTransitionTime }),
    })),
    ...(entityRef && { entityRef }),
    ...(trackingId && { trackingId }),
  };
}

function numbers({ kind, spec, ...rest }: KubernetesObject): Numbers {
  // Missing before a controller looked at it, and null where somebody wrote that.
  const status = rest.status ?? {};
  switch (kind) {
    case 'CronJob':
      return { desired: 0, updated: 0, ready: 0, available: 0, unavailable: 0 };
    case 'DaemonSet': {
      const desired = count(status.desiredNumberScheduled);
      return {
        desired,
        updated: count(status.updatedNumberScheduled),
        ready: count(status.numberReady),
        available: count(status.numberAvailable),
        unavailable:
          status.numberUnavailable ?? desired - count(status.numberAvailable),
      };
    }
    default: {
      // The API server fills in 1, but a manifest may say 0.
      const desired = typeof spec?.replicas === 'number' ? spec.replicas : 1;
      const available = count(status.availableReplicas);
      return {
        desired,
        updated: updatedReplicas(kind, status),
        ready: count(status.readyReplicas),
        available,
        unavailable:
          status.unavailableReplicas ?? Math.max(0, desired - available),
      };
    }
  }
}

function updatedReplicas(kind: string, status: any): number {
  if (kind === 'ReplicaSet') return count(status.replicas);
  // A StatefulSet that is not rolling may leave the field out: all its pods are at the one revision.
  if (
    kind === 'StatefulSet' &&
    status.updatedReplicas === undefined &&
    status.currentRevision === status.updateRevision
  ) {
    return count(status.replicas);
  }
  return count(status.updatedReplicas);
}
