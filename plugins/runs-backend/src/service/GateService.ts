import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
} from '@backstage/errors';
import {
  ApproveRequest,
  DelegateRequest,
  GateInbox,
  GateVerb,
  RejectRequest,
  RunSummary,
  WaitingGate,
} from '@switchyard/backstage-plugin-runs-common';
import { RunsTarget } from '@switchyard/backstage-plugin-runs-node';
import {
  judgeDelegation,
  judgePerson,
  Standing,
} from '../approvals/judgePerson';
import { GateOutcome, GateStore } from '../database/GateStore';
import { RunStore } from '../database/RunStore';
import { FullRun, GateRecord, RunRecord } from '../database/types';
import { Channels } from '../signals/Channels';
import { Caller } from './Caller';
import { findWaitedFor, overlayGate, permissionFor, toGate } from './gateViews';
import { RunReader } from './RunReader';
import { TargetAuthorizer, toTarget } from './TargetAuthorizer';
import { CallOptions } from './types';
import { mentionedBy, toSummary } from './views';

/** More runs than that do not wait for people at the same time in any installation that is looked after. */
const MAX_WAITING = 500;

/** What people do at the gates of runs. */
export interface GateService {
  /** What waits for the caller, and what the caller waits for. */
  listInbox(options: CallOptions): Promise<Omit<GateInbox, 'passes'>>;
  /** @throws ConflictError when the run has another plan than the one that was shown, or waits there no longer */
  approve(
    gateId: string,
    request: ApproveRequest,
    options: CallOptions,
  ): Promise<RunSummary>;
  /** Ends the run. @throws ConflictError as `approve` */
  reject(
    gateId: string,
    request: RejectRequest,
    options: CallOptions,
  ): Promise<RunSummary>;
  /** Hands one's own right to approve on. @throws ConflictError when the run waits there no longer */
  delegate(
    gateId: string,
    request: DelegateRequest,
    options: CallOptions,
  ): Promise<RunSummary>;
  /** Lets a run go on that waits at a pause. @throws ConflictError when it does not */
  open(gateId: string, options: CallOptions): Promise<RunSummary>;
}

/**
 * {@link GateService} with its permissions: an approver needs the right to approve runs of the target, and be one of whom the gate's rule names;
 * a pause is opened by whoever may steer the run.
 */
export class AuthorizedGateService implements GateService {
  static create(options: {
    gates: GateStore;
    runs: RunStore;
    reader: RunReader;
    authorizer: TargetAuthorizer;
    channels: Channels;
  }): AuthorizedGateService {
    return new AuthorizedGateService(options);
  }

  readonly #options: Parameters<typeof AuthorizedGateService.create>[0];

  private constructor(
    options: Parameters<typeof AuthorizedGateService.create>[0],
  ) {
    this.#options = options;
  }

  async listInbox({ caller }: CallOptions): Promise<Omit<GateInbox, 'passes'>> {
    const { runs, authorizer, channels } = this.#options;
    const [decisions, waiting, person] = await Promise.all([
      authorizer.decide(caller.credentials),
      runs.listAtGates(MAX_WAITING),
      caller.asPerson(),
    ]);
    if (!decisions.mayRead) throw new NotAllowedError('You may not see runs');
    const visible = await caller.visible([
      ...new Set(waiting.flatMap(run => [run.entityRef, ...mentionedBy(run)])),
    ]);
    const forMe: WaitingGate[] = [];
    const mine: WaitingGate[] = [];
    for (const run of waiting.filter(each => visible.has(each.entityRef))) {
      const target = await this.#target(run, caller);
      for (const gate of findWaitedFor(run)) {
        const item = {
          run: toSummary(run, { visible }),
          planHash: run.planHash,
          gate: overlayGate(toGate(gate, run, person), permission =>
            decisions.judge(permission, target),
          ),
        };
        if (run.requestedBy === person.userEntityRef) mine.push(item);
        if (item.gate.verbs.some(verb => verb.allowed)) forMe.push(item);
      }
    }
    return { forMe, mine, channel: channels.ofAllRuns };
  }

  async approve(
    gateId: string,
    request: ApproveRequest,
    options: CallOptions,
  ): Promise<RunSummary> {
    return this.#say(gateId, 'approve', request, options);
  }

  async reject(
    gateId: string,
    request: RejectRequest,
    options: CallOptions,
  ): Promise<RunSummary> {
    return this.#say(gateId, 'reject', request, options);
  }

