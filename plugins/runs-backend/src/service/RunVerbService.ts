import { ConflictError, NotAllowedError } from '@backstage/errors';
import {
  PersonsWord,
  RunFork,
  RunSummary,
  runControlPermission,
  runCreatePermission,
} from '@switchyard/backstage-plugin-runs-common';
import { RunVerbStore } from '../database/RunVerbStore';
import { FullRun } from '../database/types';
import { Caller } from './Caller';
import { RefusedError } from './errors';
import { requireStep, RunReader } from './RunReader';
import {
  canDiscard,
  canRetry,
  isPaused,
  isStopped,
  judgeFork,
  judgeSkip,
} from './runVerbs';
import {
  TargetAuthorizer,
  TargetPermission,
  toTarget,
} from './TargetAuthorizer';
import { CallOptions, RunService } from './types';

/** What people do with runs that are there already, besides cancelling, confirming and trying a step again. */
export interface RunVerbService {
  /** Holds a run: one in line at once, a running one when its present step has ended. @throws ConflictError when it does neither */
  pauseRun(id: string, options: CallOptions): Promise<RunSummary>;
  /** Lets a run go on that a person holds. @throws ConflictError when nobody does, or when the interlock says no */
  continueRun(id: string, options: CallOptions): Promise<RunSummary>;
  /** Tries all again at which a run stopped. @throws ConflictError when it did not stop, or when the interlock says no */
  redriveRun(id: string, options: CallOptions): Promise<RunSummary>;
  /** Gives a run up that stopped without a clear end. @throws ConflictError when it did not */
  discardRun(
    id: string,
    reason: string,
    options: CallOptions,
  ): Promise<RunSummary>;
  /** Lets a run go on without a step. @throws ConflictError when the plan or the state of the run does not allow it */
  skipStep(
    id: string,
    stepId: string,
    reason: string,
    options: CallOptions,
  ): Promise<RunSummary>;
  /** What was chosen for a run, and what it would do now. @throws ConflictError when it was not kept */
  forkRun(id: string, options: CallOptions): Promise<RunFork>;
}

/** {@link RunVerbService} with its permissions: each verb asks for the right to steer the run's target, a fork for the right to request. */
export class AuthorizedRunVerbService implements RunVerbService {
  static create(options: {
    store: RunVerbStore;
    reader: RunReader;
    runs: RunService;
    authorizer: TargetAuthorizer;
  }): AuthorizedRunVerbService {
    return new AuthorizedRunVerbService(options);
  }

  readonly #store: RunVerbStore;
  readonly #reader: RunReader;
  readonly #runs: RunService;
  readonly #authorizer: TargetAuthorizer;

  private constructor(options: {
    store: RunVerbStore;
    reader: RunReader;
    runs: RunService;
    authorizer: TargetAuthorizer;
  }) {
    this.#store = options.store;
    this.#reader = options.reader;
    this.#runs = options.runs;
    this.#authorizer = options.authorizer;
  }

