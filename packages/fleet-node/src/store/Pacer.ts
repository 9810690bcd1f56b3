interface Waiting {
  work: () => void;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Shares the event loop: all watches together work at most some milliseconds per turn of it, the rest waits for the next turn.
 * Otherwise a relist, or a burst over many watches at once, would hold up every request of the portal.
 *
 * @internal
 */
export class Pacer {
  readonly #budgetMs: number;
  readonly #urgent: Waiting[] = [];
  readonly #waiting: Waiting[] = [];
  #spentMs = 0;
  #turnScheduled = false;

  constructor(options: { budgetMs?: number } = {}) {
    this.#budgetMs = options.budgetMs ?? 2;
  }

  /**
   * Does the work now and answers nothing when this turn's time is not used up; else answers a promise to wait for. What it throws
   * comes out of the call or the promise.
   *
   * @param options.urgent - before everything that is not: somebody waits for it
   */
  run(
    work: () => void,
    options: { urgent?: boolean } = {},
  ): Promise<void> | undefined {
    const isFirst =
      this.#urgent.length === 0 &&
      (options.urgent || this.#waiting.length === 0);
    if (isFirst && this.#spentMs < this.#budgetMs) {
      this.#work(work);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const queue = options.urgent ? this.#urgent : this.#waiting;
      queue.push({ work, resolve, reject });
      this.#scheduleTurn();
    });
  }

  #work(work: () => void) {
    const start = performance.now();
    try {
      work();
    } finally {
      this.#spentMs += performance.now() - start;
      this.#scheduleTurn();
    }
  }

  #scheduleTurn() {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    setImmediate(() => {
      this.#turnScheduled = false;
      this.#spentMs = 0;
      while (this.#isAnyWaiting() && this.#spentMs < this.#budgetMs) {
        const { work, resolve, reject } =
          this.#urgent.shift() ?? this.#waiting.shift()!;
        try {
          this.#work(work);
          resolve();
        } catch (error) {
          reject(error);
        }
      }
      if (this.#isAnyWaiting()) this.#scheduleTurn();
    });
  }

  #isAnyWaiting(): boolean {
    return this.#urgent.length > 0 || this.#waiting.length > 0;
  }
}
