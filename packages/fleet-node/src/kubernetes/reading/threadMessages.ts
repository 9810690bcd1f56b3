import { TransportError } from '../../http/TransportError';
import { ServerAddress } from '../ServerEndpoint';
import { ReadEvent, ReadList, ReadRequest, SourceRequest } from './types';

/** What the thread is told when it starts. @internal */
export interface ThreadStart {
  /** Number of the first dictionary that it learns. */
  firstDictionary: number;
}

/** To each but `end` and `leave` there is one answer, and until it came nothing more is asked of that source. @internal */
export type ThreadRequest =
  | { ask: 'open'; source: number; request: SourceRequest }
  | {
      ask: 'list';
      source: number;
      request: ReadRequest;
      options: { known?: readonly string[]; urgent?: boolean };
    }
  /** The next lines. */
  | { ask: 'lines'; source: number; request: ReadRequest }
  /** Nobody will read it, or wants to go on reading. */
  | { ask: 'end'; source: number }
  | { ask: 'leave'; server: ServerAddress };

/** @internal */
export interface ThreadAnswer {
  source: number;
  opened?: { statusCode: number; retryAfterMs?: number; refusal?: string };
  list?: ReadList;
  /** None where there are no more lines. */
  events?: ReadEvent[];
  failure?: ThreadFailure;
  /** Dictionaries that objects of this answer and later ones are compressed with, in the order of their numbers. */
  learnt: Uint8Array[];
}

/** An error as it can be handed over. @internal */
export type ThreadFailure =
  | {
      type: 'transport';
      error: Pick<
        TransportError,
        'reason' | 'message' | 'code' | 'mayHaveBeenReceived'
      >;
    }
  | { type: 'syntax'; message: string }
  | { type: 'other'; message: string };

/** @internal */
export function toFailure(error: unknown): ThreadFailure {
  if (error instanceof TransportError) {
    const { reason, message, code, mayHaveBeenReceived } = error;
    return {
      type: 'transport',
      error: { reason, message, code, mayHaveBeenReceived },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { type: error instanceof SyntaxError ? 'syntax' : 'other', message };
}

/** @internal */
export function fromFailure(failure: ThreadFailure): Error {
  switch (failure.type) {
    case 'transport':
      return new TransportError(failure.error);
    case 'syntax':
      return new SyntaxError(failure.message);
    default:
      return new Error(failure.message);
  }
}
