/**
 * Why a registry gave no answer.
 *
 * - `not-allowed-host`: the registry is neither configured nor one of the public ones.
 * - `unauthorized`: it wants credentials, or refused those it got.
 * - `not-found`: it has no such repository, tag or digest.
 * - `rate-limited`: it asks to be left alone for a while.
 * - `timeout`, `unreachable`: no answer.
 * - `invalid-answer`: what it said is no registry's answer.
 *
 * @public
 */
export type RegistryErrorCode =
  | 'not-allowed-host'
  | 'unauthorized'
  | 'not-found'
  | 'rate-limited'
  | 'timeout'
  | 'unreachable'
  | 'invalid-answer';

/**
 * The registry could not be asked. The message is fit for people and names no host; what is behind it is in `cause`.
 *
 * @public
 */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';

  constructor(
    readonly code: RegistryErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
