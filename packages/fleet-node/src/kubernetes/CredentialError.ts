/**
 * No credential could be had. What the strategy said is for logs only: it may name anything.
 *
 * @internal
 */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('cannot be asked: no credential could be obtained');
    this.reason = reason;
  }
}
