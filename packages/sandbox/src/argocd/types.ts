import { KubernetesObject } from '../kubernetes/types';

/** Application and AppProject as Argo CD's API gives them. */
export interface ApplicationSource {
  repoURL: string;
  path?: string;
  /** Name of a chart, where `repoURL` is a Helm repository. */
  chart?: string;
  /** Name by which other sources find this one's files: `$values/…`. */
  ref?: string;
  targetRevision?: string;
  helm?: {
    releaseName?: string;
    valueFiles?: string[];
    values?: string;
    valuesObject?: Record<string, unknown>;
    parameters?: Array<{ name: string; value: string; forceString?: boolean }>;
  };
  kustomize?: { images?: string[] };
}

export interface Destination {
  server?: string;
  name?: string;
  namespace?: string;
}

export interface RetryStrategy {
  limit?: number;
  backoff?: { duration?: string; factor?: number; maxDuration?: string };
}

export interface ResourceSelector {
  group?: string;
  kind: string;
  name: string;
  namespace?: string;
}

export interface SyncOperation {
  revision?: string;
  revisions?: string[];
  prune?: boolean;
  dryRun?: boolean;
  resources?: ResourceSelector[];
  source?: ApplicationSource;
  sources?: ApplicationSource[];
  syncOptions?: string[];
  syncStrategy?: { apply?: { force?: boolean }; hook?: { force?: boolean } };
  autoHealAttemptsCount?: number;
}

export interface Operation {
  sync: SyncOperation;
  initiatedBy: { username?: string; automated?: boolean };
  info?: Array<{ name?: string; value?: string }>;
  retry: RetryStrategy;
}

export type OperationPhase =
  | 'Running'
  | 'Terminating'
  | 'Failed'
  | 'Error'
  | 'Succeeded';
export type SyncPhase = 'PreSync' | 'Sync' | 'PostSync' | 'SyncFail';

export interface ResourceResult {
  group: string;
  version: string;
  kind: string;
  namespace: string;
  name: string;
  status?: 'Synced' | 'SyncFailed' | 'Pruned' | 'PruneSkipped';
  message?: string;
  hookType?: string;
  hookPhase?: OperationPhase;
  syncPhase: SyncPhase;
  images?: string[];
}

export interface OperationState {
  operation: Operation;
  phase: OperationPhase;
  message?: string;
  startedAt: string;
  finishedAt?: string;
  retryCount?: number;
  syncResult?: {
    revision?: string;
    revisions?: string[];
    source?: ApplicationSource;
    sources?: ApplicationSource[];
    resources?: ResourceResult[];
  };
}

export type HealthStatus =
  | 'Healthy'
  | 'Suspended'
  | 'Progressing'
  | 'Missing'
  | 'Degraded'
  | 'Unknown';

export interface Health {
  status: HealthStatus;
  message?: string;
  lastTransitionTime?: string;
}

export interface ResourceStatus {
  group?: string;
  version: string;
  kind: string;
  namespace?: string;
  name: string;
  status?: 'Synced' | 'OutOfSync' | 'Unknown';
  health?: Health;
  hook?: boolean;
  requiresPruning?: boolean;
  syncWave?: number;
}

export interface HistoryEntry {
  id: number;
  revision?: string;
  revisions?: string[];
  source?: ApplicationSource;
  sources?: ApplicationSource[];
  deployStartedAt: string;
  deployedAt: string;
  initiatedBy: { username?: string; automated?: boolean };
}

export interface Condition {
  type: string;
  message: string;
  lastTransitionTime: string;
}

export type SourceType = 'Directory' | 'Helm' | 'Kustomize';

export interface ApplicationStatus {
  sync: {
    status: 'Synced' | 'OutOfSync' | 'Unknown';
    revision?: string;
    revisions?: string[];
    comparedTo: {
      source?: ApplicationSource;
      sources?: ApplicationSource[];
      destination: Destination;
    };
  };
  health: Health;
  history?: HistoryEntry[];
  conditions?: Condition[];
  reconciledAt?: string;
  operationState?: OperationState;
  sourceType?: SourceType;
  sourceTypes?: SourceType[];
  summary: { images?: string[] };
  resources?: ResourceStatus[];
  controllerNamespace: string;
  resourceHealthSource: 'appTree';
}

