import { parentPort, workerData } from 'node:worker_threads';
import { StoredObject } from '../../store/KindStore';
import { ObjectReader } from './ObjectReader';
import { ThreadAnswer, ThreadRequest, ThreadStart } from './threadMessages';

/** The thread that `ReadingThread` starts. */
const port = parentPort!;
const { firstDictionary, ferry } = workerData as ThreadStart;
let nextDictionary = firstDictionary;
let learnt: Uint8Array[] = [];
const reader = new ObjectReader({
  onLearnt: dictionary => {
    learnt.push(dictionary);
    nextDictionary += 1;
    return nextDictionary - 1;
  },
});

port.on('message', (message: ThreadRequest) => {
  learnt = [];
  const read = readOf(message);
  const buffer = pack(objectsOf(read));
  port.postMessage({ id: message.id, ...read, learnt } as ThreadAnswer, [
    buffer,
  ]);
});

type Read = Pick<ThreadAnswer, 'list' | 'events' | 'failure'>;

function readOf({ request, bytes: sent, list }: ThreadRequest): Read {
  const bytes =
    'offset' in sent ? new Uint8Array(ferry, sent.offset, sent.length) : sent;
  try {
    return list
      ? { list: reader.readList(request, bytes, new Set(list.known)) }
      : { events: reader.readEvents(request, bytes) };
  } catch (error) {
    return { failure: String(error) };
  }
}

function objectsOf({ list, events }: Read): StoredObject[] {
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
