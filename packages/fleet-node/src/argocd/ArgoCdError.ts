/**
 * - `refused`: Argo CD understood and said no (a sync window, an operation that runs already); its message is kept.
 * - `not-found`: it does not have the Application, or does not let us see it; without a project it says 403 for both.
 * - `forbidden`: the portal's account lacks a right.
 * - `unauthenticated`: the portal's token or password is not accepted: our configuration.
 * - `unreachable`: no connection, no answer in time, or an answer that only a broken or starting server gives.
 * - `unexpected`: an answer that makes no sense.
 *
 * @public
 */
export type ArgoCdErrorKind =
  | 'refused'
  | 'not-found'
  | 'forbidden'
  | 'unauthenticated'
  | 'unreachable'
  | 'unexpected';

// Backstage answers a request by the error's name. A remote system's 401 or 403 is our configuration, not the caller's doing.
const NAME_OF_KIND: Record<ArgoCdErrorKind, string> = {
  refused: 'ConflictError',
  'not-found': 'NotFoundError',
  forbidden: 'ServiceUnavailableError',
  unauthenticated: 'ServiceUnavailableError',
  unreachable: 'ServiceUnavailableError',
  unexpected: 'ServiceUnavailableError',
};

/**
 * What went wrong with an Argo CD instance, in a message that may be shown: it names the instance, never a host, address or token.
 *
 * @public
 */
export class ArgoCdError extends Error {
  readonly kind: ArgoCdErrorKind;
  /** Name of the instance in the configuration. */
  readonly instance: string;
  /** HTTP status of the answer, where there was one. */
  readonly status?: number;
  /** Argo CD's own words, where it gave any. */
  readonly argoMessage?: string;
  /** For a request that changes something: `unknown` when it may have been carried out although no answer came. */
  readonly outcome: 'not-done' | 'unknown';
  /** How long it asks not to be asked, within reason. */
  readonly retryAfterMs?: number;

  constructor(options: {
    kind: ArgoCdErrorKind;
    instance: string;
    message: string;
    status?: number;
    argoMessage?: string;
    outcome?: 'not-done' | 'unknown';
    retryAfterMs?: number;
  }) {
    super(options.message);
    this.name = NAME_OF_KIND[options.kind];
    this.kind = options.kind;
    this.instance = options.instance;
    this.status = options.status;
    this.argoMessage = options.argoMessage;
    this.outcome = options.outcome ?? 'not-done';
    this.retryAfterMs = options.retryAfterMs;
  }
}