  async open(gateId: string, { caller }: CallOptions): Promise<RunSummary> {
    const { run, gate } = await this.#require(gateId, 'open', caller);
    if (gate.kind !== 'pause')
      throw new ConflictError('This gate opens by approvals');
    const outcome = await this.#options.gates.decide({
      gateId,
      runId: run.id,
      keys: run.plan.keys,
      person: caller.userEntityRef,
      decision: 'open',
      groups: [],
      planHash: run.planHash,
    });
    requireTaken(outcome, run);
    return this.#options.reader.summarize(run.id, caller);
  }

  async delegate(
    gateId: string,
    { to, comment }: DelegateRequest,
    { caller }: CallOptions,
  ): Promise<RunSummary> {
    const [{ run, gate }, person] = await Promise.all([
      this.#require(gateId, 'delegate', caller),
      caller.asPerson(),
    ]);
    const standing = judgeDelegation(gate, run.requestedBy, person);
    requireStanding(standing);
    if (to === run.requestedBy)
      throw new InputError(
        'to: who asked for the run cannot become its approver',
      );
    if (to === person.userEntityRef)
      throw new InputError('to: the right is yours already');
    if (!(await caller.visible([to])).has(to))
      throw new InputError(`to: there is no ${to} in the catalog`);
    const isTaken = await this.#options.gates.delegate(gateId, run.id, {
      from: person.userEntityRef,
      to,
      groups: standing.groups,
      comment,
    });
    requireTaken(isTaken ? 'noted' : 'decided', run);
    return this.#options.reader.summarize(run.id, caller);
  }

  async #say(
    gateId: string,
    decision: 'approve' | 'reject',
    request: { planHash: string; comment?: string },
    { caller }: CallOptions,
  ): Promise<RunSummary> {
    const [{ run, gate }, person] = await Promise.all([
      this.#require(gateId, decision, caller),
      caller.asPerson(),
    ]);
    // Told first: whoever comes too late should not hear that the word is not theirs.
    if (!findWaitedFor(run).some(each => each.id === gateId))
      requireTaken('decided', run);
    const standing = judgePerson(gate, run.requestedBy, person);
    requireStanding(standing);
    const outcome = await this.#options.gates.decide({
      gateId,
      runId: run.id,
      keys: run.plan.keys,
      person: person.userEntityRef,
      decision,
      onBehalfOf: standing.onBehalfOf,
      groups: standing.groups,
      ...request,
    });
    requireTaken(outcome, run);
    return this.#options.reader.summarize(run.id, caller);
  }

  async #require(
    gateId: string,
    verb: GateVerb['verb'],
    caller: Caller,
  ): Promise<{ run: FullRun; gate: GateRecord }> {
    const { gates, reader, authorizer } = this.#options;
    const notFound = () => new NotFoundError('There is no such gate');
    const runId = await gates.findRunId(gateId);
    if (!runId) throw notFound();
    const [run, decisions] = await Promise.all([
      reader.find(runId, caller).catch(error => {
        // Not even that it exists.
        throw error.name === 'NotFoundError' ? notFound() : error;
      }),
      authorizer.decide(caller.credentials),
    ]);
    const grant = decisions.judge(
      permissionFor(verb),
      await this.#target(run, caller),
    );
    if (!decisions.mayRead || !grant.allowed)
      throw new NotAllowedError(grant.why);
    const gate = run.gates?.find(each => each.id === gateId);
    if (!gate) throw notFound();
    return { run, gate };
  }

  async #target(run: RunRecord, caller: Caller): Promise<RunsTarget> {
    const { entityRef, environment, kind: action } = run;
    return toTarget(await caller.entity(entityRef), {
      entityRef,
      environment,
      action,
    });
  }
}

/** @throws NotAllowedError that says why the person's word would not count */
function requireStanding(
  standing: Standing,
): asserts standing is Extract<Standing, { allowed: true }> {
  if (!standing.allowed) throw new NotAllowedError(standing.why);
}

/** @throws ConflictError when nothing was written */
function requireTaken(outcome: GateOutcome, { number }: FullRun): void {
  switch (outcome) {
    case 'decided':
      throw new ConflictError(`Run #${number} does not wait at this gate`);
    case 'other-plan':
      throw new ConflictError(
        `Run #${number} has another plan than the one that was shown; look at it again`,
      );
    case 'said':
      throw new ConflictError('You have said your word already');
    default:
  }
}
