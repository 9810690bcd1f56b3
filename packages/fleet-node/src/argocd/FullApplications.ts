import { ApplicationRow } from '../rows';
import { ApplicationRef } from '../types';
import { keyOf } from './Applications';
import { FullApplication } from './FullApplication';
import { ArgoCdTimings } from './timings';
import { Application, ArgoCdReader, OpenApplication } from './types';

const MAX_LOOKED_AT = 300;
/**
 * Screens ask at least once a minute. One that somebody has open is not dropped for another: with more of them open than there is room for,
 * each question would open a stream and close one, and Argo CD would be asked the more the more people look.
 */
const OPEN_ON_A_SCREEN_MS = 75_000;

interface Kept {
  application: FullApplication;
  lookedAt: number;
  /** Handles that are open: it must not be dropped. */
  handles: number;
}

/**
 * The full Applications of one instance that somebody looks at, or a run has open.
 *
 * @internal
 */
export class FullApplications {
  readonly #reader: ArgoCdReader;
  readonly #timings: ArgoCdTimings;
  readonly #projectOf: (ref: ApplicationRef) => string | undefined;
  readonly #onChange: (ref: ApplicationRef, deleted: boolean) => void;
  readonly #now: () => number;
  readonly #maxLookedAt: number;
  /** In the order in which they were looked at last. */
  readonly #kept = new Map<string, Kept>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: {
    reader: ArgoCdReader;
    timings: ArgoCdTimings;
    projectOf: (ref: ApplicationRef) => string | undefined;
    onChange: (ref: ApplicationRef, deleted: boolean) => void;
    maxLookedAt?: number;
    now?: () => number;
  }) {
    this.#reader = options.reader;
    this.#timings = options.timings;
    this.#projectOf = options.projectOf;
    this.#onChange = options.onChange;
    this.#maxLookedAt = options.maxLookedAt ?? MAX_LOOKED_AT;
    this.#now = options.now ?? Date.now;
    this.#sweeper = setInterval(
      () => this.sweep(),
      Math.max(1_000, options.timings.unlookedMs / 10),
    );
    this.#sweeper.unref();
  }

  get(ref: ApplicationRef): Application | undefined {
    return this.#kept.get(keyOf(ref))?.application.current;
  }

  lookAt(ref: ApplicationRef): Application | undefined {
    if (!this.#kept.has(keyOf(ref))) {
      this.sweep();
      if (this.#kept.size >= this.#maxLookedAt) return undefined;
    }
    return this.#keep(ref).application.current;
  }

  /** @throws ArgoCdError, and the signal's reason */
  async open(
    ref: ApplicationRef,
    options: { signal: AbortSignal },
  ): Promise<OpenApplication> {
    const kept = this.#keep(ref);
    kept.handles += 1;
    const release = () => {
      kept.handles -= 1;
      this.sweep();
    };
    try {
      await kept.application.opened(options.signal);
    } catch (error) {
      // What failed for a run shall not be what the next one is told a minute later.
      kept.handles -= 1;
      this.#drop(ref, kept);
      throw error;
    }
    return kept.application.open({ ...options, onClose: release });
  }

  /** A row has changed. */
  compare(row: ApplicationRow): void {
    this.#kept.get(keyOf(row))?.application.compare(row);
  }

  /** Drops what was not looked at for long, and sooner where there is no room for others. */
  sweep(): void {
    const now = this.#now();
    for (const kept of this.#kept.values()) {
      const isFull = this.#kept.size >= this.#maxLookedAt;
      const keptMs = isFull ? OPEN_ON_A_SCREEN_MS : this.#timings.unlookedMs;
      if (kept.lookedAt > now - keptMs) return;
      this.#drop(kept.application.ref, kept);
    }
  }

  stop(): void {
    clearInterval(this.#sweeper);
    for (const { application } of this.#kept.values()) application.stop();
    this.#kept.clear();
  }

  #keep(ref: ApplicationRef): Kept {
    const key = keyOf(ref);
    let kept = this.#kept.get(key);
    if (kept) {
      this.#kept.delete(key);
      kept.lookedAt = this.#now();
    } else {
      const application = new FullApplication({
        ref,
        project: this.#projectOf(ref),
        reader: this.#reader,
        timings: this.#timings,
        onChange: deleted => this.#onChange(ref, deleted),
      });
      kept = { application, lookedAt: this.#now(), handles: 0 };
      application.run();
    }
    this.#kept.set(key, kept);
    return kept;
  }

  #drop(ref: ApplicationRef, kept: Kept) {
    if (kept.handles > 0) return;
    const key = keyOf(ref);
    if (this.#kept.get(key) === kept) this.#kept.delete(key);
    kept.application.stop();
  }
}
