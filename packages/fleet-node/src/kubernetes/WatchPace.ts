import { Backoff } from '../http/backoff';
import { KubernetesTimings } from './timings';

/** Lists that helped for no longer than a moment, before that is trouble. */
const MAX_FRUITLESS_LISTS = 2;
/** Watches that ended after a moment, before that is worth a word. */
const MANY_SHORT_WATCHES = 5;
/** Against the longest wait before anything else: a list costs the server far more. */
const LIST_WAIT_FACTOR = 4;

/**
 * How long to wait before a watch is opened again. A watch that lasts shows that all is well; everything else makes the waits longer.
 *
 * @internal
 */
export class WatchPace {
  readonly #timings: KubernetesTimings;
  readonly #backoff: Backoff;
  readonly #listBackoff: Backoff;
  /** How often the place in history was gone at once after a list. */
  #fruitlessLists = 0;
  /** How many watches in a row ended after a moment. */
  #shortWatches = 0;
  /** The last watch lasted long enough to be taken for one that works. */
  #wasSteady = false;

  constructor(timings: KubernetesTimings) {
    this.#timings = timings;
    const { backoffBaseMs: baseMs, backoffMaxMs: maxMs } = timings;
    this.#backoff = new Backoff({ baseMs, maxMs });
    this.#listBackoff = new Backoff({
      baseMs,
      maxMs: maxMs * LIST_WAIT_FACTOR,
    });
  }

  /** Whether the server forgets so fast where watches were that none can be trusted yet. */
  get isForgetful(): boolean {
    return this.#fruitlessLists >= MAX_FRUITLESS_LISTS;
  }

  /** Whether one watch after the other ended after a moment. */
  get isCutShort(): boolean {
    return this.#shortWatches >= MANY_SHORT_WATCHES;
  }

  /** Before each attempt. */
  begin(): void {
    this.#wasSteady = false;
  }

  /** A watch was opened; `onSteady` when it has lasted. Answers what is to be called at its end. */
  opened(onSteady: () => void): () => void {
    const timer = setTimeout(() => {
      this.#wasSteady = true;
      this.#backoff.reset();
      this.#listBackoff.reset();
      this.#fruitlessLists = 0;
      this.#shortWatches = 0;
      onSteady();
    }, this.#timings.steadyWatchMs);
    timer.unref();
    return () => clearTimeout(timer);
  }

  /** The server ends a watch now and then: it is resumed at once. One that does it all the time is asked less often. */
  afterWatch(): number {
    if (this.#wasSteady) return this.#timings.backoffBaseMs / 10;
    this.#shortWatches += 1;
    return Math.min(this.#backoff.next(), this.#timings.watchPauseMaxMs);
  }

  /** The server has forgotten where the watch was: a list follows. */
  afterGone(): number {
    if (this.#wasSteady) return this.#timings.backoffBaseMs / 10;
    this.#fruitlessLists += 1;
    return this.#listBackoff.next();
  }

  /** @param retryAfterMs - how long the server asks us to leave it alone */
  afterFailure(retryAfterMs = 0): number {
    // The kinds of a cluster were told the same, and shall not come back together.
    const asked = retryAfterMs * (1 + Math.random() / 4);
    return Math.max(this.#backoff.next(), asked);
  }
}
