import { Blocker } from '@switchyard/backstage-plugin-runs-common';
import { ClaimedRun } from '../database/types';
import { Outcome } from './runAttempt';
import { RunRecorder } from './RunRecorder';
import { StepState } from './stepGraph';
import { toStorableText } from './text';

/** A step that takes its worker down each time it is tried would take down one worker after the other. */
const MAX_INTERRUPTIONS = 10;

/** Why a run waits for a person. */
export interface ParkReason {
  message: string;
  blockers: Blocker[];
  stepId?: string;
}

/** Brings the steps of a claimed run to where they can go on: what an earlier worker left running was interrupted. */
export function recover(
  claimed: ClaimedRun,
  options: { nowMs: number },
): StepState[] {
  const records = new Map(claimed.steps.map(step => [step.stepId, step]));
  const gated = new Set(
    claimed.gates
      .filter(gate => gate.status !== 'open')
      .map(gate => gate.beforeStep),
  );
  return claimed.run.plan.steps.map(planned => {
    const record = { ...records.get(planned.id)! };
    const state: StepState = {
      planned,
      record,
      isGated: gated.has(planned.id),
    };
    if (record.status === 'retrying')
      state.retryAtMs = options.nowMs + Math.max(record.retryInMs ?? 0, 0);
    if (record.status !== 'running') return state;
    // Nobody was carrying it out: it waited for children of the run.
    state.goesOn = !claimed.takenOver && planned.effect === 'none';

    record.interruptions += 1;
    if (planned.effect === 'manual' && record.effectStarted) {
      record.status = 'needs-attention';
      record.error =
        'The worker ended during the effect; whether it happened is not known';
    } else if (record.interruptions > MAX_INTERRUPTIONS) {
      record.status = 'dead';
      record.error = `The worker ended ${record.interruptions} times during this step`;
    } else {
      record.status = 'pending';
      state.mustFinish = record.effectStarted;
    }
    return state;
  });
}

/** Writes an attempt's outcome into the step, and says whether the run may go on. */
export function applyOutcome(options: {
  step: StepState;
  outcome: Outcome;
  recorder: RunRecorder;
  retryDelayMs: (failures: number) => number;
  nowMs: number;
}): { stops?: 'failure' | 'park'; park?: ParkReason } {
  const { step, outcome, recorder, retryDelayMs, nowMs } = options;
  const { record, planned } = step;
  record.progress = undefined;

  switch (outcome.kind) {
    case 'succeeded':
      record.status = 'succeeded';
      record.output = outcome.output;
      record.error = undefined;
      if (outcome.adopted)
        recorder.log(
          step,
          'An earlier attempt had done this; its result was adopted',
        );
      recorder.mark(step, { ends: true });
      return {};

    case 'failed':
      record.failures += 1;
      recorder.log(step, outcome.message, 'error');
      for (const line of outcome.details) recorder.log(step, line);
      return stop(options, 'failed', outcome.message);

    case 'unknown':
      recorder.log(step, outcome.message, 'error');
      return stop(options, 'needs-attention', outcome.message);

    case 'error':
      record.failures += 1;
      recorder.log(step, outcome.message, 'error');
      if (planned.effect === 'manual' && record.effectStarted) {
        return stop(
          options,
          'needs-attention',
          `${outcome.message}; whether the effect happened is not known`,
        );
      }
      if (record.failures >= planned.maxAttempts)
        return stop(options, 'dead', outcome.message);
      record.status = 'retrying';
      record.error = toStorableText(outcome.message);
      record.retryInMs = retryDelayMs(record.failures);
      step.retryAtMs = nowMs + record.retryInMs;
      recorder.mark(step, { ends: true });
      return {};

    case 'waits':
      // For people it goes on: no attempt was used up, and whoever claims the run next counts an interruption that was none.
      record.attempt -= 1;
      record.interruptions -= 1;
      record.progress = toStorableText(outcome.message, 300);
      step.waitsForChildren = true;
      recorder.mark(step);
      return {};

    case 'withdrawn':
      record.status = 'cancelled';
      record.effectStarted = false;
      step.mustFinish = false;
      recorder.log(step, outcome.message);
      recorder.mark(step, { ends: true });
      return {};

    case 'parked':
      // It has done nothing in this attempt: after a person's word it begins anew.
      record.status = 'pending';
      recorder.log(step, `Parked: ${outcome.message}`, 'warn');
      recorder.mark(step);
      return {
        stops: 'park',
        park: {
          message: toStorableText(outcome.message),
          blockers: outcome.blockers,
        },
      };

    default:
      // Interrupted: as 'running' in the database, it tells the next worker.
      return {};
  }
}

function stop(
  options: { step: StepState; recorder: RunRecorder },
  status: 'failed' | 'needs-attention' | 'dead',
  message: string,
): { stops: 'failure' } {
  const { step, recorder } = options;
  step.record.status = status;
  step.record.error = toStorableText(message);
  step.mustFinish = false;
  recorder.mark(step, { ends: true });
  return { stops: 'failure' };
}
