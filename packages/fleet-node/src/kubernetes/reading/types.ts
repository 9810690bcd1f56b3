import { BodyLimits } from '../../http/body';
import { StoredObject } from '../../store/KindStore';
import { WatchedKind } from '../kinds';
import { ClientCertificate, ServerAddress } from '../ServerEndpoint';

/** A page of a list. @internal */
export interface ReadList {
  objects: StoredObject[];
  resourceVersion: string;
  continueAt?: string;
  /** Of objects that make no sense. */
  problems: string[];
}

/** A line of a watch. @internal */
export type ReadEvent =
  | { type: 'object'; object: StoredObject; resourceVersion?: string }
  | { type: 'deleted'; uid: string; resourceVersion?: string }
  /** A bookmark, or an object that is not kept. */
  | { type: 'passed'; resourceVersion?: string }
  | { type: 'error'; code?: number; reason?: string; message?: string }
  /** Makes no sense: an object, or with `isFatal` the line itself. */
  | {
      type: 'problem';
      problem: string;
      isFatal?: boolean;
      resourceVersion?: string;
    };

/** @internal */
export interface ReadRequest {
  kind: Pick<WatchedKind, 'key' | 'apiVersion' | 'kind'>;
  cluster: string;
}

/** What an API server is asked for. Can be handed to another thread. @internal */
export interface SourceRequest {
  server: ServerAddress;
  clientCert?: ClientCertificate;
  /** Below the server's base, with every segment and query value encoded. */
  path: string;
  headers: Record<string, string>;
  connectTimeoutMs: number;
  answerTimeoutMs: number;
  /** A page is there when its whole body is; lines come for as long as a watch goes on. */
  shape: 'page' | 'lines';
  /** Of a page as a whole, or of each line. */
  limits: BodyLimits;
}

/** What an API server has answered. @internal */
export interface Source {
  readonly statusCode: number;
  readonly retryAfterMs?: number;
  /** What came with a status other than 200; there is nothing to read then. */
  readonly refusal?: string;
  /**
   * @param options.known - by `versionKey`, what is held of the kind: what has not changed is not read again
   * @param options.urgent - before everything that is not: somebody waits for it
   * @throws SyntaxError where it is no JSON, and {@link ReadingInterruptedError}
   */
  readList(
    request: ReadRequest,
    options?: { known?: readonly string[]; urgent?: boolean },
  ): Promise<ReadList>;
  /**
   * What lines say, in their order, as many as came at once. Leaving the loop closes the connection.
   *
   * @throws TransportError, {@link ReadingInterruptedError}, and the reason of the signal that it was opened with
   */
  readEvents(request: ReadRequest): AsyncIterable<ReadEvent[]>;
  /** It will not be read. */
  destroy(): void;
}

/**
 * Takes from API servers what the fleet keeps, and makes of the bytes what is kept of them. It takes most of the time that watching takes.
 *
 * @internal
 */
export interface Reading {
  /** @throws TransportError, {@link ReadingInterruptedError}, and the signal's reason, which also ends what is being read */
  open(request: SourceRequest, signal: AbortSignal): Promise<Source>;
  /** Closes all connections to a server. */
  leave(server: ServerAddress): void;
  stop(): void;
}

/**
 * It is not known what the bytes said; reading the same from the server again helps.
 *
 * @internal
 */
export class ReadingInterruptedError extends Error {
  override readonly name = 'ReadingInterruptedError';
}
