import { LoggerService } from '@backstage/backend-plugin-api';
import { Entity } from '@backstage/catalog-model';
import {
  ConflictError,
  InputError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import {
  ActionState,
  Blocker,
  EntityRunsState,
  PreviewRequest,
  RunDetail,
  RunLogLine,
  RunPlan,
  RunPreview,
  RunRequest,
  RunSummary,
  TERMINAL_RUN_STATUSES,
  Verdict,
} from '@switchyard/backstage-plugin-runs-common';
import {
  ActionKind,
  getOwnerRefs,
} from '@switchyard/backstage-plugin-runs-node';
import { randomUUID } from 'node:crypto';
import { LockStore } from '../database/LockStore';
import { QueueStore } from '../database/QueueStore';
import { RunStore } from '../database/RunStore';
import { FullRun, LockRecord, RunRecord } from '../database/types';
import { evaluate } from '../interlock/evaluate';
import { InterlockReader } from '../interlock/InterlockReader';
import { ActionKinds } from '../kinds/ActionKinds';
import { hashJson, hashPlan } from '../kinds/planHash';
import { validatePlan } from '../kinds/validatePlan';
import { Channels, hashEntityMark, hashRun } from '../signals/Channels';
import { RefusedError } from './errors';
import { CallOptions, RunFilter, RunPage, RunService } from './types';
import { canRetry, isStopped, toDetail, toLock, toSummary } from './views';

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
    locks: LockStore;
    reader: InterlockReader;
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
    const { runs, locks: lockStore, channels } = this.#options;
    const [entity, { active, recent }, locks] = await Promise.all([
      caller.entity(entityRef),
      runs.listOfEntity(entityRef),
      lockStore.list([entityRef]),
    ]);
    const actor = caller.userEntityRef;
    const [actions, parked] = await Promise.all([
      this.#listActions({ entity, entityRef, actor, locks, active }),
      Promise.all(
        active.map(run => this.#reconsider(run, { entity, actor, locks })),
      ),
    ]);
    return {
      entityRef,
      asOf: new Date().toISOString(),
      channel: channels.ofEntity(entityRef),
      hash: hashEntityMark({
        runs: [...active, ...recent].map(run => [run.id, run.revision]),
        locks: locks.map(lock => lock.id),
      }),
      active: active.map((run, index) => toSummary(run, parked[index])),
      recent: recent.map(run => toSummary(run)),
      locks: locks.map(toLock),
      actions,
    };
  }

  async preview(
    request: PreviewRequest,
    { caller }: CallOptions,
  ): Promise<RunPreview> {
    const { entity, plan } = await this.#plan(request, { caller });
    const inLine = await this.#options.runs.listInLine(plan.keys);
    // Another component may stand in line for the same Application; whether there is one is not for everybody.
    const visible = await caller.visible([
      ...new Set(inLine.map(run => run.entityRef)),
    ]);
    const ahead = inLine.filter(run => visible.has(run.entityRef));
    const verdict = await this.#judge({
      entity,
      plan,
      actor: caller.userEntityRef,
      ahead,
    });
    return {
      plan,
      planHash: hashPlan(plan),
      verdict,
      ahead: ahead.map(run => toSummary(run)),
    };
  }

  async createRun(
    request: RunRequest & { idempotencyKey: string },
    { caller }: CallOptions,
  ): Promise<{ run: RunSummary; created: boolean }> {
    const { queue, runs } = this.#options;
    const { idempotencyKey, ...body } = request;
    const requestedBy = caller.userEntityRef;
    const requestHash = hashJson({ ...body });
    const known = await this.#findEarlier(
      requestedBy,
      idempotencyKey,
      requestHash,
    );
    if (known) return { run: known, created: false };

    const [{ entity, plan }, requesterGroups] = await Promise.all([
      this.#plan(request, { caller }),
      caller.groupRefs(),
    ]);
    const planHash = hashPlan(plan);
    const verdict = await this.#judge({
      entity,
      plan,
      actor: requestedBy,
      changed: planHash !== request.planHash,
    });
    if (!verdict.allowed) throw new RefusedError(verdict.blockers);

    const id = randomUUID();
    const inserted = await queue.insertRun({
      id,
      plan,
      planHash,
      reason: request.reason,
      requestedBy,
      requesterGroups,
      idempotencyKey,
      requestHash,
      inputHashes: Object.fromEntries(
        plan.steps.map(step => [step.id, hashJson(step.input)]),
      ),
    });
    if (!inserted) {
      // The same request came twice at the same time; the other one was faster.
      const other = await this.#findEarlier(
        requestedBy,
        idempotencyKey,
        requestHash,
      );
      if (other) return { run: other, created: false };
      throw new ConflictError('The request could not be stored');
    }
    return { run: toSummary((await runs.findSummary(id))!), created: true };
  }

  async listRuns(filter: RunFilter, { caller }: CallOptions): Promise<RunPage> {
    const { runs, channels } = this.#options;
    const items: RunRecord[] = [];
    let before = filter.cursor;
    let isLast = false;
    for (
      let round = 0;
      round < MAX_LIST_ROUNDS && items.length < filter.limit && !isLast;
      round++
    ) {
      const page = await runs.list({
        entityRefs: filter.entityRef ? [filter.entityRef] : undefined,
        statuses: filter.status,
        kind: filter.kind,
        limit: filter.limit,
        before,
      });
      isLast = page.length < filter.limit;
      const visible = await caller.visible([
        ...new Set(page.map(run => run.entityRef)),
      ]);
      for (const run of page) {
        if (items.length === filter.limit) {
          isLast = false;
          break;
        }
        before = run.number;
        if (visible.has(run.entityRef)) items.push(run);
      }
    }
    return {
      items: items.map(run => toSummary(run)),
      nextCursor: isLast || before === undefined ? undefined : String(before),
      channel: channels.ofAllRuns,
    };
  }

  async getRun(id: string, { caller }: CallOptions): Promise<RunDetail> {
    const { runs, locks, channels } = this.#options;
    const run = await this.#find(id, { caller });
    const [logs, entity, binding] = await Promise.all([
      runs.readLogTails(id, LOG_LINES_IN_DETAIL),
      caller.entity(run.entityRef),
      run.status === 'waiting' ? locks.list([run.entityRef]) : [],
    ]);
    const now = await this.#reconsider(run, {
      entity,
      actor: caller.userEntityRef,
      locks: binding,
    });
    return toDetail(run, {
      logs,
      channel: channels.ofRun(id),
      hash: hashRun(run),
      now,
    });
  }

  async getStepLog(
    id: string,
    stepId: string,
    { caller }: CallOptions,
  ): Promise<RunLogLine[]> {
    const run = await this.#find(id, { caller });
    requireStep(run, stepId);
    return this.#options.runs.readLog(id, stepId);
  }

  async cancelRun(id: string, { caller }: CallOptions): Promise<RunSummary> {
    const { runs } = this.#options;
    const run = await this.#find(id, { caller });
    if (!(await runs.cancel(id, caller.userEntityRef))) {
      throw new ConflictError(
        `Run #${run.number} has ended and cannot be cancelled`,
      );
    }
    return toSummary((await runs.findSummary(id))!);
  }

  async confirmRun(id: string, { caller }: CallOptions): Promise<RunSummary> {
    const { runs, locks } = this.#options;
    const run = await this.#find(id, { caller });
    if (run.status !== 'waiting')
      throw new ConflictError(`Run #${run.number} does not wait for anybody`);
    const [entity, binding, groups] = await Promise.all([
      caller.entity(run.entityRef),
      locks.list([run.entityRef]),
      caller.groupRefs(),
    ]);
    const now = await this.#reconsider(run, {
      entity,
      actor: caller.userEntityRef,
      locks: binding,
    });
    if (now && now.blockers.length > 0) throw new RefusedError(now.blockers);
    const confirmed = {
      by: caller.userEntityRef,
      at: new Date().toISOString(),
      ...whatWasFound(run),
    };
    if (!(await runs.confirm(id, run.plan.keys, { confirmed, groups }))) {
      throw new ConflictError(`Run #${run.number} does not wait for anybody`);
    }
    return toSummary((await runs.findSummary(id))!);
  }

  async retryStep(
    id: string,
    stepId: string,
    { caller }: CallOptions,
  ): Promise<RunSummary> {
    const { runs } = this.#options;
    const run = await this.#find(id, { caller });
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
    return toSummary((await runs.findSummary(id))!);
  }

  async #find(id: string, { caller }: CallOptions): Promise<FullRun> {
    const run = await this.#options.runs.findRun(id);
    const notFound = () => new NotFoundError('There is no such run');
    if (!run) throw notFound();
    await caller.entity(run.entityRef).catch(error => {
      // Not even that it exists.
      throw error.name === 'NotFoundError' ? notFound() : error;
    });
    return run;
  }

  async #findEarlier(
    requestedBy: string,
    key: string,
    requestHash: string,
  ): Promise<RunSummary | undefined> {
    const { runs } = this.#options;
    const known = await runs.findByIdempotencyKey(requestedBy, key);
    if (!known) return undefined;
    if (known.requestHash !== requestHash) {
      throw new ConflictError(
        'Idempotency-Key: this key was used for another request',
      );
    }
    return toSummary((await runs.findSummary(known.id))!);
  }

  async #plan(
    request: PreviewRequest,
    { caller }: CallOptions,
  ): Promise<{ entity: Entity; plan: RunPlan }> {
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
    const input = kind.inputSchema.safeParse(request.input);
    if (!input.success) {
      const reasons = input.error.issues.map(
        issue => `${['input', ...issue.path].join('.')}: ${issue.message}`,
      );
      throw new InputError(reasons.join('; '));
    }
    const plan = await this.#makePlan(kind, {
      entity,
      environment,
      input: input.data,
    });
    validatePlan(plan, kind, { entityRef, environment });
    return { entity, plan };
  }

  async #makePlan(
    kind: ActionKind,
    request: Omit<Parameters<ActionKind['plan']>[0], 'signal'>,
  ): Promise<RunPlan> {
    const signal = AbortSignal.timeout(PLAN_TIME_LIMIT_MS);
    try {
      return await kind.plan({ ...request, signal });
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

  async #judge(options: {
    entity: Entity;
    plan: RunPlan;
    actor: string;
    ahead?: RunRecord[];
    changed?: boolean;
  }): Promise<Verdict> {
    const { entity, plan, actor, ahead, changed } = options;
    const [facts, locks] = await Promise.all([
      this.#options.reader.readFacts({
        entity,
        environment: plan.environment,
        action: plan.kind,
        plan,
      }),
      this.#options.locks.list([plan.entityRef]),
    ]);
    return evaluate({
      action: plan.kind,
      target: { entityRef: plan.entityRef, environment: plan.environment },
      actor,
      owners: getOwnerRefs(entity),
      locks: { state: 'read', value: locks },
      facts,
      entityExists: { state: 'read', value: true },
      plan: { problems: plan.problems, warnings: plan.warnings, changed },
      ahead,
    });
  }

  /** For a parked run: what would stand in the way if this person let it go on now. */
  async #reconsider(
    run: RunRecord,
    options: { entity: Entity; actor: string; locks: LockRecord[] },
  ): Promise<{ blockers: Blocker[] } | undefined> {
    if (run.status !== 'waiting') return undefined;
    const { entity, actor, locks } = options;
    const facts = await this.#options.reader.readFacts({
      entity,
      environment: run.environment,
      action: run.kind,
    });
    return evaluate({
      action: run.kind,
      target: { entityRef: run.entityRef, environment: run.environment },
      actor,
      owners: getOwnerRefs(entity),
      locks: { state: 'read', value: locks },
      facts,
      entityExists: { state: 'read', value: true },
    });
  }

  async #listActions(options: {
    entity: Entity;
    entityRef: string;
    actor: string;
    locks: LockRecord[];
    active: RunRecord[];
  }): Promise<ActionState[]> {
    const { entity, entityRef, actor, locks, active } = options;
    const owners = getOwnerRefs(entity);
    const targets = this.#options.kinds.all.flatMap(kind =>
      kind.environments(entity).map(environment => ({ kind, environment })),
    );
    const actions = await Promise.all(
      targets.map(async ({ kind, environment }) => ({
        action: kind.kind,
        title: kind.title,
        environment,
        visible: true,
        ...evaluate({
          action: kind.kind,
          target: { entityRef, environment },
          actor,
          owners,
          locks: { state: 'read', value: locks },
          facts: await this.#options.reader.readFacts({
            entity,
            environment,
            action: kind.kind,
          }),
          entityExists: { state: 'read', value: true },
          ahead: active.filter(
            run =>
              run.environment === environment &&
              !TERMINAL_RUN_STATUSES.includes(run.status),
          ),
        }),
      })),
    );
    const locking = this.#options.environmentsOf(entity).map(environment => ({
      action: 'lock',
      title: 'Lock',
      environment,
      visible: true,
      allowed: true,
      blockers: [],
      warnings: [],
    }));
    return [...actions, ...locking];
  }
}

/** Who lets a run go on after a lock was lifted has not been shown what its step may find in the world, and so accepts nothing of it. */
function whatWasFound({ parked }: RunRecord): {
  stepId?: string;
  found?: string;
} {
  if (!parked?.blockers.some(({ type }) => type === 'plan-changed')) return {};
  return { stepId: parked.stepId, found: parked.message };
}

function requireStep(run: FullRun, stepId: string) {
  const step = run.steps.find(each => each.stepId === stepId);
  if (!step)
    throw new NotFoundError(`Run #${run.number} has no step '${stepId}'`);
  return step;
}
