import { LoggerService } from '@backstage/backend-plugin-api';
import { run, Runner, TaskList } from 'graphile-worker';
import { Pool } from 'pg';
import { quietLogger } from '../database/graphileLogger';

/** Jobs only look at a run: they are over in a moment. */
const CONCURRENCY = 6;
const LOCAL_QUEUE_SIZE = 24;
/** For timers, and when a notification got lost. */
const POLL_INTERVAL_MS = 1_000;
const COMPLETE_BATCH_MS = 20;
const RESTART_DELAY_MS = 1_000;

/** What is done when a bell rings, by name. */
export type WakeupHandlers = Record<
  string,
  (payload: unknown) => Promise<void>
>;

/**
 * Hears the bells that were rung in the transactions of others, and timers. Whatever ends it, it begins again: until it hears again, the
 * sweeper finds what was rung for.
 */
export class Wakeups {
  static create(options: {
    pool: Pool;
    schema: string;
    handlers: WakeupHandlers;
    logger: LoggerService;
  }): Wakeups {
    return new Wakeups(options);
  }

  readonly #options: Parameters<typeof Wakeups.create>[0];
  readonly #tasks: TaskList;
  #runner: Runner | undefined;
  #stopped = false;
  #loop: Promise<void> | undefined;
  #endPause: () => void = () => {};

  private constructor(options: Parameters<typeof Wakeups.create>[0]) {
    this.#options = options;
    this.#tasks = Object.fromEntries(
      Object.entries(options.handlers).map(([name, handle]) => [
        name,
        async (payload: unknown) => {
          // A bell that could not be answered is no reason to keep it: the sweeper looks again.
          await handle(payload).catch(error =>
            options.logger.warn('A wake-up failed', {
              name,
              reason: String(error),
            }),
          );
        },
      ]),
    );
  }

  start(): void {
    this.#loop = this.#keepRunning();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endPause();
    await this.#runner?.stop().catch(() => {});
    await this.#loop;
  }

  async #keepRunning(): Promise<void> {
    while (!this.#stopped) {
      try {
        this.#runner = await this.#begin();
        if (this.#stopped) await this.#runner.stop();
        await this.#runner.promise;
      } catch (error) {
        if (!this.#stopped)
          this.#options.logger.warn('Wake-ups stopped, beginning again', {
            reason: String(error),
          });
      }
      this.#runner = undefined;
      if (!this.#stopped) await this.#pause();
    }
  }

  async #begin(): Promise<Runner> {
    const { pool, schema, logger } = this.#options;
    return run({
      pgPool: pool,
      schema,
      taskList: this.#tasks,
      crontab: '',
      noHandleSignals: true,
      logger: quietLogger(logger),
      preset: {
        worker: {
          concurrentJobs: CONCURRENCY,
          pollInterval: POLL_INTERVAL_MS,
          localQueue: { size: LOCAL_QUEUE_SIZE },
          completeJobBatchDelay: COMPLETE_BATCH_MS,
        },
      },
    });
  }

  async #pause(): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, RESTART_DELAY_MS);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
