import { LoggerService } from '@backstage/backend-plugin-api';
import { RunStore } from '../database/RunStore';

/** Counts the steps that take longer than expected, for a metric and the log. Screens compare times themselves. */
export class OverdueWatch {
  readonly #runs: Pick<RunStore, 'countOverdue'>;
  readonly #logger: LoggerService;
  #count = 0;

  constructor(options: {
    runs: Pick<RunStore, 'countOverdue'>;
    logger: LoggerService;
  }) {
    this.#runs = options.runs;
    this.#logger = options.logger;
  }

  /** As of the last look, of all replicas together. */
  get count(): number {
    return this.#count;
  }

  async look(): Promise<void> {
    const before = this.#count;
    this.#count = await this.#runs.countOverdue();
    // Said when it changes, not with each look.
    if (this.#count > before)
      this.#logger.warn('Steps take longer than expected', {
        steps: this.#count,
      });
  }
}