export interface Application {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    resourceVersion: string;
    generation: number;
    creationTimestamp: string;
    deletionTimestamp?: string;
    finalizers?: string[];
    ownerReferences?: KubernetesObject['metadata']['ownerReferences'];
    labels: Record<string, string>;
    annotations: Record<string, string>;
  };
  spec: {
    project: string;
    source?: ApplicationSource;
    sources?: ApplicationSource[];
    destination: Destination;
    syncPolicy?: {
      automated?: { prune?: boolean; selfHeal?: boolean; enabled?: boolean };
      syncOptions?: string[];
      retry?: RetryStrategy;
    };
    revisionHistoryLimit?: number;
  };
  status: ApplicationStatus;
  operation?: Operation;
}

export interface SyncWindow {
  kind: 'allow' | 'deny';
  /** Five cron fields. */
  schedule: string;
  /** `90m`, `1h30m` */
  duration: string;
  timeZone?: string;
  applications?: string[];
  namespaces?: string[];
  clusters?: string[];
  manualSync?: boolean;
  andOperator?: boolean;
  description?: string;
}

export interface AppProject {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    resourceVersion: string;
    generation: number;
    creationTimestamp: string;
  };
  spec: {
    description: string;
    sourceRepos: string[];
    /** Namespaces besides its own from which Argo CD takes Applications into the project. */
    sourceNamespaces?: string[];
    destinations: Destination[];
    roles: Array<{
      name: string;
      description?: string;
      policies?: string[];
      groups?: string[];
    }>;
    syncWindows?: SyncWindow[];
  };
  status: Record<string, never>;
}

/** Namespace of Argo CD itself; Applications in others are named with theirs. */
export const ARGOCD_NAMESPACE = 'argocd';

/** One name for an Application of any namespace, as Argo CD writes it into tracking annotations. */
export function applicationKey(name: string, namespace?: string): string {
  return namespace && namespace !== ARGOCD_NAMESPACE
    ? `${namespace}_${name}`
    : name;
}

export function keyOfApplication({
  metadata,
}: Pick<Application, 'metadata'>): string {
  return applicationKey(metadata.name, metadata.namespace);
}

/** Names one object of a cluster, as Argo CD keys it. */
export interface ResourceKey {
  group: string;
  kind: string;
  namespace: string;
  name: string;
}

export function groupOf(object: { apiVersion: string }): string {
  const slash = object.apiVersion.indexOf('/');
  return slash < 0 ? '' : object.apiVersion.slice(0, slash);
}

export function versionOf(object: { apiVersion: string }): string {
  return object.apiVersion.slice(object.apiVersion.indexOf('/') + 1);
}

export function keyOf(object: KubernetesObject): ResourceKey {
  return {
    group: groupOf(object),
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
  };
}

/** `apps/Deployment/storefront/orders`: an index key, and what Argo CD writes into messages without the namespace. */
export function keyText(key: ResourceKey): string {
  return `${key.group}/${key.kind}/${key.namespace}/${key.name}`;
}

export const TRACKING_ANNOTATION = 'argocd.argoproj.io/tracking-id';

/** Value of the annotation by which Argo CD knows its own objects: `orders-blue:apps/Deployment:storefront/orders`. */
export function trackingId(application: string, key: ResourceKey): string {
  return `${application}:${key.group}/${key.kind}:${key.namespace}/${key.name}`;
}

/** The application that a live object says it belongs to; undefined for copies of the annotation on objects that were made from others. */
export function trackedBy(object: KubernetesObject): string | undefined {
  const id = object.metadata.annotations?.[TRACKING_ANNOTATION];
  const colon = id?.indexOf(':') ?? -1;
  if (!id || colon < 0) {
    return undefined;
  }
  const application = id.slice(0, colon);
  return trackingId(application, keyOf(object)) === id
    ? application
    : undefined;
}
