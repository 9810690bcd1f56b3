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
  for (const { health, hook } of resources) {
    if (hook) {
      continue;
    }
    if (health?.status !== 'Missing') {
      live += 1;
    }
    if (
      health &&
      health.status !== 'Missing' &&
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
