import {
  StepContext,
  StepFailedError,
  StepParkedError,
} from '@switchyard/backstage-plugin-runs-node';
import {
  ApplicationName,
  ArgoCdError,
  ArgoCdWriter,
  OpenApplication,
  SyncRequest,
} from '@switchyard/fleet-node';
import {
  ATTEMPT_INFO,
  operationIdOf,
  RUN_INFO,
} from '../argocd/operationIdentity';
import { OperationOrder } from './syncOrder';

/** What was carried out although its answer was lost shows in the stream at once. */
const LOST_ANSWER_MS = 20_000;

/** What is asked for where it is not a plain sync. */
export interface OperationRequest {
  /** For people: 'sync', 'roll back'. */
  verb: string;
  /** Sends the request. `infos` is what an operation that can carry something carries. */
  ask(
    infos: NonNullable<SyncRequest['infos']>,
    options: { signal: AbortSignal },
  ): Promise<unknown>;
}

/**
 * Asks Argo CD for a sync, once, and waits until it is seen.
 */
export class SyncSender {
  readonly #context: StepContext;
  readonly #request: OperationRequest;
  readonly #application: OpenApplication;
  readonly #name: ApplicationName;

  static create(options: {
    context: StepContext;
    writer: ArgoCdWriter;
    application: OpenApplication;
    name: ApplicationName;
    request?: OperationRequest;
  }): SyncSender {
    return new SyncSender(options);
  }

  private constructor(options: {
    context: StepContext;
    writer: ArgoCdWriter;
    application: OpenApplication;
    name: ApplicationName;
    request?: OperationRequest;
  }) {
    const { writer, name } = options;
    this.#context = options.context;
    this.#application = options.application;
    this.#name = name;
    this.#request = options.request ?? {
      verb: 'sync',
      // Without a revision: the branch's head holds the commit, and an Application that was synced to an older one stays OutOfSync for ever.
      ask: (infos, { signal }) => writer.sync(name, { infos }, { signal }),
    };
  }

  /**
   * Answers false when it is certain that nothing was started.
   *
   * @throws StepFailedError or StepParkedError when Argo CD does not want it; an ordinary error when it is not clear what happened
   */
  async send(order: OperationOrder): Promise<boolean> {
    const { run, step, signal } = this.#context;
    const { name } = this.#name;
    const { verb } = this.#request;
    this.#context.progress(`Asking Argo CD to ${verb} ${name}`);
    await this.#context.beforeEffect(order);
    // The check takes its time, in which somebody else may have synced.
    if (!this.#isLast(order.operationBefore)) return false;
    try {
      const infos = [
        { name: RUN_INFO, value: run.id },
        { name: ATTEMPT_INFO, value: String(step.attempt) },
        { name: 'switchyard-requested-by', value: run.requestedBy },
        { name: 'switchyard-run-url', value: run.url },
      ];
      await this.#request.ask(infos, { signal });
      this.#context.log(`Asked Argo CD to ${verb} ${name}`);
    } catch (error) {
      if (!this.#mayHaveStarted(error)) return false;
    }
    await this.#untilSeen(order.operationBefore);
    return true;
  }

  #isLast(operationId: string | null): boolean {
    const { operation, status } = this.#application.current();
    return !operation && operationIdOf(status?.operationState) === operationId;
  }

  #mayHaveStarted(error: unknown): boolean {
    if (!(error instanceof ArgoCdError)) throw error;
    if (error.outcome === 'unknown') {
      this.#context.log(
        `${error.message}; looking whether it was started`,
        'warn',
      );
      return true;
    }
    if (error.kind === 'forbidden') throw new StepFailedError(error.message);
    if (error.kind !== 'refused') throw error;
    const words = error.argoMessage ?? error.message;
    // The next look sees the other operation, or that auto-sync was switched on.
    if (/already in progress|auto-sync currently set/i.test(words))
      return false;
    if (/sync window/i.test(words))
      throw new StepParkedError(
        `Argo CD does not ${this.#request.verb} ${
          this.#name.name
        } now: ${words}`,
      );
    throw new StepFailedError(
      `Argo CD refused to ${this.#request.verb} ${this.#name.name}: ${words}`,
    );
  }

  // Otherwise the next look would find nothing, and a second sync would be asked for.
  async #untilSeen(before: string | null): Promise<void> {
    const timeout = AbortSignal.timeout(LOST_ANSWER_MS);
    const { signal } = this.#context;
    try {
      await this.#application.until(
        ({ operation, status }) => {
          const last = operationIdOf(status?.operationState);
          return operation || (last !== null && last !== before)
            ? true
            : undefined;
        },
        { signal: AbortSignal.any([signal, timeout]) },
      );
    } catch (error) {
      if (signal.aborted || !timeout.aborted) throw error;
      throw new Error(
        `Argo CD does not show the operation on ${
          this.#name.name
        } that was asked for`,
        { cause: error },
      );
    }
  }
}
