import {
  OutcomeUnknownError,
  StepContext,
  StepFailedError,
  StepResult,
} from '@switchyard/backstage-plugin-runs-node';
import {
  Application,
  ArgoCdWriter,
  OpenApplication,
  OperationState,
} from '@switchyard/fleet-node';
import { hasAutoSync } from '../argocd/autoSyncHold';
import { describeOperation } from '../argocd/describeOperation';
import { readMigration } from '../argocd/migrationVerdict';
import {
  findEvidence,
  isOver,
  revisionOf,
  SyncEvidence,
} from '../argocd/operationEvidence';
import { carriesAttempt, operationIdOf } from '../argocd/operationIdentity';
import { SyncStepInput, SyncStepOutput } from '../hotfix/types';
import { AutomationWatch } from '../steps/AutomationWatch';
import { CommitAncestry } from '../steps/CommitAncestry';
import { Refresher } from '../steps/Refresher';
import { StepTools } from '../steps/types';
import { waitForApplication } from '../steps/waitForApplication';
import { describeOperationFailure } from './operationFailure';
import { createOrder, openOrderOf, SyncOrder, wordOf } from './syncOrder';
import { SyncSender } from './SyncSender';
import { exactly } from '../exactly';

interface FollowOptions {
  tools: StepTools;
  context: StepContext;
  input: SyncStepInput;
  commit: string;
  /** The commit was there before the run. */
  isOld: boolean;
  application: OpenApplication;
  writer: ArgoCdWriter;
}

/**
 * Follows one Application until it has synced the commit. Its stream is held open, so that nothing that happens is missed.
 */
export class SyncFollower {
  readonly #options: FollowOptions;
  readonly #ancestry: CommitAncestry;
  readonly #automation: AutomationWatch;
  readonly #refresher: Refresher;
  readonly #sender: SyncSender;
  readonly #deadline: number;
  #saidMigration = '';
  /** The sync that was asked for and whose outcome is open. */
  #order: SyncOrder | undefined;
  /** The operation that is known and accepted, if it failed: nothing but another one is news. */
  #behind: string | null;

  static create(options: FollowOptions): SyncFollower {
    return new SyncFollower(options);
  }

