/**
 * - `conflict`: the object has changed since.
 * - `not-found`: the cluster does not have it.
 * - `forbidden`: the portal's account lacks a right, or its credential is not accepted.
 * - `refused`: the API server or a webhook in it understood and said no.
 * - `unreachable`: no connection, no answer in time, or an answer that only a broken or overloaded server gives.
 *
 * @public
 */
export type KubernetesWriteErrorKind =
  | 'conflict'
  | 'not-found'
  | 'forbidden'
  | 'refused'
  | 'unreachable';

/**
 * Why an object of a cluster could not be changed, in a message that may be shown: it names the cluster, never a host or a token.
 *
 * @public
 */
export class KubernetesWriteError extends Error {
  override readonly name = 'KubernetesWriteError';
  readonly kind: KubernetesWriteErrorKind;
  readonly cluster: string;
  /** `unknown` when it may have been carried out although no answer came. */
  readonly outcome: 'not-done' | 'unknown';

  constructor(options: {
    kind: KubernetesWriteErrorKind;
    cluster: string;
    message: string;
    outcome?: 'not-done' | 'unknown';
  }) {
    super(options.message);
    this.kind = options.kind;
    this.cluster = options.cluster;
    this.outcome = options.outcome ?? 'not-done';
  }
}
