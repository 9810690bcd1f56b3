/**
 * The API server answered, and said no. The message is the server's own.
 *
 * @internal
 */
export class KubernetesApiError extends Error {
  override readonly name = 'KubernetesApiError';
  readonly status: number;
  /** As in the Status object: Expired, Forbidden, NotFound … */
  readonly reason?: string;
  /** How long it asks not to be asked, within reason. */
  readonly retryAfterMs?: number;

  constructor(options: {
    status: number;
    reason?: string;
    message: string;
    retryAfterMs?: number;
  }) {
    super(options.message);
    this.status = options.status;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * @param body - what came with the status: a Status object, or anything where a proxy answered instead
 * @internal
 */
export function toKubernetesApiError(
  status: number,
  body: string,
  retryAfterMs?: number,
): KubernetesApiError {
  try {
    const { message, reason } = JSON.parse(body);
    if (typeof message === 'string') {
      return new KubernetesApiError({ status, reason, message, retryAfterMs });
    }
  } catch {
    // Not the API server's words: not worth showing.
  }
  return new KubernetesApiError({
    status,
    message: `HTTP status ${status}`,
    retryAfterMs,
  });
}
