/** Time that one turn of the event loop may take. */
const BUDGET_MS = 2;
/** Part of the time that the queue may take in the long run. */
const DEFAULT_SHARE = 0.25;

/**
 * Does something for each of many keys a little later, at most once per key, and never holds up the event loop for long: what was worked is
 * followed by a rest in proportion. Under load that makes many changes one piece of work, instead of one piece of work each.
 */
export class DueQueue<TKey> {
  /** In the order in which they came. */
  readonly #due = new Map<TKey, number>();
  readonly #work: (key: TKey) => void;
  readonly #share: () => number;
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Infinity;
  #restsUntil = 0;

  /**
   * @param options.work - must not throw
   * @param options.share - part of the time that may be used now, of 1
   */
  constructor(options: { work: (key: TKey) => void; share?: () => number }) {
    this.#work = options.work;
    this.#share = options.share ?? (() => DEFAULT_SHARE);
  }

  /** Does the work of the key in `delayMs`; sooner, if it was to be done sooner anyway. */
  add(key: TKey, delayMs: number): void {
    const dueAt = Date.now() + delayMs;
    const known = this.#due.get(key);
    if (known !== undefined && known <= dueAt) return;
    this.#due.set(key, dueAt);
    this.#wakeAt(dueAt);
  }

  /** How many keys wait. */
  get size(): number {
    return this.#due.size;
  }

  remove(key: TKey): void {
    this.#due.delete(key);
  }

  stop(): void {
    this.#due.clear();
    clearTimeout(this.#timer);
    this.#wakesAt = Infinity;
  }

  #wakeAt(dueAt: number) {
    const time = Math.max(dueAt, this.#restsUntil);
    if (time >= this.#wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = time;
    this.#timer = setTimeout(
      () => this.#workOff(),
      Math.max(0, time - Date.now()),
    );
    this.#timer.unref();
  }

  #workOff() {
    this.#wakesAt = Infinity;
    // What the work itself adds wakes nobody before it is known how long to rest.
    this.#restsUntil = Infinity;
    const startedAt = performance.now();
    let workedMs = 0;
    let next = Infinity;
    // Those that the work itself adds have their turn next time.
    let left = this.#due.size;
    for (const [key, dueAt] of this.#due) {
      if (left === 0 || workedMs >= BUDGET_MS) {
        next = 0;
        break;
      }
      left -= 1;
      if (dueAt > Date.now()) {
        next = Math.min(next, dueAt);
        continue;
      }
      this.#due.delete(key);
      this.#work(key);
      // By the clock: what Node tells of processor time moves in steps as long as the whole budget.
      workedMs = performance.now() - startedAt;
    }
    const share = Math.min(1, Math.max(0.01, this.#share()));
    const restMs = Math.max(1, workedMs * (1 / share - 1));
    this.#restsUntil = Date.now() + restMs;
    if (next !== Infinity && this.#due.size > 0) this.#wakeAt(next);
  }
}
