import { WorldClock } from '../../world/clock';

/** World milliseconds between a change and its controller's look at it. */
const REACTION_MS = 20;

/** Names of things to look at, each once however often it was added. */
export class WorkQueue {
  readonly #clock: WorldClock;
  readonly #work: (key: string) => void;
  readonly #waiting = new Map<string, { due: number; cancel(): void }>();

  static create(options: {
    clock: WorldClock;
    work(key: string): void;
  }): WorkQueue {
    return new WorkQueue(options.clock, options.work);
  }

  private constructor(clock: WorldClock, work: (key: string) => void) {
    this.#clock = clock;
    this.#work = work;
  }

  add(key: string): void {
    this.addAfter(key, REACTION_MS);
  }

  /** Looks at it after world milliseconds, or sooner if it is added for sooner. */
  addAfter(key: string, delayMs: number): void {
    const due = this.#clock.elapsed() + delayMs;
    const waiting = this.#waiting.get(key);
    if (waiting && waiting.due <= due) {
      return;
    }
    waiting?.cancel();
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#waiting.delete(key);
      this.#work(key);
    });
    this.#waiting.set(key, { due, cancel });
  }

  close(): void {
    for (const { cancel } of this.#waiting.values()) {
      cancel();
    }
    this.#waiting.clear();
  }
}
