import { KubernetesObject } from '../kubernetes/types';
import { groupOf, Health, HealthStatus, ResourceStatus } from './types';

/** From best to worst. */
const ORDER: readonly HealthStatus[] = [
  'Healthy',
  'Suspended',
  'Progressing',
  'Missing',
  'Degraded',
  'Unknown',
];

/** Health of one live object by Argo CD's built-in rules; undefined for kinds that have none. */
export function healthOf(object: KubernetesObject): Health | undefined {
  if (object.metadata.deletionTimestamp) {
    return { status: 'Progressing', message: 'Pending deletion' };
  }
  switch (`${groupOf(object)}/${object.kind}`) {
    case 'apps/Deployment':
      return deploymentHealth(object);
    case 'apps/ReplicaSet':
      return replicaSetHealth(object);
    case 'batch/Job':
      return jobHealth(object);
    case '/Pod':
      return podHealth(object);
    case 'apps/StatefulSet':
      return statefulSetHealth(object);
    case 'apps/DaemonSet':
      return daemonSetHealth(object);
    case 'batch/CronJob':
      return cronJobHealth(object);
    case 'argoproj.io/Rollout':
      return rolloutHealth(object);
    case 'argoproj.io/AnalysisRun':
      return analysisRunHealth(object);
    case 'argoproj.io/Application':
      // Argo CD assesses these only where that is configured, as it mostly is by those who have apps of apps.
      return object.status?.health;
    case '/Service':
      return object.spec?.type === 'LoadBalancer' &&
        !object.status?.loadBalancer?.ingress?.length
        ? { status: 'Progressing' }
        : { status: 'Healthy' };
    default:
      return undefined;
  }
}

/** The worst of an Application's live resources; hooks do not count, and what is missing does not worsen it unless nothing is live. */
export function applicationHealth(
  resources: readonly ResourceStatus[],
): HealthStatus {
  let worst: HealthStatus = 'Healthy';
  let live = 0;
  for (const { health, hook, kind, group } of resources) {
    if (hook) {
      continue;
    }
    if (health?.status !== 'Missing') {
      live += 1;
    }
    // An Application that is not known yet does not make the one above it unknown.
    const isUnknownChild =
      group === 'argoproj.io' &&
      kind === 'Application' &&
      health?.status === 'Unknown';
    if (
      health &&
      health.status !== 'Missing' &&
      !isUnknownChild &&
      ORDER.indexOf(health.status) > ORDER.indexOf(worst)
    ) {
      worst = health.status;
    }
  }
  return live === 0 && resources.some(resource => !resource.hook)
    ? 'Missing'
    : worst;
}

function condition(
  object: KubernetesObject,
  type: string,
): { status: string; reason?: string; message?: string } | undefined {
  return object.status?.conditions?.find(
    (item: { type: string }) => item.type === type,
  );
}

function deploymentHealth(object: KubernetesObject): Health {
  const { spec, status = {} } = object;
  if (spec.paused) {
    return { status: 'Suspended', message: 'Deployment is paused' };
  }
  if ((object.metadata.generation ?? 0) > (status.observedGeneration ?? 0)) {
    return {
      status: 'Progressing',
      message:
        'Waiting for rollout to finish: observed deployment generation less than desired generation',
    };
  }
  const updated = status.updatedReplicas ?? 0;
  if (condition(object, 'Progressing')?.reason === 'ProgressDeadlineExceeded') {
    return {
      status: 'Degraded',
      message: `Deployment "${object.metadata.name}" exceeded its progress deadline`,
    };
  }
  if (spec.replicas !== undefined && updated < spec.replicas) {
    return {
      status: 'Progressing',
      message: `Waiting for rollout to finish: ${updated} out of ${spec.replicas} new replicas have been updated...`,
    };
  }
  const old = (status.replicas ?? 0) - updated;
  if (old > 0) {
    return {
      status: 'Progressing',
      message: `Waiting for rollout to finish: ${old} old replicas are pending termination...`,
    };
  }
  const available = status.availableReplicas ?? 0;
  if (available < updated) {
    return {
      status: 'Progressing',
      message: `Waiting for rollout to finish: ${available} of ${updated} updated replicas are available...`,
    };
  }
  return { status: 'Healthy' };
}

