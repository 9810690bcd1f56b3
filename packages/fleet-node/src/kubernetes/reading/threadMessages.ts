import { ReadEvent, ReadList, ReadRequest } from './types';

/** What the thread is told when it starts. @internal */
export interface ThreadStart {
  /** Number of the first dictionary that it learns. */
  firstDictionary: number;
  /** Both threads see it: what fits into one of its berths is copied there instead of being handed over. */
  ferry: SharedArrayBuffer;
}

/** @internal */
export interface ThreadRequest {
  id: number;
  request: ReadRequest;
  /** In the ferry where there is a berth, else handed over. */
  bytes: { offset: number; length: number } | Uint8Array;
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
