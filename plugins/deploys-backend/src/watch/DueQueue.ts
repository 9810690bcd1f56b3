/** Time that one turn of the event loop may take. */
const BUDGET_MS = 6;

/**
 * Does something for each of many keys a little later, at most once per key, and never holds up the event loop for long.
 */
export class DueQueue<TKey> {
  readonly #due = new Map<TKey, number>();
  readonly #work: (key: TKey) => void;
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Infinity;

  /** @param work - must not throw */
  constructor(options: { work: (key: TKey) => void }) {
    this.#work = options.work;
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

  #wakeAt(time: number) {
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
    const startedAt = performance.now();
    let next = Infinity;
    for (const [key, dueAt] of [...this.#due]) {
      const isTimeUp = performance.now() - startedAt >= BUDGET_MS;
      if (dueAt > Date.now() || isTimeUp) {
        next = Math.min(next, dueAt);
        continue;
      }
      this.#due.delete(key);
      this.#work(key);
    }
    // What is due and had to wait goes on after others had their turn.
    if (next !== Infinity) this.#wakeAt(Math.max(next, Date.now() + 1));
  }
}
