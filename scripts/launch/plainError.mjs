/** An error that is a clear sentence for the person at the keyboard: shown without a stack. */
export class PlainError extends Error {
  plain = true;
}

/** Turns the few errors of the machine itself into a sentence; anything else is returned as it is. */
export function explainSystemError(error, doing) {
  if (error?.code === 'ENOSPC')
    return new PlainError(
      `The disk is full: ${doing} needs more room. Free some and start again.`,
    );
  if (
    error?.code === 'EACCES' ||
    error?.code === 'EPERM' ||
    error?.code === 'EROFS'
  ) {
    return new PlainError(
      `No permission to write ${
        error.path ?? 'here'
      }: ${doing} is not possible. Use a folder that you may write to.`,
    );
  }
  return error;
}