function statefulSetHealth(object: KubernetesObject): Health {
  const { spec, status = {} } = object;
  if (
    (object.metadata.generation ?? 0) > (status.observedGeneration ?? 0) ||
    !status.observedGeneration
  ) {
    return {
      status: 'Progressing',
      message: 'Waiting for statefulset spec update to be observed...',
    };
  }
  const wanted = spec.replicas ?? 1;
  if ((status.readyReplicas ?? 0) < wanted) {
    return {
      status: 'Progressing',
      message: `Waiting for ${
        wanted - (status.readyReplicas ?? 0)
      } pods to be ready...`,
    };
  }
  if (spec.updateStrategy?.type === 'OnDelete') {
    return {
      status: 'Healthy',
      message: `statefulset has ${status.readyReplicas} ready pods`,
    };
  }
  if (status.updateRevision !== status.currentRevision) {
    return {
      status: 'Progressing',
      message: `waiting for statefulset rolling update to complete ${
        status.updatedReplicas ?? 0
      } pods at revision ${status.updateRevision}...`,
    };
  }
  return {
    status: 'Healthy',
    message: `statefulset rolling update complete ${status.currentReplicas} pods at revision ${status.currentRevision}...`,
  };
}

function daemonSetHealth(object: KubernetesObject): Health {
  const { spec, status = {}, metadata } = object;
  const {
    updatedNumberScheduled: updated = 0,
    desiredNumberScheduled: desired = 0,
    numberAvailable: available = 0,
  } = status;
  if ((metadata.generation ?? 0) > (status.observedGeneration ?? 0)) {
    return {
      status: 'Progressing',
      message:
        'Waiting for rollout to finish: observed daemon set generation less than desired generation',
    };
  }
  if (spec.updateStrategy?.type === 'OnDelete') {
    return {
      status: 'Healthy',
      message: `daemon set ${updated} out of ${desired} new pods have been updated`,
    };
  }
  if (updated < desired) {
    return {
      status: 'Progressing',
      message: `Waiting for daemon set "${metadata.name}" rollout to finish: ${updated} out of ${desired} new pods have been updated...`,
    };
  }
  return available < desired
    ? {
        status: 'Progressing',
        message: `Waiting for daemon set "${metadata.name}" rollout to finish: ${available} of ${desired} updated pods are available...`,
      }
    : { status: 'Healthy' };
}

function cronJobHealth({ spec, status }: KubernetesObject): Health {
  if (spec?.suspend) {
    return { status: 'Healthy', message: 'CronJob is Suspended' };
  }
  if (!status) {
    return { status: 'Progressing', message: 'Waiting for CronJob' };
  }
  const { lastScheduleTime, lastSuccessfulTime, active } = status;
  if (!lastScheduleTime) {
    return {
      status: 'Healthy',
      message: 'CronJob has not been scheduled yet',
    };
  }
  if (!lastSuccessfulTime) {
    return {
      status: 'Healthy',
      message:
        'The CronJob never completed successfully. It may not be healthy',
    };
  }
  if (active?.length > 0) {
    return {
      status: 'Healthy',
      message:
        'The job is running. Its last execution may not have been successful',
    };
  }
  return lastSuccessfulTime < lastScheduleTime
    ? {
        status: 'Degraded',
        message: 'CronJob has not completed its last execution successfully',
      }
    : {
        status: 'Healthy',
        message: 'CronJob has completed its last execution successfully',
      };
}

/** Argo Rollouts says itself how it goes since 1.0; only its words for a pause differ. */
function rolloutHealth({ metadata, spec, status }: KubernetesObject): Health {
  if (
    !status ||
    Number(status.observedGeneration) < (metadata.generation ?? 0)
  ) {
    return {
      status: 'Progressing',
      message: 'Waiting for rollout spec update to be observed',
    };
  }
  if (status.phase) {
    return {
      status: status.phase === 'Paused' ? 'Suspended' : status.phase,
      message: status.message,
    };
  }
  const aborted = (
    (status.conditions ?? []) as Array<{
      type: string;
      reason?: string;
      message?: string;
    }>
  ).find(
    ({ type, reason }) =>
      type === 'InvalidSpec' ||
      (type === 'Progressing' &&
        ['RolloutAborted', 'ProgressDeadlineExceeded'].includes(reason ?? '')),
  );
  if (aborted) {
    return { status: 'Degraded', message: aborted.message };
  }
  if (status.pauseConditions?.length || spec.paused) {
    return { status: 'Suspended', message: 'Rollout is paused' };
  }
  const wanted = spec.replicas ?? 1;
  if (!status.currentPodHash || (status.updatedReplicas ?? 0) < wanted) {
    return {
      status: 'Progressing',
      message:
        'Waiting for roll out to finish: More replicas need to be updated',
    };
  }
  if ((status.availableReplicas ?? 0) < status.updatedReplicas) {
    return {
      status: 'Progressing',
      message:
        'Waiting for roll out to finish: updated replicas are still becoming available',
    };
  }
  return status.stableRS === status.currentPodHash
    ? { status: 'Healthy' }
    : {
        status: 'Progressing',
        message: 'Waiting for rollout to finish steps',
      };
}

