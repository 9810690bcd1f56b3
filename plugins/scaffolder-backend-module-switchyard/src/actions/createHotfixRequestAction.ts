import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { previewRun, requestRun } from '../runs/requestRun';
import { RunsClient } from '../runs/RunsClient';
import { hotfixRequestExamples } from './hotfixRequest.examples';

/** `switchyard:hotfix:request`: asks for a hotfix, and does not wait for it. */
export function createHotfixRequestAction(options: { runs: RunsClient }) {
  const { runs } = options;
  return createTemplateAction({
    id: 'switchyard:hotfix:request',
    description:
      'Asks for a version to be shipped to an environment, as the person who started the task',
    examples: hotfixRequestExamples,
    supportsDryRun: true,
    schema: {
      input: {
        entityRef: z =>
          z
            .string()
            .describe('Component to ship, e.g. component:default/orders'),
        environment: z =>
          z.string().describe('Name of the environment, e.g. production'),
        version: z =>
          z
            .string()
            .describe('Version to ship, as people say it, e.g. v5.3.25'),
        reason: z =>
          z.string().describe('Why; it stands in the run and the commit'),
      },
      output: {
        runId: z => z.string().describe('Id of the run'),
        runNumber: z => z.number().describe('Number of the run for people'),
        runUrl: z => z.string().describe("Address of the run's page"),
      },
    },
    async handler(ctx) {
      const { entityRef, environment, version, reason } = ctx.input;
      const request = {
        action: 'hotfix',
        entityRef,
        environment,
        input: { version },
      };
      if (ctx.isDryRun) {
        await previewRun(runs, ctx, request);
        return;
      }
      const run = await requestRun(runs, ctx, { ...request, reason });
      ctx.output('runId', run.id);
      ctx.output('runNumber', run.number);
      ctx.output('runUrl', runs.pageOf(run.id));
    },
  });
}
