/** What is known of a failed call, in words for people. */
export interface Failure {
  message: string;
  status?: number;
  requestId?: string;
}

/** Reads the reason, status and request id out of an error, whether the backend answered or not. */
export function describeFailure(error: Error): Failure {
  const { statusCode, body, cause, response } = error as Error & {
    statusCode?: number;
    body?: { error?: { message?: string }; request?: { id?: string } };
    cause?: { message?: string };
    response?: { headers?: { get(name: string): string | null } };
  };
  if (statusCode === undefined) {
    const lost =
      error.name === 'TypeError' || error.message === 'Failed to fetch';
    return {
      message: lost
        ? 'The portal could not be reached. Check the connection, then try again.'
        : error.message,
    };
  }
  return {
    status: statusCode,
    message: body?.error?.message ?? cause?.message ?? error.message,
    requestId:
      body?.request?.id ?? response?.headers?.get('x-request-id') ?? undefined,
  };
}
