/**
 * Rows of the read model: what screens sort, filter and join by. Times are ISO strings as the API server wrote them.
 */

/** What a container asks for and may use at most, as its spec writes it: `250m`, `512Mi`. @public */
export interface ContainerResources {
  cpuRequest?: string;
  memoryRequest?: string;
  cpuLimit?: string;
  memoryLimit?: string;
}

/** A container of a pod. @public */
export interface ContainerRow {
  name: string;
  kind: 'container' | 'init' | 'sidecar' | 'ephemeral';
  /** As in the spec: what was asked for. */
  image: string;
  /** As in the status, without the scheme: `registry/repo@sha256:…`. */
  imageId?: string;
  ready: boolean;
  restarts: number;
  state: 'waiting' | 'running' | 'terminated' | 'unknown';
  /** Of the present state: CrashLoopBackOff, ImagePullBackOff, Completed, Error … */
  reason?: string;
  message?: string;
  exitCode?: number;
  signal?: number;
  startedAt?: string;
  /** Shared by all containers that ask for the same. */
  resources?: Readonly<ContainerResources>;
  /** Of the state before this one. */
  last?: {
    reason?: string;
    exitCode?: number;
    signal?: number;
    message?: string;
    finishedAt?: string;
  };
}

/** What every object of a cluster has. @public */
export interface ObjectRow {
  cluster: string;
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  resourceVersion: string;
  labels: Readonly<Record<string, string>>;
  createdAt: string;
  deletedAt?: string;
  /** The controlling owner. */
  owner?: { kind: string; name: string; uid: string };
}

/**
 * What is kept of an object's managedFields and last-applied annotation: who writes it, in which API version.
 *
 * @public
 */
export interface ObjectOrigin {
  managers: Array<{
    manager: string;
    /** Apply or Update. */
    operation: string;
    apiVersion: string;
    time?: string;
    subresource?: string;
  }>;
  /** `apiVersion` of the manifest that was last applied with kubectl. */
  lastAppliedApiVersion?: string;
}

/** @public */
export interface PodRow extends ObjectRow {
  phase: string;
  ready: boolean;
  /** Why it is not ready, in the words of Kubernetes: 'ImagePullBackOff', 'Unschedulable', 'ContainersNotReady'. */
  reason?: string;
  message?: string;
  node?: string;
  zone?: string;
  podIp?: string;
  readyAt?: string;
  /** Of one that is being deleted: what keeps it until somebody takes these away. */
  finalizers?: readonly string[];
  containers: ContainerRow[];
}

/** Deployment, StatefulSet, DaemonSet, ReplicaSet, CronJob; a Rollout, made of its ReplicaSets where the fleet does not hold it. @public */
export interface WorkloadRow extends ObjectRow {
  generation: number;
  observedGeneration: number;
  selector: Readonly<Record<string, string>>;
  desired: number;
  /** Pods at the newest template. */
  updated: number;
  ready: number;
  available: number;
  unavailable: number;
  /** `deployment.kubernetes.io/revision`, `rollout.argoproj.io/revision`. */
  revision?: number;
  containers: Array<{
    name: string;
    image: string;
    kind: ContainerRow['kind'];
  }>;
  conditions: Array<{
    type: string;
    status: string;
    reason?: string;
    message?: string;
    at?: string;
  }>;
  /** Entity that the object itself names (`backstage.io/entity-ref` or `switchyard/entity-ref`): consent. */
  entityRef?: string;
  /** `argocd.argoproj.io/tracking-id`. */
  trackingId?: string;
  /** Where its kind is Rollout: how far Argo Rollouts is. */
  rollout?: RolloutProgress;
}

