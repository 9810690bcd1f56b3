import { badRequest, conflict } from '../ApiError';
import { isObject, Json } from '../json';
import { ResourceType } from '../resources';
import { KubernetesObject } from '../types';

/** A workload as its `scale` subresource shows it. */
export function scaleOf(workload: KubernetesObject): Json {
  const { name, namespace, uid, resourceVersion, creationTimestamp } =
    workload.metadata;
  const labels = Object.entries(workload.spec.selector?.matchLabels ?? {});
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: workload.spec.replicas },
    status: {
      replicas: workload.status?.replicas ?? 0,
      selector: labels.map(([key, value]) => `${key}=${value}`).join(','),
    },
  };
}

/** The workload with the size of a changed scale. */
export function changedByScale(
  workload: KubernetesObject,
  scale: Json,
  resource: ResourceType,
): KubernetesObject {
  const replicas = isObject(scale.spec) ? scale.spec.replicas ?? 0 : undefined;
  if (!Number.isInteger(replicas)) {
    throw badRequest(
      'Scale in version "v1" cannot be handled as a Scale: spec.replicas is not a whole number',
    );
  }
  const asked = scale.metadata?.resourceVersion;
  if (asked && asked !== workload.metadata.resourceVersion) {
    throw conflict(resource, workload.metadata.name);
  }
  return { ...workload, spec: { ...workload.spec, replicas } };
}
