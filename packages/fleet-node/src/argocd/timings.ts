/**
 * How long the fleet waits for Argo CD.
 *
 * @internal
 */
export interface ArgoCdTimings {
  connectTimeoutMs: number;
  /** To the header of an answer, and of silence within it. */
  answerTimeoutMs: number;
  /** Of a whole answer. */
  requestTimeoutMs: number;
  /** Of the list of all Applications: a large Argo CD takes half a minute for it. */
  listTimeoutMs: number;
  /** Of one that compares or renders first. */
  refreshTimeoutMs: number;
  /** Argo CD sends a sign of life every 15 s on a stream: three are missing. */
  streamSilenceMs: number;
  /** How often the list is compared with what the stream has told. */
  relistMs: number;
  /** An Application that changed this shortly before a list began may differ from it: servers of one instance lag behind each other. */
  settleMs: number;
  backoffBaseMs: number;
  backoffMaxMs: number;
  /** A refused log-in is not repeated for this long: five within 300 s lock the account. */
  refusedLoginMs: number;
  /** Full Applications that nobody looked at for this long are dropped. */
  unlookedMs: number;
  /** Those that somebody waits for are read anew this often, should the stream have lost something. */
  rereadMs: number;
}

/** @internal */
export const DEFAULT_ARGOCD_TIMINGS: ArgoCdTimings = {
  connectTimeoutMs: 5_000,
  answerTimeoutMs: 15_000,
  requestTimeoutMs: 30_000,
  listTimeoutMs: 60_000,
  refreshTimeoutMs: 120_000,
  streamSilenceMs: 46_000,
  relistMs: 120_000,
  settleMs: 5_000,
  backoffBaseMs: 500,
  backoffMaxMs: 30_000,
  refusedLoginMs: 75_000,
  unlookedMs: 600_000,
  rereadMs: 30_000,
};
