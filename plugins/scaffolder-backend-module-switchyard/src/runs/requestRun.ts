import { ActionContext } from '@backstage/plugin-scaffolder-node';
import { JsonObject } from '@backstage/types';
import {
  PreviewRequest,
  RunPreview,
} from '@switchyard/backstage-plugin-runs-common';
import { digestOf } from './digestOf';
import { RunsCallError } from './RunsCallError';
import { RunsClient } from './RunsClient';

/** A plan may be another one by the time it is asked for; what changes that often would not hold for people either. */
const MAX_PLANS = 3;

/** What a template has to know of its run. */
export type RequestedRun = {
  id: string;
  /** Number that people use: #412. */
  number: number;
};

/** The part of a task's context that asking for a run needs. */
export type TaskContext = Pick<
  ActionContext<JsonObject>,
  | 'task'
  | 'step'
  | 'logger'
  | 'signal'
  | 'checkpoint'
  | 'getInitiatorCredentials'
>;

/**
 * Asks for a run as the person who started the task. However often the step is carried out, for a task that was recovered or tried again, there is one
 * run: what was planned is stored before it is asked for, and the key of the request comes from the task.
 *
 * @throws RunsCallError with what stands in the way
 */
export async function requestRun(
  runs: RunsClient,
  context: TaskContext,
  request: PreviewRequest & { reason: string },
): Promise<RequestedRun> {
  const credentials = await context.getInitiatorCredentials();
  const call = { credentials, signal: context.signal };
  const { reason, ...wanted } = request;
  const digest = digestOf(request);
  const key = [
    'scaffolder',
    context.task.id,
    context.step?.id ?? 'step',
    digest,
  ]
    .join('.')
    .replace(/[^\x21-\x7e]/g, '_');
  for (let round = 1; ; round++) {
    const planHash = await context.checkpoint({
      key: `plan.${digest}.${round}`,
      fn: async () => {
        const preview = await runs.preview(wanted, call);
        describePlan(preview, context);
        if (!preview.verdict.allowed)
          throw new RunsCallError(describeBlockers(preview));
        return preview.planHash;
      },
    });
    try {
      const run = await context.checkpoint({
        key: `run.${digest}.${round}`,
        fn: async (): Promise<RequestedRun> => {
          const { id, number } = await runs.requestRun(
            { ...wanted, reason, planHash },
            key,
            call,
          );
          return { id, number };
        },
      });
      context.logger.info(`Run #${run.number}: ${runs.pageOf(run.id)}`);
      return run;
    } catch (error) {
      // Refused before anything was stored under the key: the next plan may have it.
      if (round === MAX_PLANS || !isOutdated(error)) throw error;
      context.logger.info('The plan has changed meanwhile; it is made again');
    }
  }
}

/** Shows what a run would do, and asks for nothing. */
export async function previewRun(
  runs: RunsClient,
  context: TaskContext,
  request: PreviewRequest,
): Promise<void> {
  const credentials = await context.getInitiatorCredentials();
  const preview = await runs.preview(request, {
    credentials,
    signal: context.signal,
  });
  describePlan(preview, context);
  if (!preview.verdict.allowed)
    context.logger.warn(`It would be refused. ${describeBlockers(preview)}`);
}

function describePlan(
  { plan, verdict }: RunPreview,
  { logger }: Pick<TaskContext, 'logger'>,
): void {
  logger.info(plan.title);
  for (const { what, cluster, before, after } of plan.changes)
    logger.info(
      `  ${what}${cluster ? ` in ${cluster}` : ''}: ${before ?? 'nothing'} → ${
        after ?? 'nothing'
      }`,
    );
  for (const { what, why } of verdict.warnings) logger.warn(`${what}: ${why}`);
  for (const { title } of verdict.approvals)
    logger.info(`It will wait for an approval: ${title}`);
}

function describeBlockers({ verdict }: RunPreview): string {
  return verdict.blockers.map(({ what, why }) => `${what}: ${why}`).join(' ');
}

function isOutdated(error: unknown): boolean {
  return (
    error instanceof RunsCallError &&
    error.blockers.length > 0 &&
    error.blockers.every(({ type }) => type === 'plan-changed')
  );
}
