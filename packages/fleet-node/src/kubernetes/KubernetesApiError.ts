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

  constructor(options: { status: number; reason?: string; message: string }) {
    super(options.message);
    this.status = options.status;
    this.reason = options.reason;
  }
}

/**
 * @param body - what came with the status: a Status object, or anything where a proxy answered instead
 * @internal
 */
export function toKubernetesApiError(
  status: number,
  body: string,
): KubernetesApiError {
  try {
    const { message, reason } = JSON.parse(body);
    if (typeof message === 'string') {
      return new KubernetesApiError({ status, reason, message });
    }
  } catch {
    // Not the API server's words: not worth showing.
  }
  return new KubernetesApiError({ status, message: `HTTP status ${status}` });
}
