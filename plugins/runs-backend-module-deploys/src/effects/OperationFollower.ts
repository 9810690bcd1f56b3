import {
  OutcomeUnknownError,
  StepContext,
  StepFailedError,
} from '@switchyard/backstage-plugin-runs-node';
import {
  Application,
  ArgoCdWriter,
  OpenApplication,
  Operation,
  OperationState,
  RevisionHistory,
} from '@switchyard/fleet-node';
import { describeOperation } from '../argocd/describeOperation';
import { isOver } from '../argocd/operationEvidence';
import { operationIdOf } from '../argocd/operationIdentity';
import { exactly } from '../exactly';
import { ApplicationId } from '../operations/applicationTargets';
import { Refresher } from '../steps/Refresher';
import { StepTools } from '../steps/types';
import { waitForApplication } from '../steps/waitForApplication';
import { OperationOrder, openOrderOf, wordOf } from './syncOrder';
import { OperationRequest, SyncSender } from './SyncSender';

/** An operation that a step asks for itself, as it is kept from before it is sent. */
export type FollowedOrder = OperationOrder & {
  /** Id of the newest entry of the history before; null where there was none. */
  historyBefore: number | null;
};

/** What is asked for, and how it is known again. */
export interface FollowedRequest extends OperationRequest {
  /** Looks at the Application before it is asked; throws where it must not be. */
  check?(application: Application): void;
  /** Whether an operation is the one that was asked for. */
  isOurs(operation: Operation): boolean;
  /** Whether an entry of the history that came after the order shows that what was asked for has happened. */
  isDeployedBy(entry: RevisionHistory): boolean;
}

/** How an operation that was asked for has ended. */
export type FollowedEnd =
  | { by: 'operation'; state: OperationState }
  /** The operation itself was replaced since. */
  | { by: 'history'; entry: RevisionHistory };

interface FollowOptions {
  tools: StepTools;
  context: StepContext;
  application: OpenApplication;
  id: ApplicationId;
  writer: ArgoCdWriter;
  request: FollowedRequest;
  /** Why the operation failed. */
  failure(state: OperationState): Promise<Error>;
}

/**
 * Asks for one operation on an Application and follows it to its end. Its stream is held open, so that nothing that happens is missed.
 */
export class OperationFollower {
  readonly #options: FollowOptions;
  readonly #refresher: Refresher;
  readonly #sender: SyncSender;
  readonly #deadline: number;
  #order: FollowedOrder | undefined;
  /** The operation that is known and accepted, if it failed: nothing but another one is news. */
  #behind: string | null;

  static create(options: FollowOptions): OperationFollower {
    return new OperationFollower(options);
  }

  private constructor(options: FollowOptions) {
    const { tools, context, application, id, writer, request } = options;
    this.#options = options;
    this.#refresher = Refresher.create({
      context,
      reader: tools.fleet.argo(id.instance),
      name: id,
      patience: tools.patience,
    });
    this.#sender = SyncSender.create({
      context,
      writer,
      application,
      name: id,
      request,
    });
    this.#deadline =
      Date.now() + context.step.timeoutMs * tools.patience.shareOfTimeout;
    this.#order = openOrderOf<FollowedOrder>(context);
    const state = application.current().status?.operationState;
    // What had ended before a person's word is what that person wants to be tried again.
    const accepted =
      wordOf(context) !== null && isOver(state) ? operationIdOf(state) : null;
    this.#behind = this.#order ? this.#order.operationBefore : accepted;
  }

  /** Asks for the operation unless that was done, and waits for its end. */
  async bringAbout(): Promise<FollowedEnd> {
    for (;;) {
      const application = this.#options.application.current();
      const end = await this.#look(application);
      if (end && end !== 'waiting') return end;
      if (!end) await this.#send(application);
      await this.#wait();
    }
  }

  /** What became of the operation that an earlier attempt asked for; undefined when it did not arrive. */
  async adopt(): Promise<FollowedEnd | undefined> {
    for (;;) {
      const end = await this.#look(this.#options.application.current());
      if (!end) return undefined;
      if (end !== 'waiting') return end;
      await this.#wait();
    }
  }

  /** Undefined when it is free to be asked for. */
  async #look(
    application: Application,
  ): Promise<FollowedEnd | 'waiting' | undefined> {
    const { request, id } = this.#options;
    const { operation: asked, status } = application;
    const state = status?.operationState;
    const running =
      asked ?? (state && !isOver(state) ? state.operation : undefined);
    if (running) {
      // While an operation waits to be started there may still be the state of the one before.
      const started = isOver(state) ? undefined : state;
      this.#refresher.remind(started !== undefined);
      this.#progress(
        `${
          request.isOurs(running) ? '' : 'Another operation is in progress: '
        }${describeOperation(started)}`,
      );
      this.#assertInTime(
        `The operation on ${id.name} takes too long: ${describeOperation(
          started,
        )}`,
      );
      return 'waiting';
    }
    const isNews = state && operationIdOf(state) !== this.#behind;
    if (isNews && request.isOurs(state.operation)) {
      if (state.phase === 'Succeeded') return { by: 'operation', state };
      throw await this.#options.failure(state);
    }
    const order = this.#order;
    if (!order || operationIdOf(state) === order.operationBefore)
      return undefined;
    const entry = [...(status?.history ?? [])]
      .reverse()
      .find(
        each =>
          (order.historyBefore === null || each.id > order.historyBefore) &&
          request.isDeployedBy(each),
      );
    if (entry) return { by: 'history', entry };
    throw new OutcomeUnknownError(
      `Argo CD was asked to ${request.verb} ${id.name}, and another operation has replaced that since: what became of it is not known`,
    );
  }

  async #send(application: Application): Promise<void> {
    const { tools, context, id, request } = this.#options;
    const silent = tools.fleet
      .argoInstances()
      .find(({ name, state }) => name === id.instance && state !== 'live');
    if (silent) {
      this.#progress(
        `Argo CD ${silent.name} has not answered since ${exactly(
          silent.since,
        )}; waiting`,
      );
      return;
    }
    request.check?.(application);
    const history = application.status?.history ?? [];
    const order: FollowedOrder = {
      operationBefore: operationIdOf(application.status?.operationState),
      historyBefore: history[history.length - 1]?.id ?? null,
      attempt: context.step.attempt,
      word: wordOf(context),
    };
    const isOpen = await this.#sender.send(order);
    this.#behind = order.operationBefore;
    this.#order = isOpen ? order : undefined;
  }

  async #wait(): Promise<void> {
    const { tools, context, id } = this.#options;
    this.#assertInTime(`The operation on ${id.name} did not end in time`);
    await waitForApplication(tools, id, context);
  }

  #assertInTime(message: string): void {
    if (Date.now() >= this.#deadline) throw new StepFailedError(message);
  }

  #progress(message: string): void {
    this.#options.context.progress(message);
  }
}
