import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { followRun } from '../runs/followRun';
import { RunsClient } from '../runs/RunsClient';
import { runWaitExamples } from './runWait.examples';

const DEFAULT_MINUTES = 45;

/** `switchyard:run:wait`: waits until a run has ended, and fails where it has not succeeded. */
export function createRunWaitAction(options: {
  runs: RunsClient;
  /** Replaced in tests only. */
  lookEveryMs?: number;
}) {
  const { runs, lookEveryMs } = options;
  return createTemplateAction({
    id: 'switchyard:run:wait',
    description:
      'Waits until a run has ended and shows what it is at; fails with its cause where it has not succeeded',
    examples: runWaitExamples,
    supportsDryRun: true,
    schema: {
      input: {
        runId: z => z.string().describe('Id of the run'),
        timeoutMinutes: z =>
          z
            .number()
            .positive()
            .max(24 * 60)
            .default(DEFAULT_MINUTES)
            .describe(
              `How long to wait; ${DEFAULT_MINUTES} unless told otherwise. The run goes on afterwards`,
            ),
      },
      output: {
        status: z => z.string().describe('Always succeeded'),
        runUrl: z => z.string().describe("Address of the run's page"),
      },
    },
    async handler(ctx) {
      const { runId, timeoutMinutes = DEFAULT_MINUTES } = ctx.input;
      if (ctx.isDryRun) {
        ctx.logger.info('It would wait until the run has ended');
        return;
      }
      const { status } = await followRun(runs, ctx, {
        runId,
        timeoutMs: timeoutMinutes * 60_000,
        lookEveryMs,
      });
      ctx.output('status', status);
      ctx.output('runUrl', runs.pageOf(runId));
    },
  });
}
