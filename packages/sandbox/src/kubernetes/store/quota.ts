import { forbidden } from '../ApiError';
import { Json } from '../json';
import { formatQuantity, parseQuantity } from '../quantity';
import { resourceOfKind } from '../resources';
import { KubernetesObject } from '../types';
import { Storage } from './Storage';

const POD = resourceOfKind('v1', 'Pod')!;

/** Objects that a quota counts, by the name that it has for them. */
const COUNTED: Readonly<Record<string, { group: string; kind: string }>> = {
  services: { group: '', kind: 'Service' },
  configmaps: { group: '', kind: 'ConfigMap' },
  secrets: { group: '', kind: 'Secret' },
  persistentvolumeclaims: { group: '', kind: 'PersistentVolumeClaim' },
  'count/jobs.batch': { group: 'batch', kind: 'Job' },
  'count/deployments.apps': { group: 'apps', kind: 'Deployment' },
};

/** What a pod takes of a quota's resource: its containers together, or its largest init container. */
function takenBy(pod: KubernetesObject, resource: string): number {
  if (resource === 'pods' || resource === 'count/pods') {
    return 1;
  }
  const [kind, name] = resource.includes('.')
    ? resource.split('.')
    : ['requests', resource];
  const of = (container: Json) =>
    parseQuantity(container.resources?.[kind]?.[name]);
  const init: Json[] = pod.spec.initContainers ?? [];
  const main = [
    ...pod.spec.containers,
    ...init.filter(each => each.restartPolicy === 'Always'),
  ].reduce((sum: number, each: Json) => sum + of(each), 0);
  return Math.max(main, ...init.map(of));
}

/** What of each hard limit of a quota is used. */
export function usedOf(storage: Storage, quota: KubernetesObject): Json {
  const { namespace } = quota.metadata;
  const mine = (objects: readonly KubernetesObject[]) =>
    objects.filter(object => object.metadata.namespace === namespace);
  const pods = mine(storage.list(POD)).filter(
    pod => !['Succeeded', 'Failed'].includes(pod.status?.phase),
  );
  return Object.fromEntries(
    Object.keys(quota.spec.hard ?? {}).map(resource => {
      const counted = COUNTED[resource];
      const used = counted
        ? mine(storage.list(counted)).length
        : pods.reduce((sum, pod) => sum + takenBy(pod, resource), 0);
      return [resource, formatQuantity(resource, used)];
    }),
  );
}

/** Throws 403 in the words of Kubernetes for a pod for which a quota of its namespace has no room. */
export function checkQuotas(storage: Storage, pod: KubernetesObject): void {
  const { namespace, name } = pod.metadata;
  for (const quota of storage.list({ group: '', kind: 'ResourceQuota' })) {
    if (quota.metadata.namespace !== namespace) {
      continue;
    }
    const hard: Record<string, string> = quota.spec.hard ?? {};
    const resources = Object.keys(hard)
      .filter(resource => !COUNTED[resource])
      .sort();
    const silent = resources.filter(resource => isUnset(pod, resource));
    if (silent.length > 0) {
      const names = pod.spec.containers.map((each: Json) => each.name).join();
      throw forbidden(
        POD,
        name,
        `failed quota: ${quota.metadata.name}: ${silent
          .map(resource => `must specify ${resource} for: ${names}`)
          .join('; ')}`,
      );
    }
    const used = usedOf(storage, quota);
    const exceeded = resources.filter(
      resource =>
        parseQuantity(used[resource]) + takenBy(pod, resource) >
        parseQuantity(hard[resource]),
    );
    if (exceeded.length > 0) {
      const list = (of: (resource: string) => string) =>
        exceeded.map(resource => `${resource}=${of(resource)}`).join();
      throw forbidden(
        POD,
        name,
        `exceeded quota: ${quota.metadata.name}, requested: ${list(resource =>
          formatQuantity(resource, takenBy(pod, resource)),
        )}, used: ${list(resource => used[resource])}, limited: ${list(
          resource => hard[resource],
        )}`,
      );
    }
  }
}

/** A quota on cpu or memory wants every container to say how much. */
function isUnset(pod: KubernetesObject, resource: string): boolean {
  if (!/^((requests|limits)\.)?(cpu|memory)$/.test(resource)) {
    return false;
  }
  const [kind, name] = resource.includes('.')
    ? resource.split('.')
    : ['requests', resource];
  return pod.spec.containers.some(
    (each: Json) => each.resources?.[kind]?.[name] === undefined,
  );
}
