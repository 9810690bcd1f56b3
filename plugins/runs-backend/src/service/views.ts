import {
  ChildRun,
  Lock,
  PassOffer,
  RunDetail,
  RunLogLine,
  RunMention,
  RunStep,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';
import { OVERDUE_AFTER_MS } from '../database/LockStore';
import { FullRun, LockRecord, RunRecord, StepRecord } from '../database/types';
import { Blocker } from '@switchyard/backstage-plugin-runs-common';
import { Person } from '../approvals/judgeApproval';
import { statusOf } from '../locks/freezeStatus';
import { describeWait, isAtGate, toGate } from './gateViews';
import { toRunPass } from './passViews';
import { toVerbs } from './runVerbs';

/** Who looks at a run, and when. */
export interface RunView {
  /** What stands in the way now, where the interlock was asked again for a parked run. */
  now?: { blockers: Blocker[] };
  /** Locks that bind the run's entity, where the interlock was asked, as far as the person may see them. */
  locks?: LockRecord[];
  /** Entities besides the run's own that the person may see. */
  visible: ReadonlySet<string>;
}

/** Entities besides its own that a run tells of. */
export function mentionedBy(run: RunRecord): string[] {
  return [run.behind, run.parent].flatMap(other =>
    other && other.entityRef !== run.entityRef ? [other.entityRef] : [],
  );
}

/** A run as lists and pages show it. */
export function toSummary(run: RunRecord, view: RunView): RunSummary {
  return {
    id: run.id,
    number: run.number,
    kind: run.kind,
    title: run.title,
    entityRef: run.entityRef,
    environment: run.environment,
    ...toStatus(run, view),
    requestedBy: run.requestedBy,
    reason: run.reason,
    requestedAt: run.requestedAt.toISOString(),
    startedAt: run.startedAt?.toISOString(),
    finishedAt: run.finishedAt?.toISOString(),
    currentStep:
      run.status === 'succeeded' || !run.currentStep
        ? undefined
        : {
            ...run.currentStep,
            expectedBy: run.currentStep.expectedBy?.toISOString(),
          },
    stepsDone: run.stepsDone,
    stepsTotal: run.stepsTotal,
    cause: run.cause,
    discarded: run.discarded,
    pauseRequestedBy:
      run.status === 'running' ? run.pauseRequestedBy : undefined,
    parent: toParent(run, view),
    breakGlass: run.passes[0] && {
      status: run.passes[0].status,
      used: run.passes.some(({ usedAt }) => usedAt !== undefined),
    },
  };
}

function toParent(
  { parent, entityRef }: RunRecord,
  { visible }: RunView,
): RunMention | undefined {
  if (
    !parent ||
    !(parent.entityRef === entityRef || visible.has(parent.entityRef))
  )
    return undefined;
  return { id: parent.id, number: parent.number, title: parent.title };
}

function toStatus(
  run: RunRecord,
  { now, visible }: RunView,
): Pick<RunSummary, 'status' | 'waiting'> {
  if (run.status === 'waiting' && run.parked) {
    const { message, since, blockers, ready } = run.parked;
    return {
      status: 'waiting',
      waiting: {
        reason: run.parked.pausedBy === undefined ? 'parked' : 'paused',
        message,
        since,
        blockers: now && now.blockers.length > 0 ? now.blockers : blockers,
        ready: now ? now.blockers.length === 0 : ready,
      },
    };
  }
  if (run.waitsForChildren) {
    return {
      status: 'waiting',
      waiting: {
        reason: 'children',
        message:
          run.currentStep?.progress ??
          'Waits for the runs that it has asked for',
        since: (run.startedAt ?? run.requestedAt).toISOString(),
        blockers: [],
      },
    };
  }
  if (isAtGate(run)) {
    return {
      status: 'waiting',
      waiting: {
        reason: 'gate',
        message: describeWait(run),
        since: run.requestedAt.toISOString(),
        blockers: [],
      },
    };
  }
  if (run.status === 'queued' && run.behind) {
    const { id, number, title, entityRef } = run.behind;
    const isNamed = entityRef === run.entityRef || visible.has(entityRef);
    return {
      status: 'waiting',
      waiting: {
        reason: 'key-taken',
        message: isNamed
          ? `Starts after run #${number}, ${title}`
          : 'Starts after another run',
        since: run.queuedAt.toISOString(),
        blockers: [],
        behind: isNamed ? { id, number, title } : undefined,
      },
    };
  }
  return { status: run.status };
}

/** Everything of a run, but for who may do what with it. */
export function toDetail(
  run: FullRun,
  options: RunView & {
    logs: Map<string, RunLogLine[]>;
    children: ChildRun[];
    /** Who looks, where the run has gates. */
    person: Person;
    /** Where a pass could let it go on. */
    passOffer?: PassOffer;
    channel: string;
    hash: string;
  },
): RunDetail {
  const { plan } = run;
  const records = new Map(run.steps.map(step => [step.stepId, step]));
  return {
    ...toSummary(run, options),
    planHash: run.planHash,
    plan: {
      kind: plan.kind,
      version: plan.version,
      changes: plan.changes,
      warnings: plan.warnings,
      intent: plan.intent,
      ...(plan.undo !== undefined && { undo: plan.undo }),
    },
    steps: plan.steps.map(planned => ({
      id: planned.id,
      title: planned.title,
      needs: planned.needs,
      effect: planned.effect,
      cluster: planned.cluster,
      maxAttempts: planned.maxAttempts,
      ...toStep(records.get(planned.id)!),
      log: options.logs.get(planned.id) ?? [],
    })),
    children: options.children,
    forkedFrom: run.forkedFrom,
    replaces: run.replaces,
    replacedBy: run.replacedBy,
    gates: (run.gates ?? []).map(gate => toGate(gate, run, options.person)),
    verbs: toVerbs(run, options.now),
    passes: run.passes.map(pass =>
      toRunPass(pass, run, {
        person: options.person.userEntityRef,
        visible: options.visible,
      }),
    ),
    passOffer: options.passOffer,
    channel: options.channel,
    hash: options.hash,
  };
}

function toStep(
  step: StepRecord,
): Omit<
  RunStep,
  'id' | 'title' | 'needs' | 'effect' | 'cluster' | 'maxAttempts' | 'log'
> {
  return {
    status: step.status,
    attempt: step.attempt,
    startedAt: step.startedAt?.toISOString(),
    finishedAt: step.finishedAt?.toISOString(),
    retryAt:
      step.status === 'retrying' ? step.retryAt?.toISOString() : undefined,
    expectedBy:
      step.status === 'running' ? step.expectedBy?.toISOString() : undefined,
    progress: step.progress,
    error: step.error,
    changes: step.changes,
    output: step.output,
    skipped: step.skipped,
  };
}

/** A lock, as if the viewer may release it. */
export function toLock(lock: LockRecord): Lock {
  const { scope, entityRef, cluster, environment, startsAt, schedule } = lock;
  // A warning comes and goes by the same times, although it closes nothing.
  const status = statusOf([{ ...lock, kind: 'lock' }], lock.readAt);
  return {
    id: lock.id,
    scope,
    entityRef,
    cluster,
    environment,
    kind: lock.kind,
    reason: lock.reason,
    createdBy: lock.createdBy,
    createdAt: lock.createdAt.toISOString(),
    holder: lock.holder,
    holderMayDeploy: lock.holderMayDeploy,
    incident: lock.incident,
    startsAt: startsAt?.toISOString(),
    expiresAt: lock.expiresAt?.toISOString(),
    ...(schedule && { schedule }),
    binds: status.closed,
    overdue:
      lock.expiresAt !== undefined &&
      lock.readAt.getTime() - lock.expiresAt.getTime() > OVERDUE_AFTER_MS,
    nextStart: status.nextClose,
    nextEnd: status.nextOpen,
    release: { allowed: true, needsReason: false },
  };
}
