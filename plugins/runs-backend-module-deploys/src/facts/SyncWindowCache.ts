import {
  ApplicationRef,
  ApplicationSyncWindows,
  FleetService,
} from '@switchyard/fleet-node';

/** What Argo CD last said about the windows of an Application. */
export interface WindowsReading {
  windows: ApplicationSyncWindows;
  /** Milliseconds since the epoch. */
  at: number;
}

interface Entry {
  ref: ApplicationRef & { project: string };
  askedAt: number;
  reading?: WindowsReading;
  failure?: string;
  running?: Promise<void>;
  timer?: NodeJS.Timeout;
}

/** Times of a {@link SyncWindowCache}, in milliseconds. */
export interface SyncWindowTimes {
  /** How often windows that are asked for are read again. */
  refreshMs: number;
  /** An Application that nobody asked about for this long is forgotten. */
  forgetMs: number;
  /** One question to Argo CD. */
  timeoutMs: number;
}

const DEFAULT_TIMES: SyncWindowTimes = {
  refreshMs: 20_000,
  forgetMs: 600_000,
  timeoutMs: 10_000,
};

/**
 * Sync windows of the Applications that are looked at, kept fresh in the background, so that a card that asks for them costs Argo CD nothing.
 */
export class SyncWindowCache {
  readonly #fleet: Pick<FleetService, 'argo'>;
  readonly #times: SyncWindowTimes;
  readonly #entries = new Map<string, Entry>();
  readonly #stopped = new AbortController();

  static create(options: {
    fleet: Pick<FleetService, 'argo'>;
    times?: Partial<SyncWindowTimes>;
  }): SyncWindowCache {
    return new SyncWindowCache(options.fleet, {
      ...DEFAULT_TIMES,
      ...options.times,
    });
  }

  private constructor(
    fleet: Pick<FleetService, 'argo'>,
    times: SyncWindowTimes,
  ) {
    this.#fleet = fleet;
    this.#times = times;
  }

  /**
   * The windows, not older than asked for; from memory where that will do.
   *
   * @throws Error that says why they cannot be read
   */
  async read(
    ref: ApplicationRef & { project: string },
    options: { maxAgeMs: number; signal: AbortSignal },
  ): Promise<WindowsReading> {
    const entry = this.#entryOf(ref);
    entry.askedAt = Date.now();
    if (!isFresh(entry, options.maxAgeMs))
      await orAborted(this.#refresh(entry), options.signal);
    else this.#schedule(entry);
    if (isFresh(entry, options.maxAgeMs)) return entry.reading!;
    throw new Error(entry.failure ?? 'Argo CD did not answer in time');
  }

  stop(): void {
    this.#stopped.abort();
    for (const { timer } of this.#entries.values()) clearTimeout(timer);
    this.#entries.clear();
  }

  #entryOf(ref: ApplicationRef & { project: string }): Entry {
    const key = `${ref.instance}/${ref.namespace}/${ref.name}`;
    const known = this.#entries.get(key);
    if (known) {
      known.ref = ref;
      return known;
    }
    const entry: Entry = { ref, askedAt: Date.now() };
    this.#entries.set(key, entry);
    return entry;
  }

  #refresh(entry: Entry): Promise<void> {
    entry.running ??= this.#ask(entry).finally(() => {
      entry.running = undefined;
      this.#schedule(entry);
    });
    return entry.running;
  }

  async #ask(entry: Entry): Promise<void> {
    const { instance, namespace, name, project } = entry.ref;
    const signal = AbortSignal.any([
      this.#stopped.signal,
      AbortSignal.timeout(this.#times.timeoutMs),
    ]);
    try {
      const windows = await this.#fleet
        .argo(instance)
        .syncWindows({ namespace, name, project }, { signal });
      entry.reading = { windows, at: Date.now() };
      entry.failure = undefined;
    } catch (error) {
      entry.failure = signal.aborted
        ? 'Argo CD did not answer in time'
        : (error as Error).message;
    }
  }

  #schedule(entry: Entry): void {
    if (this.#stopped.signal.aborted || entry.timer) return;
    entry.timer = setTimeout(() => {
      entry.timer = undefined;
      if (Date.now() - entry.askedAt > this.#times.forgetMs) {
        const { instance, namespace, name } = entry.ref;
        this.#entries.delete(`${instance}/${namespace}/${name}`);
        return;
      }
      void this.#refresh(entry);
    }, this.#times.refreshMs);
    entry.timer.unref();
  }
}

function isFresh({ reading }: Entry, maxAgeMs: number): boolean {
  return reading !== undefined && Date.now() - reading.at <= maxAgeMs;
}

async function orAborted(
  promise: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