  private constructor(options: FollowOptions) {
    const { tools, context, input, application, writer } = options;
    const { namespace, name, project, instance, repoUrl, branch } =
      input.application;
    const reader = tools.fleet.argo(instance);
    const { signal } = context;
    this.#options = options;
    this.#ancestry = CommitAncestry.create({
      repository: tools.git.repository(repoUrl),
      branch,
      commit: options.commit,
      signal,
    });
    this.#refresher = Refresher.create({
      context,
      reader,
      name: { namespace, name, project },
      patience: tools.patience,
    });
    this.#automation = AutomationWatch.create({
      context,
      reader,
      name: { namespace, name, project },
      refresher: this.#refresher,
    });
    this.#sender = SyncSender.create({
      context,
      writer,
      application,
      name: { namespace, name, project },
    });
    this.#deadline =
      Date.now() + context.step.timeoutMs * tools.patience.shareOfTimeout;
    this.#order = openOrderOf(context);
    this.#behind = this.#order
      ? this.#order.operationBefore
      : this.#acceptedAtFirst();
  }

  /** Sees to it that the commit is synced. */
  async bringAbout(): Promise<StepResult> {
    for (;;) {
      const application = this.#options.application.current();
      const evidence = await this.#look(application);
      const result = await this.#judge(evidence, application);
      if (result) return result;
      if (evidence.state === 'none' || evidence.state === 'failed') {
        this.#assertNotReplaced(application);
        await this.#move(application, evidence.state === 'failed');
      }
      await this.#wait();
    }
  }

  /** What became of the sync that an earlier attempt asked for; undefined when it did not arrive. */
  async adopt(): Promise<StepResult | undefined> {
    for (;;) {
      const application = this.#options.application.current();
      const evidence = await this.#look(application);
      const result = await this.#judge(evidence, application);
      if (result) return result;
      if (evidence.state === 'none' || evidence.state === 'failed') {
        this.#assertNotReplaced(application);
        return undefined;
      }
      await this.#wait();
    }
  }

  async #look(application: Application): Promise<SyncEvidence> {
    const { input, context, isOld } = this.#options;
    return findEvidence(application, input.application, {
      runId: context.run.id,
      contains: revision => this.#ancestry.isIn(revision),
      isOld,
      requestedAt: context.run.requestedAt,
    });
  }

  /** The end, if this is one. Reports on the way. */
  async #judge(
    evidence: SyncEvidence,
    application: Application,
  ): Promise<StepResult | undefined> {
    switch (evidence.state) {
      case 'done':
        return this.#succeed(evidence, application);
      case 'failed':
        if (operationIdOf(evidence.operation) === this.#behind)
          return undefined;
        throw await this.#failure(evidence.operation);
      case 'running':
        this.#refresher.remind(evidence.operation !== undefined);
        this.#report(evidence.operation, evidence.mine);
        return undefined;
      case 'busy':
        this.#refresher.remind(evidence.operation !== undefined);
        this.#progress(
          `Another operation is in progress: ${describeOperation(
            evidence.operation,
          )}`,
        );
        return undefined;
      default:
        return this.#judgeWithoutOperation(application);
    }
  }

  // Argo CD starts nothing when the cluster already is what the commit says.
  async #judgeWithoutOperation({
    status,
  }: Application): Promise<StepResult | undefined> {
    const { input, context } = this.#options;
    const revision = revisionOf(status?.sync ?? {}, input.application);
    if (
      status?.sync?.status !== 'Synced' ||
      !revision ||
      !(await this.#ancestry.isIn(revision))
    )
      return undefined;
    const evidence =
      'Argo CD compared with the revision and found nothing to apply';
    context.log(evidence);
    return toResult({
      revision,
      evidence,
      initiatedBy: null,
      finishedAt: null,
      migration: {
        state: 'none',
        text: 'No operation was needed, so no migration ran',
      },
    });
  }

  async #move(application: Application, isRetry: boolean): Promise<void> {
    const { tools, context, input, commit } = this.#options;
    const silent = tools.fleet
      .argoInstances()
      .find(
        ({ name, state }) =>
          name === input.application.instance && state !== 'live',
      );
    if (silent) {
      this.#progress(
        `Argo CD ${silent.name} has not answered since ${exactly(
          silent.since,
        )}; waiting`,
      );
    } else if (hasAutoSync(application) && !isRetry) {
      await this.#waitForAutomation(application);
    } else {
      // Also with auto-sync: a revision that failed is not tried again by itself, so a person's wish to do that has to be carried there.
      const order = createOrder(
        context,
        commit,
        application.status?.operationState,
      );
      const isOpen = await this.#sender.send(order);
      this.#behind = order.operationBefore;
      this.#order = isOpen ? order : undefined;
    }
  }

  async #waitForAutomation(application: Application): Promise<void> {
    const reasons = await this.#automation.look(application);
    this.#progress(
      reasons.length > 0
        ? `Argo CD does not sync yet: ${reasons.join('; ')}`
        : 'Waiting for Argo CD to see the commit and sync by itself',
    );
    this.#assertInTime(
      `Argo CD has not synced the commit${
        reasons.length > 0
          ? `: ${reasons.join('; ')}`
          : ', and does not say why'
      }`,
    );
  }

  #report(operation: OperationState | undefined, mine: boolean): void {
    const { input, context } = this.#options;
    this.#progress(
      `${describeOperation(operation)}${
        mine ? '' : describeStarter(operation)
      }`,
    );
    if (!operation) return;
    const { state, text } = readMigration(
      operation,
      input.application,
      undefined,
    );
    if (
      text !== this.#saidMigration &&
      (state === 'running' || state === 'ran')
    ) {
      this.#saidMigration = text;
      context.log(`Migration: ${text}`);
    }
    this.#assertInTime(
      `The sync of ${
        input.application.name
      } takes too long: ${describeOperation(operation)}`,
    );
  }

  #succeed(
    evidence: Extract<SyncEvidence, { state: 'done' }>,
    application: Application,
  ): StepResult {
    const { tools, context, input } = this.#options;
    const { instance, namespace, name } = input.application;
    const migration = readMigration(
      application.status?.operationState,
      input.application,
      evidence.revision,
    );
    context.log(
      `${name} was synced to ${evidence.revision.slice(0, 10)}: ${
        evidence.why
      }`,
    );
    context.log(`Migration: ${migration.text}`);
    context.recordChange({
      system: 'argocd',
      what: `sync of Application ${name}`,
      ref: `${instance}/${namespace}/${name}`,
      url: tools.fleet.application({ instance, namespace, name })?.url,
      cluster: input.cluster ?? undefined,
      after: evidence.revision,
    });
    const { revision, why, by, finishedAt } = evidence;
    return toResult({
      revision,
      evidence: why,
      initiatedBy: by,
      finishedAt,
      migration: { state: migration.state, text: migration.text },
    });
  }

  #failure(operation: OperationState): Promise<Error> {
    const { tools, context, input } = this.#options;
    return describeOperationFailure({ tools, context, ...input }, operation);
  }

  // What had ended before anything was asked for on a person's word is what that person wants to be tried again. The request of a run is such a word where the
  // commit was there before it.
  #acceptedAtFirst(): string | null {
    const { context, isOld, application } = this.#options;
    const state = application.current().status?.operationState;
    return (isOld || wordOf(context) !== null) && isOver(state)
      ? operationIdOf(state)
      : null;
  }

  // Another operation than the one before is there. Where it is not ours, it may have replaced ours.
  #assertNotReplaced({ status }: Application): void {
    const { context, input, commit } = this.#options;
    const state = status?.operationState;
    const order = this.#order;
    if (!order || !state || operationIdOf(state) === order.operationBefore)
      return;
    const { name } = input.application;
    if (
      order.attempt !== undefined &&
      carriesAttempt(state.operation, context.run.id, order.attempt)
    ) {
      // Not the end yet: the Git server may only be late to say so.
      throw new Error(
        `The sync of ${name} that was asked for is over, and what it synced does not hold ${commit.slice(
          0,
          10,
        )} as far as Git says`,
      );
    }
    throw new OutcomeUnknownError(
      `A sync of ${name} was asked for, and another operation has replaced it since: what became of it is not known`,
    );
  }

  async #wait(): Promise<void> {
    const { tools, context, input } = this.#options;
    this.#assertInTime(`${input.application.name} was not synced in time`);
    await waitForApplication(tools, input.application, context);
  }

  #assertInTime(message: string): void {
    if (Date.now() >= this.#deadline) throw new StepFailedError(message);
  }

  #progress(message: string): void {
    this.#options.context.progress(message);
  }
}

function describeStarter(operation: OperationState | undefined): string {
  return operation?.operation.initiatedBy?.automated
    ? ' (automated)'
    : ' (started by somebody else)';
}

function toResult(output: SyncStepOutput): StepResult {
  return { output };
}
