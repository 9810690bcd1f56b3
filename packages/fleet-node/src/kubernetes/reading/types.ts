import { StoredObject } from '../../store/KindStore';
import { WatchedKind } from '../kinds';

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

/**
 * Makes of the bytes of API servers what the fleet keeps. It takes most of the time that watching takes.
 *
 * The bytes that it is handed must not be used afterwards.
 *
 * @internal
 */
export interface Reading {
  /**
   * @param options.known - by `versionKey`, what is held of the kind: what has not changed is not read again
   * @param options.urgent - before everything that is not: somebody waits for it
   * @throws SyntaxError where it is no JSON, and {@link ReadingInterruptedError}
   */
  readList(
    request: ReadRequest,
    page: Buffer,
    options?: { known?: readonly string[]; urgent?: boolean },
  ): Promise<ReadList>;
  /**
   * @param lines - whole lines
   * @throws ReadingInterruptedError
   */
  readEvents(request: ReadRequest, lines: Buffer): Promise<ReadEvent[]>;
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
