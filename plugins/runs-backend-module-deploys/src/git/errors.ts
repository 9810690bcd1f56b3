/**
 * Why a Git server did not do what was asked.
 *
 * - `not-configured`: no integration and no entry of `switchyard.deploys.git` knows the host.
 * - `unauthorized`, `forbidden`: it wants other credentials, or does not let these do it.
 * - `not-found`: no such repository, branch, commit or file.
 * - `unreachable`, `timeout`: no answer. Nothing was changed.
 * - `outcome-unknown`: a push was sent and its answer lost: it may have taken effect.
 * - `too-large`: there is more than the caller wants to read.
 * - `invalid`: an answer that no Git server gives, or content that cannot be edited.
 */
export type GitErrorCode =
  | 'not-configured'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'unreachable'
  | 'timeout'
  | 'outcome-unknown'
  | 'too-large'
  | 'invalid';

/** The message is fit for people and names repositories, never hosts or credentials. */
export class GitError extends Error {
  override readonly name = 'GitError';

  constructor(
    readonly code: GitErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
