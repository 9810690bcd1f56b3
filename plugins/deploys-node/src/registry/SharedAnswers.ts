import { LRUCache } from 'lru-cache';

interface Kept<T> {
  value: T;
  at: number;
}

/** How long a question goes on when everybody who asked has left. */
const LONGEST_MS = 60_000;

/**
 * Answers that are kept for a while, and asked for once however many wait. A caller that leaves does not spoil the answer for the others.
 *
 * @public
 */
export class SharedAnswers<T extends {}> {
  readonly #kept: LRUCache<string, Kept<T>>;
  readonly #running = new Map<string, Promise<T>>();
  readonly #freshMs: (value: T) => number;

  static create<T extends {}>(options: {
    max: number;
    /** Of all answers, or of each by what it is. */
    freshMs: number | ((value: T) => number);
  }): SharedAnswers<T> {
    return new SharedAnswers<T>(options);
  }

  private constructor(options: {
    max: number;
    freshMs: number | ((value: T) => number);
  }) {
    const { freshMs } = options;
    this.#kept = new LRUCache({ max: options.max });
    this.#freshMs = typeof freshMs === 'number' ? () => freshMs : freshMs;
  }

  /** `read` gets the outdated answer too, for a conditional request. */
  async get(
    key: string,
    signal: AbortSignal,
    read: (signal: AbortSignal, previous: T | undefined) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const kept = this.#kept.get(key);
    if (kept && Date.now() - kept.at < this.#freshMs(kept.value)) {
      return kept.value;
    }
    let running = this.#running.get(key);
    if (!running) {
      running = read(AbortSignal.timeout(LONGEST_MS), kept?.value).then(
        value => {
          this.#kept.set(key, { value, at: Date.now() });
          return value;
        },
      );
      this.#running.set(key, running);
      const forget = () => this.#running.delete(key);
      running.then(forget, forget);
    }
    return orAborted(running, signal);
  }
}

async function orAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
