/**
 * - `connect`: no connection (refused, name unknown, connect time-out, certificate not trusted).
 * - `silent`: connected, but nothing came in time.
 * - `broken`: the connection ended in the middle.
 * - `too-large`: the answer is larger than we are willing to hold.
 *
 * @internal
 */
export type TransportErrorReason =
  | 'connect'
  | 'silent'
  | 'broken'
  | 'too-large';

/**
 * The other side could not be talked to. The message is fit for screens: it names no host.
 *
 * @internal
 */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly reason: TransportErrorReason;
  /** Node's error code, for logs. */
  readonly code?: string;
  /** False when the request certainly never left: trying again cannot do an effect twice. */
  readonly mayHaveBeenReceived: boolean;

  constructor(options: {
    reason: TransportErrorReason;
    message: string;
    code?: string;
    mayHaveBeenReceived: boolean;
  }) {
    super(options.message);
    this.reason = options.reason;
    this.code = options.code;
    this.mayHaveBeenReceived = options.mayHaveBeenReceived;
  }
}

const WORDS_OF_CODE: Record<string, string> = {
  ECONNREFUSED: 'refuses connections',
  ENOTFOUND: 'has a name that cannot be resolved',
  EAI_AGAIN: 'has a name that cannot be resolved at the moment',
  CERT_HAS_EXPIRED: 'has a certificate that has ended',
  CERT_NOT_YET_VALID: 'has a certificate that is not valid yet',
  EHOSTUNREACH: 'cannot be reached over the network',
  ENETUNREACH: 'cannot be reached over the network',
  ETIMEDOUT: 'does not answer',
};

function isCertificateProblem(code: string): boolean {
  return (
    code.startsWith('CERT_') ||
    code.startsWith('ERR_TLS') ||
    code.startsWith('ERR_SSL') ||
    code.includes('CERT') ||
    code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' ||
    code === 'EPROTO'
  );
}

/**
 * Makes a {@link TransportError} of what Node threw, without its message: that holds addresses.
 *
 * @internal
 */
export function toTransportError(
  error: unknown,
  options: { connected: boolean },
): TransportError {
  if (error instanceof TransportError) return error;
  const code = String((error as { code?: unknown })?.code ?? '');
  if (options.connected) {
    return new TransportError({
      reason: 'broken',
      message: 'broke the connection off',
      code,
      mayHaveBeenReceived: true,
    });
  }
  const message =
    WORDS_OF_CODE[code] ??
    (isCertificateProblem(code)
      ? 'has a certificate that is not trusted'
      : 'cannot be connected to');
  return new TransportError({
    reason: 'connect',
    message,
    code,
    mayHaveBeenReceived: false,
  });
}
