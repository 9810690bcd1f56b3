import { JsonObject } from '@backstage/types';
import { Blocker } from '@switchyard/backstage-plugin-runs-common';
import {
  StepContext,
  StepHandler,
  StepResult,
} from '@switchyard/backstage-plugin-runs-node';

/** A handler that does not listen to its signal is left behind after this. */
const ABORT_GRACE_MS = 5_000;
/** Longer timers fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How an attempt ended. */
export type Outcome =
  | { kind: 'succeeded'; output: JsonObject; adopted: boolean }
  /** The cause is known, and trying again would not help. */
  | { kind: 'failed'; message: string; details: string[] }
  /** Whether the effect happened cannot be found out. */
  | { kind: 'unknown'; message: string }
  /** The run is to be cancelled, and nothing of the step is left. */
  | { kind: 'withdrawn'; message: string }
  | { kind: 'parked'; message: string; blockers: Blocker[] }
  /** Goes on when a child of the run has ended. */
  | { kind: 'waits'; message: string }
  /** May be tried again. */
  | { kind: 'error'; message: string; stack?: string }
  /** Its worker lost the lease or goes down. */
  | { kind: 'interrupted' };

/**
 * Carries out one attempt of a step: asks first what an earlier attempt did, limits the time, and sorts what comes out.
 * It ends soon after the signal of the run is aborted, even if the handler does not.
 */
export async function runAttempt(options: {
  handler: StepHandler;
  context: Omit<StepContext, 'signal'>;
  /** Aborted when the run may not go on. */
  runSignal: AbortSignal;
}): Promise<Outcome> {
  const { handler, context, runSignal } = options;
  const { timeoutMs, attempt } = context.step;
  const timeout = new AbortController();
  const timer = setTimeout(
    () => timeout.abort(new Error('The time of the attempt is up')),
    Math.min(timeoutMs, MAX_TIMER_MS),
  );
  const signal = AbortSignal.any([runSignal, timeout.signal]);
  const stepContext = Object.freeze({ ...context, signal });

  const work = (async (): Promise<Outcome> => {
    if (attempt > 1 && handler.effect === 'adoptable') {
      const adopted = await handler.adopt?.(stepContext);
      if (adopted) return succeed(adopted, true);
      signal.throwIfAborted();
    }
    return succeed(await handler.run(stepContext), false);
  })().catch(classify);

  try {
    const outcome = await Promise.race([work, afterAbort(signal)]);
    // What was done in time is done, whatever has happened since.
    if (outcome?.kind === 'succeeded') return outcome;
    if (runSignal.aborted) return { kind: 'interrupted' };
    if (timeout.signal.aborted && (!outcome || outcome.kind === 'error')) {
      return {
        kind: 'error',
        message: `The attempt took longer than ${describeDuration(timeoutMs)}`,
      };
    }
    return outcome ?? { kind: 'interrupted' };
  } finally {
    clearTimeout(timer);
  }
}

function succeed(result: StepResult, adopted: boolean): Outcome {
  return { kind: 'succeeded', output: result?.output ?? {}, adopted };
}

/** Compared by name: a module may bring a copy of the classes of its own. */
function classify(error: unknown): Outcome {
  const { name, message, stack } =
    error instanceof Error ? error : new Error(String(error));
  switch (name) {
    case 'StepFailedError':
      return {
        kind: 'failed',
        message,
        details: (error as { details?: string[] }).details ?? [],
      };
    case 'OutcomeUnknownError':
      return { kind: 'unknown', message };
    case 'StepWithdrawnError':
      return { kind: 'withdrawn', message };
    case 'StepParkedError':
      return {
        kind: 'parked',
        message,
        blockers: [
          {
            type: 'plan-changed',
            what: 'The world is not as planned',
            why: message,
          },
        ],
      };
    case 'WaitForChildrenError':
      return { kind: 'waits', message };
    case 'InterlockRefusedError':
      return {
        kind: 'parked',
        message,
        blockers: (error as { blockers?: Blocker[] }).blockers ?? [],
      };
    default:
      return { kind: 'error', message: message || name, stack };
  }
}

async function afterAbort(signal: AbortSignal): Promise<undefined> {
  await new Promise<void>(resolve => {
    const startGrace = () => setTimeout(resolve, ABORT_GRACE_MS).unref();
    if (signal.aborted) startGrace();
    else signal.addEventListener('abort', startGrace, { once: true });
  });
  return undefined;
}

function describeDuration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  const seconds = Math.round(ms / 1_000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