/** What Argo Rollouts says of a Rollout. @public */
export interface RolloutProgress {
  strategy: 'canary' | 'blueGreen' | 'unknown';
  /** Progressing, Paused, Healthy, Degraded; missing before Argo Rollouts looked at it. */
  phase?: string;
  message?: string;
  /**
   * Since when it waits, and for what: CanaryPauseStep, BlueGreenPause, InconclusiveAnalysisRun …; without `seconds` it waits until
   * somebody promotes it.
   */
  paused?: { reason: string; since?: string; seconds?: number };
  aborted: boolean;
  /** Somebody has paused it whole (`spec.paused`): no step is taken until it is resumed. */
  pausedByHand?: true;
  /** Of a canary with steps: how many are done, of how many, and what the present one is: setWeight, pause, analysis … */
  steps?: { done: number; of: number; present?: string };
  /** Share, in percent, that the new version has: of the traffic where it is routed, else of the pods as the steps want it. */
  weight?: number;
  /** `rollouts-pod-template-hash` of the version that is safe, and of the one that comes. */
  stableHash?: string;
  currentHash?: string;
  /** The workload whose template it uses, instead of one of its own. */
  workloadRef?: { kind: string; name: string };
}

/** An AnalysisRun of Argo Rollouts. @public */
export interface AnalysisRunRow extends ObjectRow {
  /** Pending, Running, Successful, Failed, Error, Inconclusive. */
  phase: string;
  message?: string;
  startedAt?: string;
  metrics: Array<{
    name: string;
    phase: string;
    message?: string;
    successful: number;
    failed: number;
    inconclusive: number;
    errors: number;
    /** Newest measurement. */
    value?: string;
    at?: string;
  }>;
}

/** @public */
export interface JobRow extends ObjectRow {
  active: number;
  succeeded: number;
  failed: number;
  startedAt?: string;
  finishedAt?: string;
  /** 'Complete' or 'Failed' once it ended. */
  condition?: { type: string; reason?: string; message?: string };
  containers: Array<{
    name: string;
    image: string;
    kind: ContainerRow['kind'];
  }>;
  /** Entity that the Job itself names: consent. */
  entityRef?: string;
}

/** @public */
export interface EventRow extends ObjectRow {
  type: string;
  reason: string;
  message: string;
  count: number;
  lastAt: string;
  about: {
    kind: string;
    namespace: string;
    name: string;
    uid?: string;
    /** Where it is about one container of a pod. */
    container?: string;
  };
}

/** @public */
export interface ApplicationSource {
  repoURL: string;
  path?: string;
  targetRevision?: string;
  chart?: string;
  ref?: string;
  helm?: {
    valueFiles?: string[];
    ignoreMissingValueFiles?: boolean;
    parameters?: Array<{ name: string; value: string }>;
    /** YAML; `valuesObject` wins over it. */
    values?: string;
    valuesObject?: Record<string, unknown>;
  };
  kustomize?: { images?: string[] };
  directory?: { recurse?: boolean };
}

/**
 * An Argo CD Application as the narrow stream gives it: no history, conditions or operation message (Argo CD's `fields` does not pass them).
 *
 * @public
 */
export interface ApplicationRow {
  /** Name of the Argo CD instance in `argocd.appLocatorMethods`. */
  instance: string;
  namespace: string;
  name: string;
  project: string;
  labels: Readonly<Record<string, string>>;
  /** Only those that join, e.g. `backstage.io/entity-ref`. */
  annotations: Readonly<Record<string, string>>;
  destination: { server?: string; name?: string; namespace?: string };
  sources: ApplicationSource[];
  multiSource: boolean;
  autoSync: { enabled: boolean; prune: boolean; selfHeal: boolean };
  sync: { status: string; revisions: string[] };
  health: { status: string };
  operation?: {
    phase?: string;
    startedAt?: string;
    finishedAt?: string;
    revisions: string[];
    initiatedBy?: string;
    automated?: boolean;
  };
  /** Images of the live tree; holds those of hook jobs and old pods too. */
  images: string[];
  resources: Array<{
    group: string;
    version: string;
    kind: string;
    namespace: string;
    name: string;
    status?: string;
    health?: string;
    hook?: boolean;
  }>;
  /** Address of the Application in Argo CD's own UI, where one is configured. */
  url?: string;
  /** ISO time at which the fleet last heard of it. */
  observedAt: string;
}
