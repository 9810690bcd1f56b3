import { parentPort, workerData } from 'node:worker_threads';
import { StoredObject } from '../../store/KindStore';
import { Pacer } from '../../store/Pacer';
import { ReadingHere } from './ReadingHere';
import {
  ThreadAnswer,
  ThreadRequest,
  ThreadStart,
  toFailure,
} from './threadMessages';
import { ReadEvent, Source } from './types';

// The thread that `ReadingThread` starts.

type Asked = Exclude<ThreadRequest, { ask: 'end' | 'leave' }>;
type Answer = Omit<ThreadAnswer, 'learnt'>;

interface Kept {
  ended: AbortController;
  source?: Source;
  events?: AsyncIterator<ReadEvent[]>;
}

/** People wait for nothing in this thread: between two turns there is only what comes from the clusters. */
const WORK_PER_TURN_MS = 10;

const port = parentPort!;
let nextDictionary = (workerData as ThreadStart).firstDictionary;
let learnt: Uint8Array[] = [];
const reading = new ReadingHere({
  pacer: new Pacer({ budgetMs: WORK_PER_TURN_MS }),
  onLearnt: dictionary => {
    learnt.push(dictionary);
    nextDictionary += 1;
    return nextDictionary - 1;
  },
});
const kept = new Map<number, Kept>();

port.on('message', (message: ThreadRequest) => {
  if (message.ask === 'leave') reading.leave(message.server);
  else if (message.ask === 'end') end(message.source);
  else answer(message);
});

async function answer(message: Asked): Promise<void> {
  const { source } = message;
  let read: Answer;
  try {
    read = await readWhat(message);
  } catch (error) {
    read = { source, failure: toFailure(error) };
  }
  const goesOn = read.opened || read.events;
  if (!goesOn) kept.delete(source);
  const buffer = pack(objectsOf(read));
  const dictionaries = learnt;
  learnt = [];
  port.postMessage({ ...read, learnt: dictionaries }, [buffer]);
}

async function readWhat(message: Asked): Promise<Answer> {
  const { source } = message;
  if (message.ask === 'open') {
    const ended = new AbortController();
    kept.set(source, { ended });
    const opened = await reading.open(message.request, ended.signal);
    const { statusCode, retryAfterMs, refusal } = opened;
    if (kept.has(source)) kept.set(source, { ended, source: opened });
    else opened.destroy();
    return { source, opened: { statusCode, retryAfterMs, refusal } };
  }
  const { request } = message;
  const of = kept.get(source);
  // It was told to end.
  if (!of?.source) return { source };
  if (message.ask === 'list') {
    return { source, list: await of.source.readList(request, message.options) };
  }
  of.events ??= of.source.readEvents(request)[Symbol.asyncIterator]();
  const next = await of.events.next();
  return next.done ? { source } : { source, events: next.value };
}

function end(source: number): void {
  const of = kept.get(source);
  kept.delete(source);
  of?.ended.abort();
  of?.source?.destroy();
}

function objectsOf({ list, events }: Answer): StoredObject[] {
  if (list) return list.objects;
  return (events ?? []).flatMap(event =>
    event.type === 'object' ? [event.object] : [],
  );
}

/** Moves the bytes of all objects into one buffer, which can be handed over instead of being copied. */
function pack(objects: StoredObject[]): ArrayBuffer {
  const size = objects.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const all = new Uint8Array(size);
  let offset = 0;
  for (const object of objects) {
    const bytes = all.subarray(offset, offset + object.bytes.length);
    bytes.set(object.bytes);
    object.bytes = bytes;
    offset += bytes.length;
  }
  return all.buffer;
}
