/**
 * How long the fleet waits for clusters. One place, so that tests can be fast and the documentation can be right.
 *
 * @internal
 */
export interface KubernetesTimings {
  connectTimeoutMs: number;
  /** To the header of an answer. */
  answerTimeoutMs: number;
  /** Silence within the body of a list. */
  bodyTimeoutMs: number;
  /** Silence on a watch; API servers send a bookmark about once a minute. */
  watchIdleTimeoutMs: number;
  /** The API server is asked to end a watch after this time (and up to twice as long), so that rights are looked at anew. */
  watchLengthMs: number;
  /** A watch that lasts this long works: one that ended sooner is opened again after a while that grows. */
  steadyWatchMs: number;
  /** Longest such while: what changes meanwhile is seen as much later. */
  watchPauseMaxMs: number;
  backoffBaseMs: number;
  backoffMaxMs: number;
  /** How often a kind that may not be read is tried again. */
  notReadableRetryMs: number;
  /** How often a kind that the server does not know is tried again. */
  unknownKindRetryMs: number;
  /** How often a server is asked which of the optional kinds it serves. */
  discoveryMs: number;
  /** How often a server is asked whether it is there, and how long it may take. */
  heartbeatMs: number;
  heartbeatTimeoutMs: number;
  /** How often the source of clusters is asked. */
  clusterSourceMs: number;
  /** A credential without a known end is asked for again after this time. */
  credentialAgeMs: number;
}

/** @internal */
export const DEFAULT_KUBERNETES_TIMINGS: KubernetesTimings = {
  connectTimeoutMs: 5_000,
  answerTimeoutMs: 15_000,
  bodyTimeoutMs: 15_000,
  watchIdleTimeoutMs: 90_000,
  watchLengthMs: 300_000,
  steadyWatchMs: 10_000,
  watchPauseMaxMs: 5_000,
  backoffBaseMs: 500,
  backoffMaxMs: 30_000,
  notReadableRetryMs: 120_000,
  unknownKindRetryMs: 600_000,
  discoveryMs: 300_000,
  heartbeatMs: 10_000,
  heartbeatTimeoutMs: 5_000,
  clusterSourceMs: 60_000,
  credentialAgeMs: 300_000,
};
