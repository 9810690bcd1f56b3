import { createApiRef } from '@backstage/core-plugin-api';
import {
  DeploymentDetails,
  DeploymentDiff,
  DeploymentHistory,
  DeploymentTree,
  DeploymentWindows,
  EntityDeploysState,
  ImageVersions,
  LogRecord,
  PodEvents,
  PodsMetrics,
} from '@switchyard/backstage-plugin-deploys-common';

/**
 * Which log to read.
 *
 * @public
 */
export interface LogsRequest {
  /** The entity whose page asks: it decides whether the pod may be looked into. */
  entityRef: string;
  cluster: string;
  namespace: string;
  pod: string;
  container: string;
  /** The log of the container before its last restart. */
  previous?: boolean;
  /** How many of the newest lines to begin with. */
  tail?: number;
  /** Go on with what the container writes from now on. */
  follow?: boolean;
  /** Each line begins with the time that the container runtime noted, in RFC 3339 with nanoseconds, and a space. */
  timestamps?: boolean;
}

/**
 * Which logs to read as one: of all pods of a workload or of some, of one container or of all.
 *
 * @public
 */
export interface WorkloadLogRequest {
  /** The entity whose page asks. */
  entityRef: string;
  cluster: string;
  namespace: string;
  workload: { kind: string; name: string };
  /** Without any, all. */
  pods?: string[];
  container?: string;
  previous?: boolean;
  /** How many of the newest lines of each container to begin with. */
  tail?: number;
  /** Only what was written in the last so many seconds. */
  since?: number;
  follow?: boolean;
}

/** @public */
export interface PodRef {
  cluster: string;
  namespace: string;
  pod: string;
}

/**
 * What opens below a line of the Deploy card; each is read when somebody looks at it.
 *
 * @public
 */
export interface DeploymentParts {
  details: DeploymentDetails;
  history: DeploymentHistory;
  windows: DeploymentWindows;
  tree: DeploymentTree;
  diff: DeploymentDiff;
}

/**
 * The deploys backend, as browsers see it. Every method rejects with a `ResponseError` that carries the status and the reason.
 *
 * @public
 */
export interface DeploysApi {
  /** Everything of deploys that an entity page shows. The same object again when nothing has changed, unless it is to be read `anew`. */
  getEntityState(
    entityRef: string,
    options?: { anew?: boolean },
  ): Promise<EntityDeploysState>;
  /** The versions that the registries of an environment's clusters have, newest first. */
  getVersions(
    entityRef: string,
    environment: string,
    options?: { signal?: AbortSignal },
  ): Promise<ImageVersions>;
  /** One part of what is known of a deployment, by the id that the state gives it. */
  getDeploymentPart<TPart extends keyof DeploymentParts>(
    entityRef: string,
    deployment: string,
    part: TPart,
    options?: { signal?: AbortSignal },
  ): Promise<DeploymentParts[TPart]>;
  /** Text of a log as it comes, in pieces that may end in the middle of a line. Ends with the log, or when the signal is aborted. */
  readLogs(
    request: LogsRequest,
    options: { signal: AbortSignal },
  ): AsyncIterable<string>;
  /** Logs of several containers by time, in the pieces in which they come. Ends with the logs, or when the signal is aborted. */
  readWorkloadLog(
    request: WorkloadLogRequest,
    options: { signal: AbortSignal },
  ): AsyncIterable<LogRecord[]>;
  /** What Kubernetes said about a pod and what made it, newest last. */
  getPodEvents(
    entityRef: string,
    pod: PodRef,
    options?: { signal?: AbortSignal },
  ): Promise<PodEvents>;
  /** What the pods of an entity use. */
  getPodMetrics(
    entityRef: string,
    options?: { signal?: AbortSignal },
  ): Promise<PodsMetrics>;
}

/**
 * Ref of {@link DeploysApi}. The deploys plugin provides {@link DeploysClient} for it.
 *
 * @public
 */
export const deploysApiRef = createApiRef<DeploysApi>({
  id: 'plugin.deploys.api',
});
