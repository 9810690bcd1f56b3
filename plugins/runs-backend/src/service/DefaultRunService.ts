import { LoggerService } from '@backstage/backend-plugin-api';
import { Entity } from '@backstage/catalog-model';
import {
  ConflictError,
  InputError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { JsonObject } from '@backstage/types';
import {
  ChildRun,
  EntityActions,
  EntityRunsState,
  PreviewRequest,
  RunDetail,
  RunKind,
  RunPlan,
  RunPreview,
  RunRequest,
  RunSummary,
  Verdict,
} from '@switchyard/backstage-plugin-runs-common';
import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { randomUUID } from 'node:crypto';
import { Approvals } from '../approvals/Approvals';
import { PassTerms } from '../breakGlass/terms';
import { findLivePass, NewPass } from '../breakGlass/types';
import { QueueStore } from '../database/QueueStore';
import { RunStore } from '../database/RunStore';
import { FullRun, NewGate, NewRun, RunRecord } from '../database/types';
import { gatherGates } from '../children/inheritApprovals';
import {
  JudgedChild,
  joinVerdicts,
  judgeChildren,
  requireChildren,
} from '../children/judgeChildren';
import { CallerInterlock, CallerQuestion } from '../interlock/CallerInterlock';
import { ActionKinds } from '../kinds/ActionKinds';
import { hashJson, hashPlan } from '../kinds/planHash';
import { validateChildren, validatePlan } from '../kinds/validatePlan';
import { Channels, hashEntityMark, hashRun } from '../signals/Channels';
import { Caller } from './Caller';
import { RefusedError } from './errors';
import { judgeActions } from './judgeActions';
import { mentionedByPasses } from './passViews';
import { requireStep, RunReader } from './RunReader';
import {
  ActionFilter,
  CallOptions,
  ChoicesQuery,
  RunFilter,
  RunPage,
  RunService,
} from './types';
import {
  canDiscard,
  canRetry,
  isParked,
  isPaused,
  isStopped,
} from './runVerbs';
import { mentionedBy, toDetail, toLock, toSummary } from './views';

/** Planning asks registries and forges; a person waits for it. */
const PLAN_TIME_LIMIT_MS = 30_000;
const LOG_LINES_IN_DETAIL = 100;
/** Reads of the list until a page is filled with what the caller may see. */
const MAX_LIST_ROUNDS = 5;

/** {@link RunService} without permissions: see AuthorizedRunService. */
export class DefaultRunService implements RunService {
  static create(options: {
    kinds: ActionKinds;
    runs: RunStore;
    queue: QueueStore;
    reader: RunReader;
    interlock: CallerInterlock;
    approvals: Approvals;
    /** On which terms emergency passes are given. */
    terms: PassTerms;
    channels: Channels;
    /** The environments in which a lock on the entity makes sense. */
    environmentsOf: (entity: Entity) => string[];
    logger: LoggerService;
  }): DefaultRunService {
    return new DefaultRunService(options);
  }

  readonly #options: Parameters<typeof DefaultRunService.create>[0];

  private constructor(options: Parameters<typeof DefaultRunService.create>[0]) {
    this.#options = options;
  }

  async getEntityState(
    entityRef: string,
    { caller }: CallOptions,
  ): Promise<EntityRunsState> {
    const { kinds, runs, interlock, channels, environmentsOf, terms } =
      this.#options;
    const [entity, { active, recent }] = await Promise.all([
      caller.entity(entityRef),
      runs.listOfEntity(entityRef),
    ]);
    const parked = active.filter(isParked);
    const { actions, verdicts, windows, locks, visible } = await judgeActions({
      kinds,
      interlock,
      terms,
      environmentsOf,
      entity,
      caller,
      active,
      also: parked.map(toQuestion),
      mentioned: active.flatMap(mentionedBy),
    });
    const now = new Map(parked.map((run, index) => [run.id, verdicts[index]]));
    return {
      entityRef,
      asOf: new Date().toISOString(),
      channel: channels.handOut(entityRef),
      hash: hashEntityMark({
        runs: [...active, ...recent].map(run => [run.id, run.revision]),
        locks: locks.filter(({ key }) => key === entityRef).map(({ id }) => id),
      }),
      active: active.map(run =>
        toSummary(run, { visible, now: now.get(run.id) }),
      ),
      recent: recent.map(run => toSummary(run, { visible })),
      locks: locks.map(toLock),
      actions,
      windows,
    };
  }

  async getActions(
    entityRef: string,
    only: ActionFilter,
    { caller }: CallOptions,
  ): Promise<EntityActions> {
    const { kinds, runs, interlock, environmentsOf, terms } = this.#options;
    const [entity, { active }] = await Promise.all([
      caller.entity(entityRef),
      runs.listOfEntity(entityRef),
    ]);
    const { actions } = await judgeActions({
      kinds,
      interlock,
      terms,
      environmentsOf,
      entity,
      caller,
      active,
      only,
    });
    return { entityRef, asOf: new Date().toISOString(), items: actions };
  }

  async listChoices(
    request: ChoicesQuery,
    { caller }: CallOptions,
  ): Promise<JsonObject> {
    const { environment } = request;
    const { kind, entity } = await this.#findTarget(request, { caller });
    if (!kind.choices)
      throw new NotFoundError(
        `There is nothing to choose from for '${kind.kind}'`,
      );
    return this.#inTime(kind, signal =>
      kind.choices!(
        { entity, environment, signal },
        { find: refs => caller.entities(refs) },
      ),
    );
  }

  async preview(
    request: PreviewRequest,
    { caller, mayRequest }: CallOptions,
  ): Promise<RunPreview> {
    const { kinds, runs, interlock, terms } = this.#options;
    const { entity, plan } = await this.#plan(request, { caller });
    // Another component may stand in line for the same Application; which one is not for everybody.
    const inLine = await runs.listInLine(plan.keys);
    const [{ verdicts, visible }, children] = await Promise.all([
      interlock.ask({
        entity,
        caller,
        questions: [{ ...toQuestion(plan), plan, ahead: inLine }],
        mentioned: inLine.flatMap(run => [run.entityRef, ...mentionedBy(run)]),
        foresee: true,
      }),
      judgeChildren({ plan, caller, interlock, runs, mayRequest }),
    ]);
    return {
      plan,
      planHash: hashPlan(plan),
      verdict: joinVerdicts(verdicts[0], children),
      children: children.map(({ id, verdict, ahead }) => ({
        id,
        verdict,
        ahead,
      })),
      ahead: inLine
        .filter(
          run => run.entityRef === plan.entityRef || visible.has(run.entityRef),
        )
        .map(run => toSummary(run, { visible })),
      replaceable: (kinds.require(plan.kind).replacesQueued
        ? (await runs.listOfEntity(plan.entityRef)).active
        : []
      )
        .filter(
          run =>
            run.kind === plan.kind &&
            run.environment === plan.environment &&
            isReplaceable(run),
        )
        .map(run => ({ run: toSummary(run, { visible }), allowed: true })),
      // Each of several runs is an emergency of its own, on its own page.
      passOffer: plan.children
        ? undefined
        : terms.offer(verdicts[0], plan.environment),
    };
  }

  async createRun(
    request: RunRequest & { idempotencyKey: string },
    { caller, mayRequest }: CallOptions,
  ): Promise<{ run: RunSummary; created: boolean }> {
    const { queue, runs, interlock } = this.#options;
    const { idempotencyKey, forkedFrom, replaces, breakGlass, ...body } =
      request;
    const requestedBy = caller.userEntityRef;
    const requestHash = hashJson({
      ...body,
      forkedFrom,
      replaces,
      breakGlass: breakGlass && { ...breakGlass },
    });
    const known = await this.#findEarlier(idempotencyKey, requestHash, caller);
    if (known) return { run: known, created: false };

    const [{ entity, plan }, requesterGroups, older] = await Promise.all([
      this.#plan(request, { caller }),
      caller.groupRefs(),
      replaces === undefined
        ? undefined
        : this.#findReplaceable(replaces, request, caller),
      forkedFrom === undefined
        ? undefined
        : this.#requireSameTarget('forkedFrom', forkedFrom, request, caller),
    ]);
    const planHash = hashPlan(plan);
    const [{ verdicts, locks }, children] = await Promise.all([
      interlock.ask({
        entity,
        caller,
        questions: [
          {
            ...toQuestion(plan),
            plan,
            changed: planHash !== request.planHash,
          },
        ],
      }),
      judgeChildren({ plan, caller, interlock, runs, mayRequest }),
    ]);
    requireChildren(children);
    const verdict = joinVerdicts(verdicts[0], children);
    const pass =
      breakGlass &&
      this.#toPass(verdict, plan, {
        environment: plan.environment,
        wish: breakGlass,
        askedBy: requestedBy,
        askedGroups: requesterGroups,
        locks,
      });
    if (!pass && !verdict.allowed) throw new RefusedError(verdict.blockers);

    const gates = await this.#toGates({ entity, plan, children, requestedBy });
    const id = randomUUID();
    const run: NewRun = {
      id,
      plan,
      planHash,
      reason: request.reason,
      requestedBy,
      requesterGroups,
      idempotencyKey,
      requestHash,
      input: request.input,
      forkedFrom,
      replaces,
      // Those between its steps come from the plan, and stay.
      gates: pass?.lifts.includes('approvals')
        ? gates.filter(({ beforeStep }) => beforeStep !== undefined)
        : gates,
      pass,
      inputHashes: Object.fromEntries(
        plan.steps.map(step => [step.id, hashJson(step.input)]),
      ),
    };
    const inserted = older
      ? await this.#insertReplacing(run, older)
      : await queue.insertRun(run);
    if (!inserted) {
      // The same request came twice at the same time; the other one was faster.
      const other = await this.#findEarlier(
        idempotencyKey,
        requestHash,
        caller,
      );
      if (other) return { run: other, created: false };
      throw new ConflictError('The request could not be stored');
    }
    return {
      run: await this.#options.reader.summarize(id, caller),
      created: true,
    };
  }

  async listKinds(): Promise<RunKind[]> {
    return this.#options.kinds.all.map(({ kind, title }) => ({ kind, title }));
  }

  async listRuns(filter: RunFilter, { caller }: CallOptions): Promise<RunPage> {
    const { runs, channels } = this.#options;
    const { status, cursor, ...same } = filter;
    const items: RunSummary[] = [];
    let before = cursor;
    let isLast = false;
    for (
      let round = 0;
      round < MAX_LIST_ROUNDS && items.length < filter.limit && !isLast;
      round++
    ) {
      const page = await runs.list({
        ...same,
        statuses: status,
        before,
      });
      isLast = page.length < filter.limit;
      const visible = await caller.visible([
        ...new Set(page.flatMap(run => [run.entityRef, ...mentionedBy(run)])),
      ]);
      for (const run of page) {
        if (items.length === filter.limit) {
          isLast = false;
          break;
        }
        before = run.number;
        if (visible.has(run.entityRef)) items.push(toSummary(run, { visible }));
      }
    }
    return {
      items,
      nextCursor: isLast || before === undefined ? undefined : String(before),
      channel: channels.ofAllRuns,
    };
  }

  async getRun(id: string, { caller }: CallOptions): Promise<RunDetail> {
    const { runs, channels, terms } = this.#options;
    const run = await this.#options.reader.find(id, caller);
    const hasGates = (run.gates ?? []).length > 0;
    const [logs, { now, visible }, passed, groups] = await Promise.all([
      runs.readLogTails(id, LOG_LINES_IN_DETAIL),
      this.#options.reader.reconsider(run, caller),
      caller.visible(mentionedByPasses(run)),
      hasGates ? caller.groupRefs() : [],
    ]);
    const children = await this.#listChildren(run, caller);
    const blockers = now?.blockers ?? [];
    return toDetail(run, {
      logs,
      children,
      person: { userEntityRef: caller.userEntityRef, groups },
      channel: channels.ofRun(id),
      hash: hashRun(run),
      now,
      visible: new Set([...visible, ...passed]),
      passOffer:
        blockers.length > 0 && !findLivePass(run.passes)
          ? terms.offer({ blockers, approvals: [] }, run.environment)
          : undefined,
    });
  }

  async cancelRun(id: string, { caller }: CallOptions): Promise<RunSummary> {
    const { runs } = this.#options;
    const run = await this.#options.reader.find(id, caller);
    if (canDiscard(run))
      throw new ConflictError(
        `Run #${run.number} has stopped by itself: discard it, with a reason`,
      );
    if (!(await runs.cancel(id, caller.userEntityRef))) {
      throw new ConflictError(
        `Run #${run.number} has ended and cannot be cancelled`,
      );
    }
    await this.#cancelChildren(run, caller);
    return this.#options.reader.summarize(id, caller);
  }

  async confirmRun(id: string, { caller }: CallOptions): Promise<RunSummary> {
    const { runs } = this.#options;
    const run = await this.#options.reader.find(id, caller);
    if (!isParked(run) || isPaused(run))
      throw new ConflictError(`Run #${run.number} does not wait for anybody`);
    const [{ now }, groups] = await Promise.all([
      this.#options.reader.reconsider(run, caller),
      caller.groupRefs(),
    ]);
    if (now && now.blockers.length > 0) throw new RefusedError(now.blockers);
    const confirmed = {
      by: caller.userEntityRef,
      at: new Date().toISOString(),
      ...whatWasFound(run),
    };
    if (!(await runs.confirm(id, run.plan.keys, { confirmed, groups }))) {
      throw new ConflictError(`Run #${run.number} does not wait for anybody`);
    }
    return this.#options.reader.summarize(id, caller);
  }

  async retryStep(
    id: string,
    stepId: string,
    { caller }: CallOptions,
  ): Promise<RunSummary> {
    const { runs } = this.#options;
    const run = await this.#options.reader.find(id, caller);
    const step = requireStep(run, stepId);
    const refusal = `Run #${run.number} did not stop at step '${stepId}'`;
    if (!canRetry(run) || !isStopped(step)) throw new ConflictError(refusal);
    // No word on what the step may find in the world: that takes a confirmation of what it found.
    const confirmed = {
      by: caller.userEntityRef,
      at: new Date().toISOString(),
      retriedStepId: stepId,
    };
    const groups = await caller.groupRefs();
    if (
      !(await runs.retryStep(id, run.plan.keys, stepId, { confirmed, groups }))
    )
      throw new ConflictError(refusal);
    return this.#options.reader.summarize(id, caller);
  }

  async #toGates(options: {
    entity: Entity;
    plan: RunPlan;
    children: readonly JudgedChild[];
    requestedBy: string;
  }): Promise<NewGate[]> {
    const { approvals } = this.#options;
    const { plan, children, requestedBy } = options;
    const toGates = (entity: Entity, own: RunPlan) =>
      approvals.toGates({
        entity,
        environment: own.environment,
        action: own.kind,
        requestedBy,
        plan: own,
      });
    return gatherGates(
      await toGates(options.entity, plan),
      await Promise.all(
        (plan.children ?? []).map(async (child, index) => ({
          childId: child.id,
          gates: await toGates(children[index].entity, child.plan),
        })),
      ),
    );
  }

  /** What has not begun ends with its parent; what has goes on to its end. One that this does not come to is cancelled when it is to begin. */
  async #cancelChildren(run: FullRun, caller: Caller): Promise<void> {
    if (!run.plan.children) return;
    const { runs } = this.#options;
    const children = await runs.listChildren(run.id);
    for (const child of children.values())
      if (
        (child.status === 'queued' || child.status === 'waiting') &&
        !child.hasEffects
      )
        await runs.cancel(child.id, caller.userEntityRef);
  }

  async #listChildren(run: FullRun, caller: Caller): Promise<ChildRun[]> {
    const planned = run.plan.children ?? [];
    if (planned.length === 0) return [];
    const asked = await this.#options.runs.listChildren(run.id);
    const visible = await caller.visible([
      ...new Set(
        planned
          .flatMap(({ plan }) => plan.entityRef)
          .concat([...asked.values()].flatMap(mentionedBy)),
      ),
    ]);
    return planned.map(({ id, plan: { entityRef, title } }) => {
      const child = asked.get(id);
      if (!visible.has(entityRef)) return { id };
      return {
        id,
        entityRef,
        title,
        run: child && toSummary(child, { visible }),
      };
    });
  }

  /** @throws ConflictError when there is nothing that a pass would lift; RefusedError when something else is in the way too */
  #toPass(
    verdict: Verdict,
    plan: RunPlan,
    about: Parameters<PassTerms['toPass']>[1],
  ): NewPass {
    const { terms } = this.#options;
    const passed = plan.children ? undefined : terms.find(verdict);
    if (passed) return terms.toPass(passed, about);
    if (!verdict.allowed) throw new RefusedError(verdict.blockers);
    throw new ConflictError(
      'breakGlass: nothing is in the way that a pass would lift; ask for the run without',
    );
  }

  /** False when the key was used before. @throws ConflictError when the older run is past the point where it can be replaced */
  async #insertReplacing(run: NewRun, older: FullRun): Promise<boolean> {
    const result = await this.#options.queue.insertReplacing(run, {
      id: older.id,
      keys: older.plan.keys,
    });
    if (result === 'too-late') throw new ConflictError(tooLate(older));
    return result === 'inserted';
  }

  async #findReplaceable(
    id: string,
    request: PreviewRequest,
    caller: Caller,
  ): Promise<FullRun> {
    const run = await this.#requireSameTarget('replaces', id, request, caller);
    if (!this.#options.kinds.require(run.kind).replacesQueued)
      throw new InputError(
        `replaces: a run of '${run.kind}' is never replaced by another`,
      );
    if (!isReplaceable(run)) throw new ConflictError(tooLate(run));
    return run;
  }

  async #requireSameTarget(
    field: string,
    id: string,
    request: PreviewRequest,
    caller: Caller,
  ): Promise<FullRun> {
    const run = await this.#options.reader.find(id, caller);
    if (
      run.kind !== request.action ||
      run.entityRef !== request.entityRef ||
      run.environment !== request.environment
    )
      throw new InputError(
        `${field}: run #${run.number} is of another action or target`,
      );
    return run;
  }

  async #findEarlier(
    key: string,
    requestHash: string,
    caller: Caller,
  ): Promise<RunSummary | undefined> {
    const known = await this.#options.runs.findByIdempotencyKey(
      caller.userEntityRef,
      key,
    );
    if (!known) return undefined;
    if (known.requestHash !== requestHash) {
      throw new ConflictError(
        'Idempotency-Key: this key was used for another request',
      );
    }
    return this.#options.reader.summarize(known.id, caller);
  }

  async #plan(
    request: PreviewRequest,
    { caller }: CallOptions,
  ): Promise<{ entity: Entity; plan: RunPlan }> {
    const { entityRef, environment } = request;
    const { kind, entity } = await this.#findTarget(request, { caller });
    const input = kind.inputSchema.safeParse(request.input);
    if (!input.success) {
      const reasons = input.error.issues.map(
        issue => `${['input', ...issue.path].join('.')}: ${issue.message}`,
      );
      throw new InputError(reasons.join('; '));
    }
    const plan = await this.#inTime(kind, signal =>
      kind.plan(
        { entity, environment, input: input.data, signal },
        { find: refs => caller.entities(refs) },
      ),
    );
    validatePlan(plan, kind, { entityRef, environment });
    validateChildren(plan, name => this.#options.kinds.require(name));
    return { entity, plan };
  }

  async #findTarget(
    request: ChoicesQuery,
    { caller }: CallOptions,
  ): Promise<{ kind: ActionKind; entity: Entity }> {
    const { entityRef, environment } = request;
    const kind = this.#options.kinds.require(request.action);
    const entity = await caller.entity(entityRef);
    const environments = kind.environments(entity);
    if (!environments.includes(environment)) {
      const known =
        environments.length > 0
          ? `it runs in ${environments.join(', ')}`
          : 'it runs in none';
      throw new InputError(
        `environment: ${entityRef} does not run in '${environment}'; ${known}`,
      );
    }
    return { kind, entity };
  }

  async #inTime<T>(
    kind: ActionKind,
    ask: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const signal = AbortSignal.timeout(PLAN_TIME_LIMIT_MS);
    try {
      return await ask(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#options.logger.warn('Planning took too long', {
        kind: kind.kind,
        reason: String(error),
      });
      throw new ServiceUnavailableError(
        'The plan could not be made in time; a system that it asks does not answer',
      );
    }
  }
}

/** Nobody carries it out, and it has come to no effect. */
function isReplaceable(run: RunRecord): boolean {
  return (
    (run.status === 'queued' || run.status === 'waiting') && !run.hasEffects
  );
}

function tooLate(run: RunRecord): string {
  return `Run #${run.number} has begun or ended meanwhile, and cannot be replaced`;
}

function toQuestion(about: {
  kind: string;
  environment: string;
}): CallerQuestion {
  return { action: about.kind, environment: about.environment };
}

/** Who lets a run go on after a lock was lifted has not been shown what its step may find in the world, and so accepts nothing of it. */
function whatWasFound({ parked }: RunRecord): {
  stepId?: string;
  found?: string;
} {
  if (!parked?.blockers.some(({ type }) => type === 'plan-changed')) return {};
  return { stepId: parked.stepId, found: parked.message };
}
