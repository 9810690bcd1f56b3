import { Worker } from 'node:worker_threads';
import { LoggerService } from '@backstage/backend-plugin-api';
import { Dictionaries } from '../../store/Dictionaries';
import { Pacer } from '../../store/Pacer';
import { ServerAddress } from '../ServerEndpoint';
import { ReadingHere } from './ReadingHere';
import {
  fromFailure,
  ThreadAnswer,
  ThreadRequest,
  ThreadStart,
} from './threadMessages';
import {
  ReadEvent,
  Reading,
  ReadingInterruptedError,
  ReadList,
  ReadRequest,
  Source,
  SourceRequest,
} from './types';

/** By the name of the package: where the file lies differs between source and what is published. */
const THREAD_FILE = require.resolve('@switchyard/fleet-node/reading-thread');
/** After so many threads that ended without having read anything the work is done without one. */
const MOST_FAILURES = 3;

interface Asker {
  resolve: (answer: ThreadAnswer) => void;
  reject: (reason: unknown) => void;
}

/**
 * Reads in a thread of its own, connections included, so that the event loop of the portal has only the rows to take in, and its heap none of
 * what comes and goes. A thread that ends is started anew; where none can be started, what it would do is done here.
 *
 * @internal
 */
export class ReadingThread implements Reading {
  readonly #dictionaries: Dictionaries;
  readonly #logger: LoggerService;
  readonly #here: ReadingHere;
  /** By the number of their source. */
  readonly #askers = new Map<number, Asker>();
  #worker?: Worker;
  #failures = 0;
  #lastSource = 0;
  #stopped = false;

  constructor(options: {
    dictionaries: Dictionaries;
    pacer: Pacer;
    logger: LoggerService;
  }) {
    const { dictionaries } = options;
    this.#dictionaries = dictionaries;
    this.#logger = options.logger;
    this.#here = new ReadingHere({
      pacer: options.pacer,
      onLearnt: dictionary => dictionaries.add(dictionary),
    });
  }

  async open(request: SourceRequest, signal: AbortSignal): Promise<Source> {
    signal.throwIfAborted();
    if (this.#stopped) throw new ReadingInterruptedError();
    if (this.#failures >= MOST_FAILURES)
      return this.#here.open(request, signal);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    this.#lastSource += 1;
    const source = this.#lastSource;
    const onAbort = () => {
      this.#post(worker, { ask: 'end', source });
      this.#askers.get(source)?.reject(signal.reason);
      this.#askers.delete(source);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = () => signal.removeEventListener('abort', onAbort);
    const ask = async (what: ThreadRequest) => {
      try {
        return await this.#ask(worker, source, what, signal);
      } catch (error) {
        settle();
        throw error;
      }
    };
    const destroy = () => {
      settle();
      this.#post(worker, { ask: 'end', source });
    };
    const { opened } = await ask({ ask: 'open', source, request });
    return {
      ...opened!,
      readList: async (of, options = {}): Promise<ReadList> => {
        const { list } = await ask({
          ask: 'list',
          source,
          request: of,
          options,
        });
        settle();
        return list!;
      },
      readEvents: (of: ReadRequest) =>
        readAll(() => ask({ ask: 'lines', source, request: of }), destroy),
      destroy,
    };
  }

  leave(server: ServerAddress): void {
    if (this.#worker) this.#post(this.#worker, { ask: 'leave', server });
    this.#here.leave(server);
  }

  stop(): void {
    this.#stopped = true;
    this.#worker?.terminate();
    this.#interrupt();
  }

  #ask(
    worker: Worker,
    source: number,
    what: ThreadRequest,
    signal: AbortSignal,
  ): Promise<ThreadAnswer> {
    signal.throwIfAborted();
    if (worker !== this.#worker || this.#stopped) {
      return Promise.reject(new ReadingInterruptedError());
    }
    return new Promise((resolve, reject) => {
      this.#askers.set(source, { resolve, reject });
      this.#post(worker, what);
    });
  }

  #post(worker: Worker, message: ThreadRequest) {
    if (worker === this.#worker) worker.postMessage(message);
  }

  #start(): Worker {
    const workerData: ThreadStart = {
      firstDictionary: this.#dictionaries.next,
    };
    const worker = new Worker(THREAD_FILE, {
      workerData,
      ...(THREAD_FILE.endsWith('.ts') && {
        execArgv: ['--require', '@backstage/cli/config/nodeTransform.cjs'],
      }),
    });
    // Reading is no reason to keep a process alive.
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
    const asker = this.#askers.get(answer.source);
    this.#askers.delete(answer.source);
    if (answer.failure) asker?.reject(fromFailure(answer.failure));
    else asker?.resolve(answer);
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

  /** What was asked of the thread is gone. */
  #interrupt() {
    const askers = [...this.#askers.values()];
    this.#askers.clear();
    for (const { reject } of askers) reject(new ReadingInterruptedError());
  }
}

/** Asks for the next lines when the last were taken: a reader that is behind stops the server from sending. */
async function* readAll(
  ask: () => Promise<ThreadAnswer>,
  destroy: () => void,
): AsyncGenerator<ReadEvent[]> {
  try {
    for (;;) {
      const { events } = await ask();
      if (!events) return;
      yield events;
    }
  } finally {
    destroy();
  }
}
