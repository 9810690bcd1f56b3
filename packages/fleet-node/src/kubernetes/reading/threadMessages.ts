import { ReadEvent, ReadList, ReadRequest } from './types';

/** What the thread is told when it starts. @internal */
export interface ThreadStart {
  /** Number of the first dictionary that it learns. */
  firstDictionary: number;
}

/** @internal */
export interface ThreadRequest {
  id: number;
  request: ReadRequest;
  bytes: Uint8Array;
  /** Of a page of a list; lines of a watch have none. */
  list?: { known: readonly string[] };
}

/** @internal */
export interface ThreadAnswer {
  id: number;
  list?: ReadList;
  events?: ReadEvent[];
  /** The bytes were no JSON. */
  failure?: string;
  /** Dictionaries that objects of this answer and later ones are compressed with, in the order of their numbers. */
  learnt: Uint8Array[];
}
