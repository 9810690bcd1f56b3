import { JsonObject } from '@backstage/types';
import { Application, ArgoCdReader, OpenApplication } from './argocd/types';
import {
  AnalysisRunRow,
  ApplicationRow,
  EventRow,
  JobRow,
  ObjectOrigin,
  ObjectRow,
  PodRow,
  WorkloadRow,
} from './rows';

/**
 * How the fleet reaches a cluster. The kubernetes module makes these from what the Kubernetes plugin located.
 *
 * @public
 */
export interface FleetCluster {
  name: string;
  title?: string;
  /** Address of the API server. */
  url: string;
  /** Certificates in PEM, base64 encoded as in a kubeconfig. */
  caData?: string;
  skipTLSVerify?: boolean;
  /**
   * Asked before a connection and again when the API server answers 401 or the credential's end is near. Never logged.
   */
  credential(): Promise<{
    token?: string;
    clientCert?: { cert: string; key: string };
    expiresAt?: Date;
  }>;
  /**
   * Kinds to be watched besides those that always are, where the cluster serves them: custom resources, and what the standard
   * Kubernetes tab shows. Secrets and ConfigMaps are never watched.
   */
  resources?: ResourceName[];
}

/**
 * A cluster that the portal knows, and the fleet cannot watch.
 *
 * @public
 */
export interface UnwatchedCluster {
  name: string;
  title?: string;
  url: string;
  /** Why, in words that follow 'is not watched: '. */
  notWatched: string;
}

/** A kind as addresses name it. @public */
export interface ResourceName {
  /** Empty for the core group. */
  group: string;
  version: string;
  plural: string;
}

/** @public */
export type ConnectionState =
  | 'connecting'
  | 'live'
  /** Cannot be reached: the last state is kept and marked. */
  | 'unreachable';

/** @public */
export interface ClusterStatus {
  name: string;
  title?: string;
  url: string;
  /** 'not-watched': known to the portal, and nothing of it is in memory; `problem` says why. */
  state: ConnectionState | 'not-watched';
  /** ISO time since which the state holds. */
  since: string;
  /** ISO time of the last word (event, bookmark or list) from it. */
  asOf?: string;
  /** Plain words for screens, without host names. */
  problem?: string;
  kinds: Array<{
    /** `Pod`, `Rollout`; `Certificate.cert-manager.io` for a kind of somebody else's group. */
    kind: string;
    state: ConnectionState | 'not-readable';
    /** Highest resourceVersion seen. */
    resourceVersion?: string;
  }>;
}

/** @public */
export interface ArgoInstanceStatus {
  name: string;
  /** Address people open. */
  url?: string;
  state: ConnectionState | 'not-readable';
  since: string;
  asOf?: string;
  problem?: string;
  applications: number;
}

/** All given fields must match. @public */
export interface ObjectQuery {
  cluster?: string;
  namespace?: string;
  name?: string;
  labels?: Readonly<Record<string, string>>;
  ownerUid?: string;
  uid?: string;
  /** Of any container, exactly as the spec says it. Looked for among what the other fields find, for it has no index. */
  image?: string;
}

/** Objects that somebody waits for. @public */
export interface FirstRead {
  /** All, where not given. */
  cluster?: string;
  namespace?: string;
  labels?: Readonly<Record<string, string>>;
}

/** @public */
export interface ResourceQuery extends ObjectQuery {
  resource: ResourceName;
}

/** @public */
export interface ApplicationQuery {
  instance?: string;
  namespace?: string;
  name?: string;
  project?: string;
  labels?: Readonly<Record<string, string>>;
  /** Equals the annotation `backstage.io/entity-ref` or `switchyard/entity-ref`. */
  entityRef?: string;
}

/** @public */
export interface ApplicationRef {
  instance: string;
  namespace: string;
  name: string;
}

/** What changed, for whoever maps objects to entities. @public */
export type FleetChange =
  | {
      type: 'object';
      /** As in the kinds of {@link ClusterStatus}. */
      kind: string;
      cluster: string;
      row:
        | PodRow
        | WorkloadRow
        | JobRow
        | EventRow
        | AnalysisRunRow
        | ObjectRow;
      deleted: boolean;
      /** Only the version is another than before: no screen shows a difference. */
      same?: true;
    }
  | { type: 'application'; row: ApplicationRow; deleted: boolean }
  /** A full Application that is looked at came or changed. */
  | { type: 'full-application'; ref: ApplicationRef; deleted: boolean }
  | { type: 'cluster'; cluster: string }
  | { type: 'argo-instance'; instance: string };

/**
 * The read model. Every answer comes from memory; nothing here waits for a remote system unless it says so.
 *
 * @public
 */
