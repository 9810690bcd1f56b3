import {
  RunDetail,
  TERMINAL_RUN_STATUSES,
} from '@switchyard/backstage-plugin-runs-common';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunsCallError } from './RunsCallError';
import { RunsClient } from './RunsClient';
import { TaskContext } from './requestRun';

const LOOK_EVERY_MS = 2_000;

/** Stopped by itself: nothing more happens until a person decides. */
const STOPPED: readonly string[] = ['needs-attention', 'dead'];

/**
 * Waits until a run has ended, and tells the task's log what it is at. The run itself is not touched, however the waiting ends.
 *
 * @returns the run, which has succeeded
 * @throws RunsCallError with the cause and a link where it ended otherwise, has stopped by itself, or takes too long
 */
export async function followRun(
  runs: RunsClient,
  context: Pick<TaskContext, 'logger' | 'signal' | 'getInitiatorCredentials'>,
  options: { runId: string; timeoutMs: number; lookEveryMs?: number },
): Promise<RunDetail> {
  const { runId, timeoutMs, lookEveryMs = LOOK_EVERY_MS } = options;
  const { logger, signal } = context;
  const credentials = await context.getInitiatorCredentials();
  const page = runs.pageOf(runId);
  const deadline = Date.now() + timeoutMs;
  let told: string | undefined;
  const tell = (text: string, level: 'info' | 'warn' = 'info') => {
    if (text === told) return;
    told = text;
    logger[level](text);
  };
  try {
    for (;;) {
      const run = await look();
      if (run) {
        tell(describe(run));
        if (run.status === 'succeeded') return run;
        if (isOver(run))
          throw new RunsCallError(`${describeEnd(run)} (${page})`);
      }
      if (Date.now() >= deadline)
        throw new RunsCallError(
          `The run has not ended within ${Math.round(
            timeoutMs / 60_000,
          )} minutes; it goes on, and this step can be tried again: ${page}`,
        );
      await sleep(lookEveryMs, undefined, { signal });
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw new RunsCallError(
      `Nobody waits for the run any longer; it goes on: ${page}`,
    );
  }

  async function look(): Promise<RunDetail | undefined> {
    try {
      return await runs.getRun(runId, { credentials, signal });
    } catch (error) {
      if (!(error instanceof RunsCallError) || !error.mayPass) throw error;
      tell(`${error.message}; asking again`, 'warn');
      return undefined;
    }
  }
}

function isOver({ status }: RunDetail): boolean {
  return TERMINAL_RUN_STATUSES.includes(status) || STOPPED.includes(status);
}

function describe(run: RunDetail): string {
  const { number, status, stepsDone, stepsTotal, currentStep, waiting } = run;
  const parts = [
    `Run #${number} ${status}`,
    `${stepsDone} of ${stepsTotal} steps done`,
    waiting?.message,
    status === 'running' ? currentStep?.title : undefined,
    status === 'running' ? currentStep?.progress : undefined,
  ];
  return parts.filter(part => part !== undefined).join(' · ');
}

function describeEnd({ number, title, status, cause }: RunDetail): string {
  const why = cause ? `. ${cause}` : '';
  switch (status) {
    case 'cancelled':
      return `Run #${number} (${title}) was cancelled${why}`;
    case 'failed':
      return `Run #${number} (${title}) has failed${why}`;
    default:
      return `Run #${number} (${title}) has stopped and needs a person${why}`;
  }
}
