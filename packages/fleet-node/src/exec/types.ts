/**
 * A process to start in a container.
 *
 * @public
 */
export interface ExecRequest {
  cluster: string;
  namespace: string;
  pod: string;
  container: string;
  /** Program and arguments; no shell reads them. */
  command: string[];
  /** With a terminal there is input, and one output. */
  terminal?: { columns: number; rows: number };
  /** Ends the session, also while it is being opened. */
  signal: AbortSignal;
}

/** @public */
export type ExecEnd =
  | { by: 'exit'; exitCode: number }
  /** It was never started: the image has no such program, or the container does not run. */
  | { by: 'not-started'; reason: 'no-program' | 'not-running' | 'other' }
  /** The connection ended without a word on the process. */
  | { by: 'connection' };

/**
 * A process in a container. Output is read from the API server no faster than the caller takes it.
 *
 * @public
 */
export interface ExecSession {
  output: AsyncIterable<{ stream: 'stdout' | 'stderr'; data: Buffer }>;
  /** Resolves when more may be written. */
  write(data: Uint8Array): Promise<void>;
  resize(size: { columns: number; rows: number }): void;
  /** Settles after the last of the output; never rejects. */
  ended: Promise<ExecEnd>;
  /** Cuts the connection; the container runtime ends the process. */
  close(): void;
}

/**
 * Starts processes in containers of the fleet's clusters, with the fleet's credentials.
 *
 * @public
 */
export interface Executor {
  /**
   * @throws InputError, NotFoundError, ConflictError, ServiceUnavailableError
   */
  open(request: ExecRequest): Promise<ExecSession>;
}