  async pauseRun(id: string, { caller }: CallOptions): Promise<RunSummary> {
    const run = await this.#require(id, runControlPermission, caller);
    if (!(await this.#store.pause(id, caller.userEntityRef)))
      throw new ConflictError(
        `Run #${run.number} cannot be held: it neither stands in line nor runs, or was asked to stop before`,
      );
    return this.#reader.summarize(id, caller);
  }

  async continueRun(id: string, options: CallOptions): Promise<RunSummary> {
    const { caller } = options;
    const run = await this.#require(id, runControlPermission, caller);
    const isDone = isPaused(run)
      ? await this.#letGoOn(run, caller)
      : await this.#store.withdrawPause(id);
    if (!isDone) throw new ConflictError(`Nobody holds run #${run.number}`);
    return this.#reader.summarize(id, caller);
  }

  async redriveRun(id: string, { caller }: CallOptions): Promise<RunSummary> {
    const run = await this.#require(id, runControlPermission, caller);
    const refusal = `Run #${run.number} did not stop at a step`;
    if (!canRetry(run)) throw new ConflictError(refusal);
    const [actor] = await Promise.all([
      answering(caller, {
        retriedStepIds: run.steps.filter(isStopped).map(step => step.stepId),
      }),
      this.#requireOpen(run, caller),
    ]);
    if (!(await this.#store.redrive(id, run.plan.keys, actor)))
      throw new ConflictError(refusal);
    return this.#reader.summarize(id, caller);
  }

  async discardRun(
    id: string,
    reason: string,
    { caller }: CallOptions,
  ): Promise<RunSummary> {
    const run = await this.#require(id, runControlPermission, caller);
    const refusal = `Run #${run.number} has a clear end, or has none yet: there is nothing to discard`;
    if (!canDiscard(run)) throw new ConflictError(refusal);
    if (!(await this.#store.discard(id, toWord(caller, reason))))
      throw new ConflictError(refusal);
    return this.#reader.summarize(id, caller);
  }

  async skipStep(
    id: string,
    stepId: string,
    reason: string,
    { caller }: CallOptions,
  ): Promise<RunSummary> {
    const run = await this.#require(id, runControlPermission, caller);
    const step = requireStep(run, stepId);
    const refusal = `Step '${stepId}' of run #${run.number} cannot be skipped now: the run must wait or have stopped, and the step must not be done`;
    const word = judgeSkip(run, step);
    if (!word) throw new ConflictError(refusal);
    if (!word.allowed) throw new ConflictError(word.why);
    const said = toWord(caller, reason);
    const isSkipped =
      run.status === 'waiting'
        ? await this.#store.skipOfWaiting(id, stepId, said)
        : await this.#skipOfStopped(run, stepId, said, caller);
    if (!isSkipped) throw new ConflictError(refusal);
    return this.#reader.summarize(id, caller);
  }

  async forkRun(id: string, options: CallOptions): Promise<RunFork> {
    const run = await this.#require(id, runCreatePermission, options.caller);
    const word = judgeFork(run);
    if (!word)
      throw new ConflictError(
        `Run #${run.number} still waits: let it go on, or cancel it first`,
      );
    if (!word.allowed || !run.input) throw new ConflictError(word.why);
    const request = {
      action: run.kind,
      entityRef: run.entityRef,
      environment: run.environment,
      input: run.input,
    };
    return {
      request: { ...request, forkedFrom: run.id },
      preview: await this.#runs.preview(request, options),
    };
  }

  /** The run goes on by it, so the interlock is asked first. */
  async #skipOfStopped(
    run: FullRun,
    stepId: string,
    word: PersonsWord,
    caller: Caller,
  ): Promise<boolean> {
    const [actor] = await Promise.all([
      answering(caller),
      this.#requireOpen(run, caller),
    ]);
    return this.#store.skipOfStopped(run.id, stepId, {
      word,
      keys: run.plan.keys,
      actor,
    });
  }

  /** Says nothing on what a step found in the world: that takes a confirmation. */
  async #letGoOn(run: FullRun, caller: Caller): Promise<boolean> {
    const [actor] = await Promise.all([
      answering(caller),
      this.#requireOpen(run, caller),
    ]);
    return this.#store.continue(run.id, run.plan.keys, actor);
  }

  /** @throws RefusedError when the interlock says no */
  async #requireOpen(run: FullRun, caller: Caller): Promise<void> {
    const { now } = await this.#reader.reconsider(run, caller);
    if (now && now.blockers.length > 0) throw new RefusedError(now.blockers);
  }

  async #require(
    id: string,
    permission: TargetPermission,
    caller: Caller,
  ): Promise<FullRun> {
    const [run, decisions] = await Promise.all([
      this.#reader.find(id, caller),
      this.#authorizer.decide(caller.credentials),
    ]);
    const { entityRef, environment, kind } = run;
    const grant = decisions.judge(
      permission,
      toTarget(await caller.entity(entityRef), {
        entityRef,
        environment,
        action: kind,
      }),
    );
    if (!decisions.mayRead || !grant.allowed)
      throw new NotAllowedError(grant.why);
    return run;
  }
}

function toWord(caller: Caller, reason: string): PersonsWord {
  return { by: caller.userEntityRef, at: new Date().toISOString(), reason };
}

async function answering(
  caller: Caller,
  more: { retriedStepIds?: string[] } = {},
) {
  const confirmed = {
    by: caller.userEntityRef,
    at: new Date().toISOString(),
    ...more,
  };
  return { confirmed, groups: await caller.groupRefs() };
}
