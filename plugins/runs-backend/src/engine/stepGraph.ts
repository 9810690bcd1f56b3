import { PlannedStep } from '@switchyard/backstage-plugin-runs-common';
import { RunEnd, StepRecord } from '../database/types';

/** A step while its run is carried out. */
export interface StepState {
  planned: PlannedStep;
  record: StepRecord;
  /** For 'retrying': when, by this process's monotonic clock in ms. */
  retryAtMs?: number;
  /** An earlier worker ended after it had begun the effect: what became of it must be found out before the run may end. */
  mustFinish?: boolean;
  /** It waits for children of the run: its attempt has ended, and begins anew when one of them has. */
  waitsForChildren?: boolean;
  /** It had waited for children of the run: it goes on, rather than being tried again. */
  goesOn?: boolean;
  /** A gate before it was closed when the run was claimed; while it is, nobody opens it. */
  isGated?: boolean;
}

/** Why no new step is to be started. */
export type Stopping = { by: 'failure' | 'park' | 'pause' | 'cancel' };

/** Whether what needs the step may go on. */
export function isDone({ record }: StepState): boolean {
  return record.status === 'succeeded' || record.status === 'skipped';
}

/** Asked by a person: what an interrupted effect did is found out before. */
function isAsked(stopping: Stopping): boolean {
  return stopping.by === 'cancel' || stopping.by === 'pause';
}

/** What to do next with a run. */
export type Decision =
  | { do: 'start'; steps: StepState[] }
  | { do: 'wait'; untilMs?: number }
  | { do: 'end'; status: RunEnd['status']; step?: StepState };

/** Worst first: what a person must look at outweighs what is known. */
const ENDS = ['needs-attention', 'dead', 'failed'] as const;

/** Decides from the states of the steps alone. Steps whose attempt is under way have the status 'running'. */
export function decide(options: {
  steps: StepState[];
  stopping?: Stopping;
  nowMs: number;
}): Decision {
  const { steps, stopping, nowMs } = options;
  const done = new Set(steps.filter(isDone).map(step => step.planned.id));
  const isRunning = steps.some(
    step => step.record.status === 'running' && !step.waitsForChildren,
  );
  const isWaiting = steps.some(step => step.waitsForChildren);

  const ready = steps.filter(step => {
    const { status } = step.record;
    if (status !== 'pending' && status !== 'retrying') return false;
    if (stopping && !(isAsked(stopping) && step.mustFinish)) return false;
    return step.planned.needs.every(id => done.has(id));
  });
  const [gated, open] = [
    ready.filter(step => step.isGated),
    ready.filter(step => !step.isGated),
  ];
  const due = open.filter(
    step => step.record.status === 'pending' || (step.retryAtMs ?? 0) <= nowMs,
  );
  if (due.length > 0) return { do: 'start', steps: due };
  if (isRunning) return { do: 'wait', untilMs: earliestRetry(open) };
  if (open.length > 0) return { do: 'wait', untilMs: earliestRetry(open) };

  if (done.size === steps.length) return { do: 'end', status: 'succeeded' };
  for (const status of ENDS) {
    const step = steps.find(each => each.record.status === status);
    if (step) return { do: 'end', status, step };
  }
  return {
    do: 'end',
    status:
      stopping?.by === 'park' ||
      stopping?.by === 'pause' ||
      (stopping === undefined && isWaiting) ||
      gated.length > 0
        ? 'waiting'
        : 'cancelled',
  };
}

function earliestRetry(steps: StepState[]): number | undefined {
  const times = steps.flatMap(step =>
    step.record.status === 'retrying' ? [step.retryAtMs ?? 0] : [],
  );
  return times.length === 0 ? undefined : Math.min(...times);
}
