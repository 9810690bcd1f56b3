/** gRPC codes that Argo CD's API answers with, and the HTTP status of each. */
const HTTP_STATUS = {
  canceled: [1, 408],
  unknown: [2, 500],
  invalidArgument: [3, 400],
  deadlineExceeded: [4, 504],
  notFound: [5, 404],
  alreadyExists: [6, 409],
  permissionDenied: [7, 403],
  resourceExhausted: [8, 429],
  failedPrecondition: [9, 400],
  aborted: [10, 409],
  unimplemented: [12, 501],
  internal: [13, 500],
  unavailable: [14, 503],
  unauthenticated: [16, 401],
} as const;

const STATUS_TEXT: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
};

/** An answer that is an error, as grpc-gateway writes it. */
export class ApiError extends Error {
  readonly code: number;
  readonly status: number;

  constructor(code: keyof typeof HTTP_STATUS, message: string) {
    super(message);
    this.name = 'ApiError';
    [this.code, this.status] = HTTP_STATUS[code];
  }

  body(): unknown {
    return { error: this.message, code: this.code, message: this.message };
  }

  /** On streams errors have another shape. */
  streamBody(): unknown {
    return {
      error: {
        grpc_code: this.code,
        http_code: this.status,
        message: this.message,
        http_status: STATUS_TEXT[this.status] ?? '',
      },
    };
  }
}

export function permissionDenied(): ApiError {
  return new ApiError('permissionDenied', 'permission denied');
}
