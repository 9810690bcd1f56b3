import { StepContext } from '@switchyard/backstage-plugin-runs-node';
import {
  Application,
  ApplicationName,
  ArgoCdReader,
} from '@switchyard/fleet-node';
import { findConditions, judgeWindows } from '../argocd/describeOperation';
import { Refresher } from './Refresher';

/** Argo CD is asked about its windows this often while a sync does not begin. */
const WINDOWS_EVERY_MS = 15_000;

/**
 * Waits for Argo CD to sync by itself: makes it look at Git, and finds out why it does not begin.
 */
export class AutomationWatch {
  readonly #context: StepContext;
  readonly #reader: ArgoCdReader;
  readonly #name: ApplicationName;
  readonly #refresher: Refresher;
  #windows = { at: 0, closed: '' };

  static create(options: {
    context: StepContext;
    reader: ArgoCdReader;
    name: ApplicationName;
    refresher: Refresher;
  }): AutomationWatch {
    return new AutomationWatch(options);
  }

  private constructor(options: {
    context: StepContext;
    reader: ArgoCdReader;
    name: ApplicationName;
    refresher: Refresher;
  }) {
    this.#context = options.context;
    this.#reader = options.reader;
    this.#name = options.name;
    this.#refresher = options.refresher;
  }

  /** Looks, and answers with the reasons why nothing begins, as far as they can be seen. */
  async look(application: Application): Promise<string[]> {
    this.#refresher.refresh();
    const closed = await this.#closedWindow();
    return [...findConditions(application), ...(closed ? [closed] : [])];
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
