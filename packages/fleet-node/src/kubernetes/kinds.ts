import { ResourceName } from '../types';

/** @internal */
export interface WatchedKind {
  /** What its objects are held and told under: its kind, with the group where another kind might have the same name. */
  key: string;
  kind: string;
  apiVersion: string;
  /** Below the API server's address, for all namespaces. */
  path: string;
  /** Whether the cluster's state is known only while this kind's is. */
  essential: boolean;
  /** Only metadata is asked for: the rest (a node's images …) would be thrown away. */
  metadataOnly: boolean;
}

function watched(
  kind: string,
  path: string,
  options: { essential?: boolean; metadataOnly?: boolean } = {},
): WatchedKind {
  const apiVersion = path.split('/').slice(2, -1).join('/');
  return {
    key: kind,
    kind,
    apiVersion,
    path,
    essential: options.essential ?? true,
    metadataOnly: options.metadataOnly ?? false,
  };
}

/**
 * Watched in every cluster. Only kinds in use: each one is a connection per cluster and replica of the portal.
 *
 * @internal
 */
export const WATCHED_KINDS: readonly WatchedKind[] = [
  // Nodes first: pods take their zone from them.
  watched('Node', '/api/v1/nodes', { essential: false, metadataOnly: true }),
  watched('Deployment', '/apis/apps/v1/deployments'),
  watched('ReplicaSet', '/apis/apps/v1/replicasets'),
  watched('StatefulSet', '/apis/apps/v1/statefulsets'),
  watched('DaemonSet', '/apis/apps/v1/daemonsets'),
  watched('CronJob', '/apis/batch/v1/cronjobs'),
  watched('Job', '/apis/batch/v1/jobs'),
  watched('Pod', '/api/v1/pods'),
  watched('Event', '/api/v1/events', { essential: false }),
];

const ROLLOUTS_GROUP = { group: 'argoproj.io', version: 'v1alpha1' };

/** Watched in every cluster that has Argo Rollouts. */
const ROLLOUTS_RESOURCES: readonly ResourceName[] = [
  { ...ROLLOUTS_GROUP, plural: 'rollouts' },
  { ...ROLLOUTS_GROUP, plural: 'analysisruns' },
];

/** Kinds of groups that belong to nobody else: no custom resource is mistaken for them. */
const OWN_KEYS: Readonly<Record<string, string>> = {
  'rollouts.argoproj.io': 'Rollout',
  'analysisruns.argoproj.io': 'AnalysisRun',
  'services.': 'Service',
  'ingresses.networking.k8s.io': 'Ingress',
  'horizontalpodautoscalers.autoscaling': 'HorizontalPodAutoscaler',
  'poddisruptionbudgets.policy': 'PodDisruptionBudget',
};

/** Their values must not be in memory, whoever asks for it; of Nodes and Events less than the whole is kept. */
const NEVER_HELD = new Set([
  'secrets.',
  'configmaps.',
  'events.',
  'events.events.k8s.io',
  'nodes.',
]);

/**
 * The kinds that a cluster may have besides those that are always watched.
 *
 * @internal
 */
export function optionalResources(
  asked: readonly ResourceName[] = [],
): ResourceName[] {
  const wanted = new Map<string, ResourceName>();
  for (const resource of [...ROLLOUTS_RESOURCES, ...asked]) {
    const name = `${resource.plural}.${resource.group}`;
    const path = pathOfResource(resource);
    // Two versions of one kind are the same objects: the first is taken.
    const isTaken =
      wanted.has(name) || WATCHED_KINDS.some(kind => kind.path === path);
    if (!isTaken && !NEVER_HELD.has(name)) wanted.set(name, resource);
  }
  return Array.from(wanted.values());
}

/** @internal */
export function discoveredKind(
  resource: ResourceName,
  kind: string,
): WatchedKind {
  const { group, version, plural } = resource;
  return {
    key: OWN_KEYS[`${plural}.${group}`] ?? `${kind}.${group}`,
    kind,
    apiVersion: group ? `${group}/${version}` : version,
    path: pathOfResource(resource),
    essential: false,
    metadataOnly: false,
  };
}

/** For all namespaces. @internal */
export function pathOfResource(resource: ResourceName): string {
  return `${pathOfGroup(resource)}/${encodeURIComponent(resource.plural)}`;
}

/** What the group serves is described there. @internal */
export function pathOfGroup({
  group,
  version,
}: Omit<ResourceName, 'plural'>): string {
  const name = encodeURIComponent(version);
  return group ? `/apis/${encodeURIComponent(group)}/${name}` : `/api/${name}`;
}
