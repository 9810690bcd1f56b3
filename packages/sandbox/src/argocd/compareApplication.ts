import { ClusterStore, KubernetesObject } from '../kubernetes/types';
import { applicationHealth, healthOf } from './health';
import { ManagedObjects } from './ManagedObjects';
import { imagesOf, resourceTree } from './resourceTree';
import { isHook, waveOf } from './sync/tasks';
import {
  groupOf,
  HealthStatus,
  keyOf,
  keyText,
  ResourceStatus,
  versionOf,
} from './types';

export interface Comparison {
  sync: 'Synced' | 'OutOfSync';
  health: HealthStatus;
  resources: ResourceStatus[];
  images: string[];
}

/** Holds what lives against what Git wants. */
export function compareApplication(options: {
  application: string;
  targets: readonly KubernetesObject[];
  store: ClusterStore;
  managed: ManagedObjects;
}): Comparison {
  const { application, store, managed } = options;
  const targets = options.targets.filter(target => !isHook(target));
  const wanted = new Set(targets.map(target => keyText(keyOf(target))));
  const live = managed.of(application);
  const resources = [
    ...targets.map(target => targetStatus(target, store)),
    ...live
      .filter(object => !wanted.has(keyText(keyOf(object))))
      .map(extraStatus),
  ].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  return {
    sync: resources.some(resource => resource.status === 'OutOfSync')
      ? 'OutOfSync'
      : 'Synced',
    health: applicationHealth(resources),
    resources,
    images: imagesOf(resourceTree(store, live)),
  };
}

function targetStatus(
  target: KubernetesObject,
  store: ClusterStore,
): ResourceStatus {
  const { apiVersion, kind } = target;
  const { name, namespace } = target.metadata;
  const live = store.get({ apiVersion, kind, name, namespace });
  const health = live ? healthOf(live) : { status: 'Missing' as const };
  return {
    ...described(target),
    status: live && !store.differs(target) ? 'Synced' : 'OutOfSync',
    ...(health ? { health } : {}),
  };
}

/** A live object that Git does not name: a hook that stayed, or one that wants pruning. */
function extraStatus(object: KubernetesObject): ResourceStatus {
  const health = healthOf(object);
  return {
    ...described(object),
    ...(isHook(object)
      ? { hook: true }
      : { status: 'OutOfSync' as const, requiresPruning: true }),
    ...(health ? { health } : {}),
  };
}

function described(
  object: KubernetesObject,
): Pick<
  ResourceStatus,
  'group' | 'version' | 'kind' | 'namespace' | 'name' | 'syncWave'
> {
  const group = groupOf(object);
  const wave = waveOf(object);
  return {
    ...(group ? { group } : {}),
    version: versionOf(object),
    kind: object.kind,
    ...(object.metadata.namespace
      ? { namespace: object.metadata.namespace }
      : {}),
    name: object.metadata.name,
    ...(wave === 0 ? {} : { syncWave: wave }),
  };
}

function sortKey(resource: ResourceStatus): string {
  return `${resource.group ?? ''}/${resource.kind}/${
    resource.namespace ?? ''
  }/${resource.name}`;
}
