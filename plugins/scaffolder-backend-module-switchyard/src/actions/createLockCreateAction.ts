import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  lockKinds,
  lockScopes,
} from '@switchyard/backstage-plugin-runs-common';
import { digestOf } from '../runs/digestOf';
import { RunsClient } from '../runs/RunsClient';
import { lockCreateExamples } from './lockCreate.examples';

/** `switchyard:lock:create`: sets a lock, warning or freeze. */
export function createLockCreateAction(options: { runs: RunsClient }) {
  const { runs } = options;
  return createTemplateAction({
    id: 'switchyard:lock:create',
    description:
      'Sets a lock, a warning or a freeze, held by the person who started the task',
    examples: lockCreateExamples,
    supportsDryRun: true,
    schema: {
      input: {
        scope: z =>
          z
            .enum(lockScopes as [string, ...string[]])
            .optional()
            .describe('What it binds; a component unless told otherwise'),
        entityRef: z =>
          z.string().optional().describe('The component, or the system'),
        cluster: z => z.string().optional().describe('For the scope cluster'),
        environment: z =>
          z
            .string()
            .optional()
            .describe('Only there; every environment when absent'),
        kind: z =>
          z
            .enum(lockKinds as [string, ...string[]])
            .optional()
            .describe('A lock unless told otherwise'),
        reason: z => z.string().describe('Why; everybody reads it'),
        holderMayDeploy: z =>
          z.boolean().optional().describe('Whether it lets its holder deploy'),
        incident: z => z.string().optional().describe('Address of an incident'),
        startsAt: z =>
          z.string().optional().describe('ISO time; now when absent'),
        expiresAt: z =>
          z
            .string()
            .optional()
            .describe('ISO time; as the policy says when absent'),
      },
      output: {
        lockId: z => z.string().describe('Id of the lock'),
        expiresAt: z =>
          z.string().optional().describe('ISO time at which it ends by itself'),
      },
    },
    async handler(ctx) {
      const request = ctx.input as Parameters<RunsClient['createLock']>[0];
      const place = [request.entityRef ?? request.cluster, request.environment]
        .filter(Boolean)
        .join(' in ');
      const what = `${request.kind ?? 'lock'} on ${
        place || (request.scope ?? 'component')
      }`;
      if (ctx.isDryRun) {
        ctx.logger.info(`It would set a ${what}: ${request.reason}`);
        return;
      }
      const credentials = await ctx.getInitiatorCredentials();
      const lock = await ctx.checkpoint({
        key: `lock.${digestOf(ctx.input)}`,
        fn: async () => {
          const { id, expiresAt } = await runs.createLock(request, {
            credentials,
            signal: ctx.signal,
          });
          return expiresAt === undefined ? { id } : { id, expiresAt };
        },
      });
      ctx.logger.info(
        `Set a ${what}${
          'expiresAt' in lock ? `, until ${lock.expiresAt}` : ''
        }: ${request.reason}`,
      );
      ctx.output('lockId', lock.id);
      if ('expiresAt' in lock) ctx.output('expiresAt', lock.expiresAt);
    },
  });
}
