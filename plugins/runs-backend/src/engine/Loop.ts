import { LoggerService } from '@backstage/backend-plugin-api';

/** Repeats a task for ever. An error is reported, and never ends it. */
export class Loop {
  readonly #task: () => Promise<void>;
  readonly #intervalMs: number;
  readonly #name: string;
  readonly #logger: LoggerService;
  #timer: NodeJS.Timeout | undefined;
  #soonTimer: NodeJS.Timeout | undefined;
  #current: Promise<void> = Promise.resolve();
  #stopped = false;
  #isBusy = false;
  #again = false;
  #lastSuccessMs = performance.now();

  constructor(options: {
    name: string;
    intervalMs: number;
    task: () => Promise<void>;
    logger: LoggerService;
  }) {
    this.#name = options.name;
    this.#task = options.task;
    this.#intervalMs = options.intervalMs;
    this.#logger = options.logger;
  }

  /** Milliseconds since the task last succeeded, or since the loop was made. */
  get ageMs(): number {
    return performance.now() - this.#lastSuccessMs;
  }

  start(): void {
    this.#lastSuccessMs = performance.now();
    this.trigger();
  }

  /** Runs the task now; once more afterwards if it is under way. */
  trigger(): void {
    if (this.#stopped) return;
    if (this.#isBusy) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#current = this.#once();
  }

  /** Runs the task within the time, or earlier if its turn comes before. */
  triggerWithin(delayMs: number): void {
    if (this.#stopped || this.#soonTimer) return;
    this.#soonTimer = setTimeout(() => {
      this.#soonTimer = undefined;
      this.trigger();
    }, delayMs);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#soonTimer);
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#current;
  }

  async #once(): Promise<void> {
    this.#isBusy = true;
    try {
      do {
        this.#again = false;
        await this.#task();
        this.#lastSuccessMs = performance.now();
      } while (this.#again && !this.#stopped);
    } catch (error) {
      this.#logger.warn(`${this.#name} failed, trying again`, {
        reason: String(error),
      });
    } finally {
      this.#isBusy = false;
      if (!this.#stopped)
        this.#timer = setTimeout(() => this.trigger(), this.#intervalMs);
    }
  }
}
