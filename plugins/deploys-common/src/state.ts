import { MigrationState } from './migration';
import { RolloutState } from './rollout';

/**
 * How fresh a part of the state is. 'not-readable' (no permission), 'unreachable' (last state kept), 'connecting' (not looked at yet) and
 * 'not-watched' (known to the portal, nothing of it in memory) are different things.
 *
 * @public
 */
export interface SourceState {
  /** `cluster:prod-blue` or `argocd:main`. */
  id: string;
  name: string;
  state: 'live' | 'unreachable' | 'not-readable' | 'connecting' | 'not-watched';
  since: string;
  /** Left out for live ones: there it is as of now. */
  asOf?: string;
  problem?: string;
}

/**
 * What a service's version is: the image of `switchyard/image`, else of the only container that is no known sidecar, else all.
 *
 * @public
 */
export interface VersionState {
  /** The tag, or the shortened digest. Undefined where nothing runs or several images are equal candidates. */
  version?: string;
  images: Array<{
    container: string;
    image: string;
    tag?: string;
    digest?: string;
  }>;
}

/** @public */
export interface ConsentState {
  given: boolean;
  by?: 'annotation' | 'binding';
  /** What is missing and where it would have to be added, ready to show. */
  why: string;
}

/**
 * One line of the Deploy card: the entity in one environment and cluster, by one Application or without any.
 *
 * @public
 */
export interface DeploymentState {
  /** Stable over time: environment, cluster, namespace, application. */
  id: string;
  environment: string;
  /** Of the fleet; undefined when Argo CD's destination cannot be joined to any. */
  cluster?: string;
  /** Argo CD's word for the destination where it cannot be joined. */
  unjoinedDestination?: string;
  namespace?: string;
  version: VersionState;
  /** The wanted images differ from what the pods run, or pods run several. */
  drift?: { kind: 'peers' | 'rolling'; message: string };
  application?: {
    instance: string;
    namespace: string;
    name: string;
    project: string;
    url?: string;
    sync: string;
    health: string;
    autoSync: boolean;
    revision?: string;
    operation?: {
      phase: string;
      message?: string;
      startedAt?: string;
      finishedAt?: string;
    };
    /** Argo CD's Healthy is greyed while the cluster cannot be reached. */
    healthIsStale: boolean;
    /** Age of Argo CD's words; only where the fleet does not see the cluster itself. */
    reconciledAt?: string;
    lastDeploy?: { at: string; by?: string; revision?: string };
    /** The version was set in the Application itself, by a run: Git does not say so. */
    override?: { version: string; at: string; run: string; number: number };
  };
  /** Left out where nothing says that there is one. */
  migration?: MigrationState;
  consent: ConsentState;
  workloads: WorkloadState[];
}

/** @public */
export interface WorkloadState {
  kind: string;
  name: string;
  namespace: string;
  uid: string;
  desired: number;
  ready: number;
  updated: number;
  available: number;
  images: string[];
  /** For example 'ProgressDeadlineExceeded: …'. */
  problem?: string;
  /** Of a Rollout of Argo Rollouts. */
  rollout?: RolloutState;
  /** Of the workload itself, which decides about logs; left out where it is the same as the deployment's. */
  consent?: ConsentState;
  pods: PodState[];
}

/** @public */
export interface PodState {
  name: string;
  uid: string;
  phase: string;
  ready: boolean;
  /** Ready containers of all, e.g. 1 and 2. */
  containersReady: number;
  containers: PodContainerState[];
  /** Why it is not ready, in plain words, with what is known: image pull answer, exit code, probe message. */
  reason?: string;
  message?: string;
  /** Not ready for a reason that ends by itself in normal life: it is being started, or its probe fails in the first moments of a rollout. */
  starting?: boolean;
  restarts: number;
  lastRestart?: { reason?: string; exitCode?: number; at?: string };
  node?: string;
  zone?: string;
  createdAt: string;
  terminating?: boolean;
  /** Of one that is terminating: when it should have gone at the latest, by its grace period. */
  goneBy?: string;
  /** Tag or digest of the main image; marked when it is not the one the workload wants. */
  version?: string;
  outdated?: boolean;
}

/** @public */
export interface PodContainerState {
  name: string;
  kind: 'container' | 'init' | 'sidecar' | 'ephemeral';
  image: string;
  ready: boolean;
  restarts: number;
  state: string;
  reason?: string;
}

/**
 * Answer of `GET /v1/entities/:kind/:namespace/:name/state`: everything of deploys that an entity page shows, in one call.
 *
 * @public
 */
export interface EntityDeploysState {
  entityRef: string;
  /** When the live source that was silent longest was last heard of. No part of the hash. */
  asOf: string;
  /** Signal channel that rings when any of this changed; opaque. */
  channel: string;
  hash: string;
  /** One sentence: '1 of 2 clusters runs an older version'. */
  summary: {
    tone: 'ok' | 'progressing' | 'warning' | 'error' | 'unknown';
    text: string;
  };
  /** Ordered: what is wrong first, then by environment order and cluster. */
  deployments: DeploymentState[];
  sources: SourceState[];
  /** Highest resourceVersion per source and kind or Application, e.g. `cluster:prod-blue/Pod`, `argocd:main/orders-blue`. No part of the hash. */
  versions: Record<string, string>;
  /** Annotations that are missing, malformed or contradict each other; ready to show, with an example. */
  problems: Array<{ what: string; why: string; example?: string }>;
  /** Of the person who asks, for each environment and cluster of the deployments. No part of the hash, which is the same for everybody. */
  logs: LogsGrant[];
  /** The same for terminals; left out where the portal has none. */
  terminals?: LogsGrant[];
  /** The same for single commands; left out where the portal has none. */
  commands?: LogsGrant[];
}

/**
 * Whether the person who asks may read logs of pods (or open terminals, or run commands) in one environment and cluster. It is what the permissions say; the consent of the target
 * is needed besides.
 *
 * @public
 */
export type LogsGrant = {
  environment: string;
  cluster: string;
  /** False when this person could never do it, wherever. */
  visible: boolean;
} & (
  | { allowed: true }
  | {
      allowed: false;
      /** Ready to show. */
      why: string;
      /** Entity refs of those who own the component: to be asked, though not all of them may. */
      ask: string[];
    }
);

/** Message of a signal on a channel of deploys. @public */
export type DeploysSignal = {
  hash: string;
};
