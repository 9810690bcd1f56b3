import {
  ConflictError,
  NotAllowedError,
  NotFoundError,
} from '@backstage/errors';
import {
  breakGlassPermission,
  GateInbox,
  PassConfirmation,
  PassRefusal,
  PassRequest,
  runControlPermission,
  RunSummary,
  WaitingPass,
} from '@switchyard/backstage-plugin-runs-common';
import { RunsTarget } from '@switchyard/backstage-plugin-runs-node';
import { PassTerms } from '../breakGlass/terms';
import { PassRecord } from '../breakGlass/types';
import { PassStore } from '../database/PassStore';
import { RunStore } from '../database/RunStore';
import { FullRun, RunRecord } from '../database/types';
import { Caller } from './Caller';
import { RefusedError } from './errors';
import {
  mentionedByPasses,
  overlayPass,
  toRunPass,
  whyNotSecond,
} from './passViews';
import { RunReader } from './RunReader';
import { canRetry, isParked } from './runVerbs';
import {
  TargetAuthorizer,
  TargetPermission,
  toTarget,
} from './TargetAuthorizer';
import { CallOptions } from './types';
import { mentionedBy, toSummary } from './views';

/** More passes than that do not wait at the same time in any installation that is looked after. */
const MAX_WAITING = 100;

/** Emergency passes, as people ask for them, confirm, refuse and withdraw them. */
export interface PassService {
  /** What waits for the caller as a second person, and what the caller waits for. */
  listWaiting(options: CallOptions): Promise<GateInbox['passes']>;
  /**
   * Asks for a pass for a run that is parked or has stopped.
   *
   * @throws ConflictError when nothing is in its way that a pass could lift, or something else is; when it has a pass, or another plan
   */
  ask(
    runId: string,
    request: PassRequest,
    options: CallOptions,
  ): Promise<RunSummary>;
  /** @throws ConflictError when it waits for nobody any more, or is for another plan than the one that was shown */
  confirm(
    passId: string,
    request: PassConfirmation,
    options: CallOptions,
  ): Promise<RunSummary>;
  /** @throws ConflictError as `confirm` */
  refuse(
    passId: string,
    request: PassRefusal,
    options: CallOptions,
  ): Promise<RunSummary>;
  /** @throws ConflictError when it is over already */
  withdraw(passId: string, options: CallOptions): Promise<RunSummary>;
}

/**
 * {@link PassService} with its permissions: who asks needs the right to break the glass and the right to steer the run, who confirms the right to break
 * the glass and must have asked for neither the pass nor the run.
 */
export class AuthorizedPassService implements PassService {
  static create(options: {
    passes: PassStore;
    runs: RunStore;
    reader: RunReader;
    terms: PassTerms;
    authorizer: TargetAuthorizer;
  }): AuthorizedPassService {
    return new AuthorizedPassService(options);
  }

  readonly #options: Parameters<typeof AuthorizedPassService.create>[0];

  private constructor(
    options: Parameters<typeof AuthorizedPassService.create>[0],
  ) {
    this.#options = options;
  }

  async listWaiting({ caller }: CallOptions): Promise<GateInbox['passes']> {
    const { runs, authorizer } = this.#options;
    const [decisions, waiting] = await Promise.all([
      authorizer.decide(caller.credentials),
      runs.listWithAskedPass(MAX_WAITING),
    ]);
    if (!decisions.mayRead) throw new NotAllowedError('You may not see runs');
    const person = caller.userEntityRef;
    const visible = await caller.visible([
      ...new Set(
        waiting.flatMap(run => [
          run.entityRef,
          ...mentionedBy(run),
          ...mentionedByPasses(run),
        ]),
      ),
    ]);
    const forMe: WaitingPass[] = [];
    const mine: WaitingPass[] = [];
    for (const run of waiting.filter(each => visible.has(each.entityRef))) {
      const record = run.passes.find(({ status }) => status === 'asked');
      // Its time was up in this moment.
      if (!record) continue;
      const target = await toTargetOf(run, caller);
      const pass = overlayPass(
        toRunPass(record, run, { person, visible }),
        person,
        permission => decisions.judge(permission, target),
      );
      const item = {
        run: toSummary(run, { visible }),
        planHash: record.planHash,
        pass,
      };
      if (pass.verbs.some(({ verb, allowed }) => verb === 'confirm' && allowed))
        forMe.push(item);
      else if (record.askedBy === person || run.requestedBy === person)
        mine.push(item);
    }
    return { forMe, mine };
  }

