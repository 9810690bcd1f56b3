import {
  RunVerb,
  TERMINAL_RUN_STATUSES,
} from '@switchyard/backstage-plugin-runs-common';
import { Blocker } from '@switchyard/backstage-plugin-runs-common';
import { FullRun, RunRecord, StepRecord } from '../database/types';
import { describeBlockers } from '../interlock/RunInterlock';

type Word = Omit<RunVerb, 'verb' | 'stepId'>;

const ALLOWED: Word = { allowed: true };

/**
 * What can be done with the run in its present state, whoever asks.
 *
 * @param now - what stands in the way of going on, where that was asked
 */
export function toVerbs(
  run: FullRun,
  now?: { blockers: Blocker[] },
): RunVerb[] {
  const verbs: RunVerb[] = [];
  const add = (verb: RunVerb['verb'], word: Word | undefined) => {
    if (word) verbs.push({ verb, ...word });
  };
  add('cancel', judgeCancel(run));
  add('pause', judgePause(run));
  add('continue', judgeContinue(run, now));
  add('confirm', judgeConfirm(run, now));
  add('redrive', canRetry(run) ? judgeNow(now) : undefined);
  add('discard', canDiscard(run) ? ALLOWED : undefined);
  for (const { stepId, ...step } of run.steps) {
    if (canRetry(run) && isStopped(step))
      verbs.push({ verb: 'retry-step', stepId, allowed: true });
    // What the plan never allows is no button.
    if (judgeSkip(run, { stepId, ...step })?.allowed)
      verbs.push({ verb: 'skip-step', stepId, allowed: true });
  }
  add('fork', judgeFork(run));
  return verbs;
}

/** Undefined where it makes no sense in the present state; so with all that follow. */
export function judgeCancel(run: RunRecord): Word | undefined {
  if (TERMINAL_RUN_STATUSES.includes(run.status) || canDiscard(run))
    return undefined;
  if (run.status !== 'running' || run.cancelRequestedBy === undefined)
    return ALLOWED;
  return {
    allowed: false,
    why: `${run.cancelRequestedBy} has cancelled it already; it ends when the present step has`,
  };
}

function judgePause(run: RunRecord): Word | undefined {
  if (run.status !== 'queued' && run.status !== 'running') return undefined;
  if (run.cancelRequestedBy !== undefined)
    return {
      allowed: false,
      why: `${run.cancelRequestedBy} has cancelled it; it ends when the present step has`,
    };
  if (run.pauseRequestedBy !== undefined)
    return {
      allowed: false,
      why: `${run.pauseRequestedBy} holds it already, from the end of the present step`,
    };
  return ALLOWED;
}

function judgeContinue(
  run: RunRecord,
  now?: { blockers: Blocker[] },
): Word | undefined {
  if (isPaused(run)) return judgeNow(now);
  return run.status === 'running' && run.pauseRequestedBy !== undefined
    ? ALLOWED
    : undefined;
}

function judgeConfirm(
  run: RunRecord,
  now?: { blockers: Blocker[] },
): Word | undefined {
  return isParked(run) && !isPaused(run) ? judgeNow(now) : undefined;
}

function judgeNow(now: { blockers: Blocker[] } | undefined): Word {
  const blockers = now?.blockers ?? [];
  return blockers.length === 0
    ? ALLOWED
    : { allowed: false, why: describeBlockers(blockers) };
}

/** A step can be left out while nobody carries the run out, where the plan says that what needs it can do without. */
export function judgeSkip(run: FullRun, step: StepRecord): Word | undefined {
  if (run.status !== 'waiting' && !canRetry(run)) return undefined;
  if (step.status !== 'pending' && step.status !== 'retrying') {
    if (!isStopped(step)) return undefined;
  }
  const planned = run.plan.steps.find(each => each.id === step.stepId);
  return planned?.skippable
    ? ALLOWED
    : {
        allowed: false,
        why: 'The plan does not allow it: what comes after builds on this step',
      };
}

/** What still waits may be let go on or ended; beside it the same would be asked for twice. */
export function judgeFork(run: FullRun): Word | undefined {
  if (run.status === 'queued' || run.status === 'waiting') return undefined;
  return run.input
    ? ALLOWED
    : {
        allowed: false,
        why: 'What was chosen for this run was not kept at its time',
      };
}

/** Whether the run waits for a person's word on its going on; one that waits at a gate does not. */
export function isParked(run: RunRecord): boolean {
  return run.status === 'waiting' && run.parked !== undefined;
}

/** Whether a person holds the run. */
export function isPaused(run: RunRecord): boolean {
  return run.status === 'waiting' && run.parked?.pausedBy !== undefined;
}

/** Whether the run has stopped in a way that trying a step again may help. */
export function canRetry(run: RunRecord): boolean {
  return run.status === 'failed' || canDiscard(run);
}

/** Whether it is a dead letter: it stopped without a clear end. */
export function canDiscard(run: RunRecord): boolean {
  return run.status === 'dead' || run.status === 'needs-attention';
}

/** Whether the run stopped at this step. */
export function isStopped(step: Pick<StepRecord, 'status'>): boolean {
  return (
    step.status === 'failed' ||
    step.status === 'dead' ||
    step.status === 'needs-attention'
  );
}
