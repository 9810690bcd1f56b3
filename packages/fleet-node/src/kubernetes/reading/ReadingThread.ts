import { Worker } from 'node:worker_threads';
import { LoggerService } from '@backstage/backend-plugin-api';
import { Dictionaries } from '../../store/Dictionaries';
import { Pacer } from '../../store/Pacer';
import { ReadingHere } from './ReadingHere';
import { ThreadAnswer, ThreadRequest, ThreadStart } from './threadMessages';
import {
  ReadEvent,
  ReadList,
  ReadRequest,
  Reading,
  ReadingInterruptedError,
} from './types';

/** By the name of the package: where the file lies differs between source and what is published. */
const THREAD_FILE = require.resolve('@switchyard/fleet-node/reading-thread');
/** In the thread at a time: while it works on one the next is there. The others wait here, where what is urgent can go before them. */
const SENT_AT_ONCE = 2;
/**
 * What a watch sends is copied into memory that both threads see, a berth for each message in the thread. Memory that is handed over is
 * counted by V8 as new for as long as nothing is collected, and 64 MB of that start a collection of the whole heap, however little is in use.
 */
const BERTH_BYTES = 256 * 1024;
/** After so many threads that ended without having read anything the work is done without one. */
const MOST_FAILURES = 3;

interface Waiting {
  message: Omit<ThreadRequest, 'bytes'>;
  bytes: Uint8Array;
  resolve: (answer: ThreadAnswer) => void;
  reject: (error: Error) => void;
}

/**
 * Reads in a thread of its own, so that the event loop of the portal has only the rows to take in. A thread that ends is started anew; where none
 * can be started, what it would do is done here.
 *
 * @internal
 */
export class ReadingThread implements Reading {
  readonly #dictionaries: Dictionaries;
  readonly #logger: LoggerService;
  readonly #here: ReadingHere;
  readonly #urgent: Waiting[] = [];
  readonly #waiting: Waiting[] = [];
  /** By the berth that is kept for each. */
  readonly #sent = new Map<number, Waiting>();
  readonly #ferry = new SharedArrayBuffer(SENT_AT_ONCE * BERTH_BYTES);
  #worker?: Worker;
  #failures = 0;
  #lastId = 0;
  #stopped = false;

  constructor(options: {
    dictionaries: Dictionaries;
    pacer: Pacer;
    logger: LoggerService;
  }) {
    this.#dictionaries = options.dictionaries;
    this.#logger = options.logger;
    this.#here = new ReadingHere(options);
  }

  async readList(
    request: ReadRequest,
    page: Buffer,
    options: { known?: readonly string[]; urgent?: boolean } = {},
  ): Promise<ReadList> {
    if (this.#failures >= MOST_FAILURES) {
      return this.#here.readList(request, page, options);
    }
    const { known = [], urgent } = options;
    const list = { known };
    const answer = await this.#ask(page, { request, list }, urgent);
    if (!answer.list) throw new SyntaxError(answer.failure);
    return answer.list;
  }

  async readEvents(request: ReadRequest, lines: Buffer): Promise<ReadEvent[]> {
    if (this.#failures >= MOST_FAILURES) {
      return this.#here.readEvents(request, lines);
    }
    const answer = await this.#ask(lines, { request });
    if (!answer.events) throw new SyntaxError(answer.failure);
    return answer.events;
  }

  stop(): void {
    this.#stopped = true;
    this.#worker?.terminate();
    this.#interrupt();
  }

  #ask(
    bytes: Uint8Array,
    what: Pick<ThreadRequest, 'request' | 'list'>,
    urgent = false,
  ): Promise<ThreadAnswer> {
    if (this.#stopped) return Promise.reject(new ReadingInterruptedError());
    this.#lastId += 1;
    const message = { id: this.#lastId, ...what };
    return new Promise((resolve, reject) => {
      const queue = urgent ? this.#urgent : this.#waiting;
      queue.push({ message, bytes, resolve, reject });
      this.#send();
    });
  }

  #send() {
    for (let berth = 0; berth < SENT_AT_ONCE; berth++) {
      if (this.#sent.has(berth)) continue;
      const next = this.#urgent.shift() ?? this.#waiting.shift();
      if (!next) return;
      this.#worker ??= this.#start();
      this.#sent.set(berth, next);
      this.#post(this.#worker, next, berth * BERTH_BYTES);
    }
  }

  #post(worker: Worker, { message, bytes }: Waiting, offset: number) {
    const { length } = bytes;
    if (length <= BERTH_BYTES) {
      new Uint8Array(this.#ferry, offset, length).set(bytes);
      worker.postMessage({ ...message, bytes: { offset, length } });
      return;
    }
    const isAlone = length === bytes.buffer.byteLength;
    const own = isAlone ? bytes : Uint8Array.from(bytes);
    worker.postMessage({ ...message, bytes: own }, [own.buffer as ArrayBuffer]);
  }

  #start(): Worker {
    const workerData: ThreadStart = {
      firstDictionary: this.#dictionaries.next,
      ferry: this.#ferry,
    };
    const worker = new Worker(THREAD_FILE, {
      workerData,
      ...(THREAD_FILE.endsWith('.ts') && {
        execArgv: ['--require', '@backstage/cli/config/nodeTransform.cjs'],
      }),
    });
    // What waits for it has timers and sockets of its own.
    worker.unref();
    worker.on('message', (answer: ThreadAnswer) => this.#take(answer));
    let problem: string | undefined;
    worker.on('error', error => {
      problem = String(error);
    });
    worker.on('exit', () => this.#ended(worker, problem));
    return worker;
  }

  #take(answer: ThreadAnswer) {
    for (const dictionary of answer.learnt) {
      this.#dictionaries.add(Buffer.from(dictionary));
    }
    this.#failures = 0;
    for (const [berth, sent] of this.#sent) {
      if (sent.message.id !== answer.id) continue;
      this.#sent.delete(berth);
      sent.resolve(answer);
    }
    this.#send();
  }

  #ended(worker: Worker, problem: string | undefined) {
    if (this.#stopped || this.#worker !== worker) return;
    this.#worker = undefined;
    this.#failures += 1;
    const isLast = this.#failures >= MOST_FAILURES;
    this.#logger.error(
      isLast
        ? 'No thread that reads what clusters send can be kept: it is read in the thread of the portal, which will be slower'
        : 'The thread that reads what clusters send has ended; it is started anew',
      { error: problem ?? 'no error was told' },
    );
    this.#interrupt();
  }

  /** What was handed over is gone. */
  #interrupt() {
    const all = [...this.#sent.values(), ...this.#urgent, ...this.#waiting];
    this.#sent.clear();
    this.#urgent.length = 0;
    this.#waiting.length = 0;
    for (const { reject } of all) reject(new ReadingInterruptedError());
  }
}
