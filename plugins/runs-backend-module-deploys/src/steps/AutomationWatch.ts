import { StepContext } from '@switchyard/backstage-plugin-runs-node';
import {
  Application,
  ApplicationName,
  ArgoCdReader,
} from '@switchyard/fleet-node';
import { findConditions, judgeWindows } from '../argocd/describeOperation';

/** Argo CD is asked about its windows this often while a sync does not begin. */
const WINDOWS_EVERY_MS = 15_000;

/**
 * Waits for Argo CD to sync by itself: makes it look at Git, and finds out why it does not begin.
 */
export class AutomationWatch {
  readonly #context: StepContext;
  readonly #reader: ArgoCdReader;
  readonly #name: ApplicationName;
  readonly #refreshEveryMs: number;
  #nextRefresh = 0;
  #isRefreshing = false;
  #windows = { at: 0, closed: '' };

  static create(options: {
    context: StepContext;
    reader: ArgoCdReader;
    name: ApplicationName;
    refreshEveryMs: number;
  }): AutomationWatch {
    return new AutomationWatch(options);
  }

  private constructor(options: {
    context: StepContext;
    reader: ArgoCdReader;
    name: ApplicationName;
    refreshEveryMs: number;
  }) {
    this.#context = options.context;
    this.#reader = options.reader;
    this.#name = options.name;
    this.#refreshEveryMs = options.refreshEveryMs;
  }

  /** Looks, and answers with the reasons why nothing begins, as far as they can be seen. */
  async look(application: Application): Promise<string[]> {
    this.#refresh();
    const closed = await this.#closedWindow();
    return [...findConditions(application), ...(closed ? [closed] : [])];
  }

  // Without it Argo CD looks at Git every few minutes only. It answers when it has looked, which may take long: nobody waits for that.
  #refresh(): void {
    if (this.#isRefreshing || Date.now() < this.#nextRefresh) return;
    this.#nextRefresh = Date.now() + this.#refreshEveryMs;
    this.#isRefreshing = true;
    this.#reader
      .getApplication(this.#name, {
        refresh: 'normal',
        signal: this.#context.signal,
      })
      .catch(error => {
        if (!this.#context.signal.aborted)
          this.#context.log(
            `Argo CD did not look at Git: ${error.message}`,
            'warn',
          );
      })
      .finally(() => {
        this.#isRefreshing = false;
      });
  }

  async #closedWindow(): Promise<string> {
    if (Date.now() - this.#windows.at < WINDOWS_EVERY_MS)
      return this.#windows.closed;
    try {
      const windows = await this.#reader.syncWindows(this.#name, {
        signal: this.#context.signal,
      });
      const verdict = judgeWindows(windows, 'automation');
      this.#windows = {
        at: Date.now(),
        closed: verdict.open ? '' : verdict.why,
      };
    } catch (error) {
      this.#context.signal.throwIfAborted();
      this.#windows = {
        at: Date.now(),
        closed: `its sync windows cannot be read (${(error as Error).message})`,
      };
    }
    return this.#windows.closed;
  }
}