function analysisRunHealth({ status }: KubernetesObject): Health {
  const message = status?.message || undefined;
  switch (status?.phase) {
    case 'Successful':
      return { status: 'Healthy', message };
    case 'Failed':
    case 'Error':
      return { status: 'Degraded', message };
    case 'Inconclusive':
      return { status: 'Unknown', message };
    default:
      return { status: 'Progressing', message };
  }
}

function replicaSetHealth(object: KubernetesObject): Health {
  if (
    (object.metadata.generation ?? 0) > (object.status?.observedGeneration ?? 0)
  ) {
    return {
      status: 'Progressing',
      message:
        'Waiting for rollout to finish: observed replica set generation less than desired generation',
    };
  }
  const failure = condition(object, 'ReplicaFailure');
  if (failure?.status === 'True') {
    return { status: 'Degraded', message: failure.message };
  }
  const available = object.status?.availableReplicas ?? 0;
  const wanted = object.spec?.replicas ?? 1;
  return available < wanted
    ? {
        status: 'Progressing',
        message: `Waiting for rollout to finish: ${available} out of ${wanted} new replicas are available...`,
      }
    : { status: 'Healthy' };
}

function jobHealth(object: KubernetesObject): Health {
  const failed = condition(object, 'Failed');
  if (failed?.status === 'True') {
    return { status: 'Degraded', message: failed.message };
  }
  const complete = condition(object, 'Complete');
  if (complete?.status === 'True') {
    return { status: 'Healthy', message: complete.message };
  }
  const suspended = condition(object, 'Suspended');
  return suspended?.status === 'True'
    ? { status: 'Suspended', message: suspended.message }
    : { status: 'Progressing' };
}

function podHealth(object: KubernetesObject): Health {
  const { spec, status = {} } = object;
  const restartsAlways = (spec?.restartPolicy ?? 'Always') === 'Always';
  const statuses = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
  ];
  const stuck = statuses.filter(({ state }) =>
    /^Err|Error$|BackOff$/.test(state?.waiting?.reason ?? ''),
  );
  if (restartsAlways && stuck.length > 0) {
    return {
      status: 'Degraded',
      message: stuck
        .map(({ state }) => state.waiting.message)
        .filter(Boolean)
        .join(', '),
    };
  }
  switch (status.phase) {
    case 'Succeeded':
      return { status: 'Healthy', message: status.message };
    case 'Failed':
      return {
        status: 'Degraded',
        message: status.message || failedContainers(statuses),
      };
    case 'Running':
      return runningPodHealth(object, restartsAlways);
    default:
      return { status: 'Progressing', message: status.message };
  }
}

function runningPodHealth(
  object: KubernetesObject,
  restartsAlways: boolean,
): Health {
  // A pod that is meant to end is on its way until it has.
  if (!restartsAlways) {
    return { status: 'Progressing', message: object.status?.message };
  }
  if (condition(object, 'Ready')?.status === 'True') {
    return { status: 'Healthy', message: object.status?.message };
  }
  const crashed = (object.status?.containerStatuses ?? []).some(
    (item: { lastState?: { terminated?: object } }) =>
      item.lastState?.terminated,
  );
  return crashed
    ? { status: 'Degraded', message: object.status?.message }
    : { status: 'Progressing', message: object.status?.message };
}

function failedContainers(
  statuses: Array<{
    name: string;
    state?: { terminated?: { exitCode: number } };
  }>,
): string {
  return statuses
    .filter(({ state }) => state?.terminated && state.terminated.exitCode !== 0)
    .map(
      ({ name, state }) =>
        `container "${name}" failed with exit code ${
          state!.terminated!.exitCode
        }`,
    )
    .join(', ');
}
