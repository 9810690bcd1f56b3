import { StepContext } from '@switchyard/backstage-plugin-runs-node';
import { ApplicationName, ArgoCdReader } from '@switchyard/fleet-node';
import { Patience } from './types';

/**
 * Makes Argo CD look at an Application again, now and then.
 */
export class Refresher {
  readonly #context: StepContext;
  readonly #reader: ArgoCdReader;
  readonly #name: ApplicationName;
  readonly #patience: Patience;
  #next = 0;
  #isRefreshing = false;
  #lyingSince: number | undefined;

  static create(options: {
    context: StepContext;
    reader: ArgoCdReader;
    name: ApplicationName;
    patience: Patience;
  }): Refresher {
    return new Refresher(options);
  }

  private constructor(options: {
    context: StepContext;
    reader: ArgoCdReader;
    name: ApplicationName;
    patience: Patience;
  }) {
    this.#context = options.context;
    this.#reader = options.reader;
    this.#name = options.name;
    this.#patience = options.patience;
  }

  // Without it Argo CD looks at Git every few minutes only. It answers when it has looked, which may take long: nobody waits for that.
  refresh(): void {
    if (this.#context.lookingOnly) return;
    if (this.#isRefreshing || Date.now() < this.#next) return;
    this.#next = Date.now() + this.#patience.refreshEveryMs;
    this.#isRefreshing = true;
    this.#reader
      .getApplication(this.#name, {
        refresh: 'normal',
        signal: this.#context.signal,
      })
      .catch(error => {
        if (!this.#context.signal.aborted)
          this.#context.log(
            `Argo CD did not look at the Application again: ${error.message}`,
            'warn',
          );
      })
      .finally(() => {
        this.#isRefreshing = false;
      });
  }

  /**
   * To be told at each look whether an operation that was asked for has begun. Argo CD misses one now and then that came while it wrote a comparison down, and
   * begins it when it looks at the Application for another reason.
   */
  remind(hasBegun: boolean): void {
    if (hasBegun) {
      this.#lyingSince = undefined;
      return;
    }
    this.#lyingSince ??= Date.now();
    if (Date.now() - this.#lyingSince >= this.#patience.beginMs) this.refresh();
  }
}
