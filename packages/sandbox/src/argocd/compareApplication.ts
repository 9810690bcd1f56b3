import { ClusterStore, KubernetesObject } from '../kubernetes/types';
import { applicationHealth, healthOf } from './health';
import { ManagedObjects } from './ManagedObjects';
import { imagesOf, resourceTree } from './resourceTree';
import { isHook, waveOf } from './sync/tasks';
import {
  Application,
  groupOf,
  HealthStatus,
  keyOf,
  keyOfApplication,
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

/**
 * Holds what lives against what Git wants. With the cluster down Argo CD goes on with what it last saw of it, without a word: health and images stay.
 */
export function compareApplication(options: {
  application: Application;
  targets: readonly KubernetesObject[];
  store: ClusterStore;
  managed: ManagedObjects;
}): Comparison {
  const { store, managed } = options;
  const { status } = options.application;
  const application = keyOfApplication(options.application);
  const targets = options.targets.filter(target => !isHook(target));
  const wanted = new Set(targets.map(target => keyText(keyOf(target))));
  const live = managed.of(application);
  const resources = [
    ...targets.map(target => targetStatus(target, store)),
    ...live
      .filter(object => !wanted.has(keyText(keyOf(object))))
      .map(extraStatus),
  ].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  const sync = resources.some(resource => resource.status === 'OutOfSync')
    ? 'OutOfSync'
    : 'Synced';
  if (!store.reachable) {
    return {
      sync,
      health: status.health.status,
      resources: resources.map(resource =>
        withHealthOf(resource, status.resources ?? []),
      ),
      images: status.summary.images ?? [],
    };
  }
  return {
    sync,
    health: applicationHealth(resources),
    resources,
    images: imagesOf(resourceTree(store, live)),
  };
}

function withHealthOf(
  resource: ResourceStatus,
  before: readonly ResourceStatus[],
): ResourceStatus {
  const known = before.find(item => sortKey(item) === sortKey(resource));
  return known?.health ? { ...resource, health: known.health } : resource;
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
    status: live && !differs(store, target) ? 'Synced' : 'OutOfSync',
    ...(health ? { health } : {}),
  };
}

/** What the cluster would refuse is different too; a sync then says why. */
function differs(store: ClusterStore, target: KubernetesObject): boolean {
  try {
    return store.differs(target);
  } catch {
    return true;
  }
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