  async ask(
    runId: string,
    request: PassRequest,
    { caller }: CallOptions,
  ): Promise<RunSummary> {
    const { reader, terms, passes } = this.#options;
    const run = await reader.find(runId, caller);
    await this.#require(run, caller, runControlPermission);
    await this.#require(run, caller, breakGlassPermission);
    if (!isParked(run) && !canRetry(run))
      throw new ConflictError(
        `Run #${run.number} neither waits for anybody nor has stopped`,
      );
    const [{ now, locks = [] }, askedGroups] = await Promise.all([
      reader.reconsider(run, caller),
      caller.groupRefs(),
    ]);
    const blockers = now?.blockers ?? [];
    if (blockers.length === 0)
      throw new ConflictError(`Nothing is in the way of run #${run.number}`);
    const passed = terms.find({ blockers, approvals: [] });
    if (!passed) throw new RefusedError(blockers);
    const pass = terms.toPass(passed, {
      environment: run.environment,
      wish: request,
      askedBy: caller.userEntityRef,
      askedGroups,
      locks,
    });
    const { planHash } = request;
    const { keys } = run.plan;
    if (
      !(await passes.ask(runId, pass, { planHash, keys, goesOn: goesOn(run) }))
    )
      throw new ConflictError(
        `Run #${run.number} has a pass already, or another plan than the one that was shown; look at it again`,
      );
    return reader.summarize(runId, caller);
  }

  async confirm(
    passId: string,
    request: PassConfirmation,
    options: CallOptions,
  ): Promise<RunSummary> {
    return this.#answer(passId, 'given', request, options);
  }

  async refuse(
    passId: string,
    request: PassRefusal,
    options: CallOptions,
  ): Promise<RunSummary> {
    return this.#answer(passId, 'refused', request, options);
  }

  async withdraw(passId: string, { caller }: CallOptions): Promise<RunSummary> {
    const { passes, reader } = this.#options;
    const { run, pass } = await this.#find(passId, caller);
    if (pass.askedBy !== caller.userEntityRef)
      await this.#require(run, caller, breakGlassPermission);
    if (!(await passes.withdraw(passId, caller.userEntityRef)))
      throw new ConflictError('This pass is over already');
    return reader.summarize(run.id, caller);
  }

  async #answer(
    passId: string,
    answer: 'given' | 'refused',
    request: { planHash: string; comment?: string },
    { caller }: CallOptions,
  ): Promise<RunSummary> {
    const { passes, reader } = this.#options;
    const { run, pass } = await this.#find(passId, caller);
    await this.#require(run, caller, breakGlassPermission);
    const why = whyNotSecond(pass, run, caller.userEntityRef);
    if (why !== undefined) throw new NotAllowedError(why);
    const outcome = await passes.answer({
      passId,
      person: caller.userEntityRef,
      answer,
      ...request,
      keys: run.plan.keys,
      goesOn: goesOn(run),
    });
    if (outcome === 'decided')
      throw new ConflictError('This pass waits for nobody any more');
    if (outcome === 'other-plan')
      throw new ConflictError(
        `Run #${run.number} has another plan than the one that was shown; look at it again`,
      );
    return reader.summarize(run.id, caller);
  }

  async #find(
    passId: string,
    caller: Caller,
  ): Promise<{ run: FullRun; pass: PassRecord }> {
    const { passes, reader } = this.#options;
    const notFound = () => new NotFoundError('There is no such pass');
    const runId = await passes.findRunId(passId);
    if (!runId) throw notFound();
    const run = await reader.find(runId, caller).catch(error => {
      // Not even that it exists.
      throw error.name === 'NotFoundError' ? notFound() : error;
    });
    const pass = run.passes.find(({ id }) => id === passId);
    if (!pass) throw notFound();
    return { run, pass };
  }

  async #require(
    run: RunRecord,
    caller: Caller,
    permission: TargetPermission,
  ): Promise<void> {
    const [decisions, target] = await Promise.all([
      this.#options.authorizer.decide(caller.credentials),
      toTargetOf(run, caller),
    ]);
    const grant = decisions.judge(permission, target);
    if (!decisions.mayRead || !grant.allowed)
      throw new NotAllowedError(grant.why);
  }
}

/** What a step found in the world takes a word of its own. */
function goesOn(run: RunRecord): boolean {
  const found = run.parked?.blockers.some(
    ({ type }) => type === 'plan-changed',
  );
  return isParked(run) && !found;
}

async function toTargetOf(run: RunRecord, caller: Caller): Promise<RunsTarget> {
  const { entityRef, environment, kind: action } = run;
  return toTarget(await caller.entity(entityRef), {
    entityRef,
    environment,
    action,
  });
}
