import { withSignal } from '@switchyard/fleet-node';

/** What was read, and when. */
export interface Reading<TValue> {
  value: TValue;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Times of a {@link ReadingCache}, in milliseconds. */
export interface ReadingTimes {
  /** How often what is asked for is read again. */
  refreshMs: number;
  /** What nobody asked for so long is forgotten. */
  forgetMs: number;
  /** One question to the other system. */
  timeoutMs: number;
}

const DEFAULT_TIMES: ReadingTimes = {
  refreshMs: 20_000,
  forgetMs: 600_000,
  timeoutMs: 10_000,
};

interface Entry<TKey, TValue> {
  id: string;
  key: TKey;
  askedAt: number;
  reading?: Reading<TValue>;
  failure?: string;
  running?: Promise<void>;
  timer?: NodeJS.Timeout;
}

/**
 * What another system says about the things that are looked at, kept fresh in the background, so that a card that asks for it costs the other
 * system nothing.
 */
export class ReadingCache<TKey, TValue> {
  readonly #system: string;
  readonly #identify: (key: TKey) => string;
  readonly #ask: (
    key: TKey,
    options: { signal: AbortSignal },
  ) => Promise<TValue>;
  readonly #times: ReadingTimes;
  readonly #entries = new Map<string, Entry<TKey, TValue>>();
  readonly #stopped = new AbortController();

  static create<TKey, TValue>(options: {
    /** For sentences: 'Argo CD'. */
    system: string;
    identify: (key: TKey) => string;
    /** @throws Error with a message that everybody may read */
    ask: (key: TKey, options: { signal: AbortSignal }) => Promise<TValue>;
    times?: Partial<ReadingTimes>;
  }): ReadingCache<TKey, TValue> {
    return new ReadingCache(options);
  }

  private constructor(options: {
    system: string;
    identify: (key: TKey) => string;
    ask: (key: TKey, options: { signal: AbortSignal }) => Promise<TValue>;
    times?: Partial<ReadingTimes>;
  }) {
    this.#system = options.system;
    this.#identify = options.identify;
    this.#ask = options.ask;
    this.#times = { ...DEFAULT_TIMES, ...options.times };
  }

  /**
   * What the system said, not longer ago than asked for; from memory where that will do.
   *
   * @throws Error that says why it cannot be read
   */
  async read(
    key: TKey,
    options: { maxAgeMs: number; signal: AbortSignal },
  ): Promise<Reading<TValue>> {
    const entry = this.#entryOf(key);
    entry.askedAt = Date.now();
    if (!isFresh(entry, options.maxAgeMs))
      await withSignal(this.#refresh(entry), options.signal);
    else this.#schedule(entry);
    if (isFresh(entry, options.maxAgeMs)) return entry.reading!;
    throw new Error(entry.failure ?? this.#silence());
  }

  stop(): void {
    this.#stopped.abort();
    for (const { timer } of this.#entries.values()) clearTimeout(timer);
    this.#entries.clear();
  }

  #entryOf(key: TKey): Entry<TKey, TValue> {
    const id = this.#identify(key);
    const known = this.#entries.get(id);
    if (known) {
      known.key = key;
      return known;
    }
    const entry: Entry<TKey, TValue> = { id, key, askedAt: Date.now() };
    this.#entries.set(id, entry);
    return entry;
  }

  #refresh(entry: Entry<TKey, TValue>): Promise<void> {
    entry.running ??= this.#readInto(entry).finally(() => {
      entry.running = undefined;
      this.#schedule(entry);
    });
    return entry.running;
  }

  async #readInto(entry: Entry<TKey, TValue>): Promise<void> {
    const signal = AbortSignal.any([
      this.#stopped.signal,
      AbortSignal.timeout(this.#times.timeoutMs),
    ]);
    // As old as the question: what changed while it was answered may be missing.
    const at = Date.now();
    try {
      // Some clients know no signal: a question that hangs must not keep the next from being asked.
      const value = await withSignal(this.#ask(entry.key, { signal }), signal);
      entry.reading = { value, at };
      entry.failure = undefined;
    } catch (error) {
      entry.failure = signal.aborted
        ? this.#silence()
        : (error as Error).message;
    }
  }

  #schedule(entry: Entry<TKey, TValue>): void {
    if (this.#stopped.signal.aborted || entry.timer) return;
    entry.timer = setTimeout(() => {
      entry.timer = undefined;
      if (Date.now() - entry.askedAt > this.#times.forgetMs)
        this.#entries.delete(entry.id);
      else void this.#refresh(entry);
    }, this.#times.refreshMs);
    entry.timer.unref();
  }

  #silence(): string {
    return `${this.#system} did not answer in time`;
  }
}

function isFresh(
  { reading }: Entry<unknown, unknown>,
  maxAgeMs: number,
): boolean {
  return reading !== undefined && Date.now() - reading.at <= maxAgeMs;
}