export interface FleetReader {
  clusters(): ClusterStatus[];
  argoInstances(): ArgoInstanceStatus[];
  /** Deployments, StatefulSets, DaemonSets, CronJobs and Rollouts. */
  workloads(query: ObjectQuery): WorkloadRow[];
  replicaSets(query: ObjectQuery): WorkloadRow[];
  pods(query: ObjectQuery): PodRow[];
  jobs(query: ObjectQuery): JobRow[];
  analysisRuns(query: ObjectQuery): AnalysisRunRow[];
  /**
   * Objects of any kind that is held whole, by the name of the kind: also of custom resources. None where the kind is not held: ask
   * {@link FleetReader.held} whether it is.
   */
  resources(query: ResourceQuery): ObjectRow[];
  /**
   * Whether a cluster's objects of a kind are in memory, and how fresh: `undefined` where the fleet does not watch the kind in that
   * cluster, as it is not among those to be watched, the cluster does not serve it, or that is not known yet.
   */
  held(
    cluster: string,
    resource: ResourceName,
  ): ConnectionState | 'not-readable' | undefined;
  /** Events about an object, newest last. */
  eventsAbout(about: { cluster: string; uid: string }): EventRow[];
  applications(query: ApplicationQuery): ApplicationRow[];
  application(ref: ApplicationRef): ApplicationRow | undefined;
  /**
   * The whole object (pod, workload, job, analysis run, custom resource) as the API server gave it, without managedFields and last-applied. Parsed on demand, a copy of the
   * caller's own. Events are kept as rows only.
   */
  object(ref: { cluster: string; uid: string }): JsonObject | undefined;
  /** Who writes the object: what its managedFields and last-applied said. Pods, workloads and jobs. */
  origin(ref: { cluster: string; uid: string }): ObjectOrigin | undefined;
}

/**
 * The fleet as a root service: one set of watches for all plugins of a backend.
 *
 * @public
 */
export interface FleetService extends FleetReader {
  /** Called by the kubernetes module. A second call throws. Asked again now and then: clusters may come and go. */
  setClusterSource(
    source: () => Promise<Array<FleetCluster | UnwatchedCluster>>,
  ): void;
  /**
   * Says that somebody waits for these objects. Clusters that are still being read for the first time read them before all others; where
   * that is over, nothing happens. Answers at once, and asked for the same again it does nothing.
   */
  readFirst(queries: readonly FirstRead[]): void;
  /** The same of Applications: instances that have not told of all of theirs yet are asked for these (remote). */
  readApplicationsFirst(queries: readonly ApplicationQuery[]): void;
  /** Rings after the change is readable. The listener must not throw and not wait. Returns the way to stop. */
  subscribe(listener: (change: FleetChange) => void): () => void;
  /** Resolves when `predicate` holds; it is asked at once and after each change. Rejects when the signal aborts. */
  until<T>(
    predicate: () => T | undefined,
    options: { signal: AbortSignal },
  ): Promise<T>;
  /**
   * The client that asks an Argo CD instance itself (remote).
   *
   * @throws NotFoundError when no instance of that name is configured
   */
  argo(instance: string): ArgoCdReader;
  /**
   * Says that somebody looks at this Application: the full one is kept from now on, until nobody has for ten minutes or too many
   * others were looked at since. Answers from memory at once; `undefined` until it has come. Its arrival rings as a change.
   */
  lookAt(ref: ApplicationRef): Application | undefined;
  /** The full Application if it is kept, without asking for it to be. Keeps its last state while Argo CD cannot be reached. */
  fullApplication(ref: ApplicationRef): Application | undefined;
  /**
   * Opens the full stream of an Application and resolves once its present state is known (remote). For runs, before they change it.
   * Closed by `close()` or when the signal aborts.
   *
   * @throws ArgoCdError when Argo CD does not have it, forbids it or cannot be reached
   */
  openApplication(
    ref: ApplicationRef,
    options: { signal: AbortSignal },
  ): Promise<OpenApplication>;
  /** Lines of a container's log, straight from the API server (remote). */
  podLogs(request: PodLogsRequest): Promise<AsyncIterable<string>>;
  /**
   * What the pods of a namespace use (remote, at most every 15 s, one request for all who ask meanwhile). What cannot be known is said in the
   * answer.
   *
   * @throws NotFoundError when no such cluster is watched, InputError, and the signal's reason
   */
  podMetrics(
    place: { cluster: string; namespace: string },
    options: { signal: AbortSignal },
  ): Promise<NamespaceMetrics>;
}

/** What a pod used when it was measured last. @public */
export interface PodUsage {
  /** ISO time of the measurement, by the cluster's clock. */
  at?: string;
  containers: Array<{
    name: string;
    /** Cores. */
    cpu?: number;
    /** Bytes. */
    memory?: number;
  }>;
}

/**
 * Answer of the metrics API for a namespace. `none`: the cluster has no such API; `not-readable`: it may not be read; `unavailable`: it does not
 * answer, what was measured shortly before is kept.
 *
 * @public
 */
export interface NamespaceMetrics {
  state: 'read' | 'none' | 'not-readable' | 'unavailable';
  /** What is wrong, ready to show. */
  why?: string;
  /** When it was asked, where there is something to show. */
  asOf?: string;
  /** By name of the pod. */
  pods: ReadonlyMap<string, PodUsage>;
}

/** @public */
export interface PodLogsRequest {
  cluster: string;
  namespace: string;
  pod: string;
  container: string;
  previous?: boolean;
  follow?: boolean;
  tailLines?: number;
  /** Only what was written in the last so many seconds, by the cluster's clock. */
  sinceSeconds?: number;
  /** Only what was written since, in RFC 3339, to the second; not with `sinceSeconds`. */
  sinceTime?: string;
  timestamps?: boolean;
  signal: AbortSignal;
}
