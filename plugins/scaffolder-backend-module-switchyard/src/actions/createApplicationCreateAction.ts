import { Entity, RELATION_OWNED_BY } from '@backstage/catalog-model';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestRun, TaskContext } from '../runs/requestRun';
import { RunsCallError } from '../runs/RunsCallError';
import { RunsClient } from '../runs/RunsClient';
import { applicationCreateExamples } from './applicationCreate.examples';

/** A location that was just registered is processed within seconds. */
const CATALOG_PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 1_000;

/**
 * `switchyard:application:create`: asks for the first Applications of a component, and does not wait for them. A component that was registered a moment ago is
 * waited for: a run is about something that the catalog has.
 */
export function createApplicationCreateAction(options: {
  runs: RunsClient;
  catalog: Pick<CatalogService, 'getEntityByRef'>;
  /** Replaced in tests only. */
  lookEveryMs?: number;
  /** Likewise. */
  catalogPatienceMs?: number;
}) {
  const {
    runs,
    catalog,
    lookEveryMs = LOOK_EVERY_MS,
    catalogPatienceMs = CATALOG_PATIENCE_MS,
  } = options;
  return createTemplateAction({
    id: 'switchyard:application:create',
    description:
      'Asks for the Argo CD Applications of a new component in an environment, as the configuration lets its owners have them',
    examples: applicationCreateExamples,
    supportsDryRun: true,
    schema: {
      input: {
        entityRef: z =>
          z
            .string()
            .describe(
              'The component; one that was just registered is waited for',
            ),
        environment: z =>
          z.string().describe('Name of the environment, e.g. production'),
        repository: z =>
          z
            .string()
            .describe('Address of the Git repository with its manifests'),
        clusters: z =>
          z
            .array(z.string())
            .optional()
            .describe('Only in these; in all of the environment when absent'),
        reason: z => z.string().describe('Why; it stands in the run'),
      },
      output: {
        runId: z => z.string().describe('Id of the run'),
        runNumber: z => z.number().describe('Number of the run for people'),
        runUrl: z => z.string().describe("Address of the run's page"),
      },
    },
    async handler(ctx) {
      const { entityRef, environment, repository, clusters, reason } =
        ctx.input;
      if (ctx.isDryRun) {
        ctx.logger.info(
          `It would ask for Applications of ${entityRef} in ${environment}, with manifests of ${repository}`,
        );
        return;
      }
      await untilInCatalog(ctx, entityRef);
      const run = await requestRun(runs, ctx, {
        action: 'application-create',
        entityRef,
        environment,
        input: { repository, ...(clusters && { clusters }) },
        reason,
      });
      ctx.output('runId', run.id);
      ctx.output('runNumber', run.number);
      ctx.output('runUrl', runs.pageOf(run.id));
    },
  });

  async function untilInCatalog(
    context: Pick<TaskContext, 'logger' | 'signal' | 'getInitiatorCredentials'>,
    entityRef: string,
  ): Promise<void> {
    const credentials = await context.getInitiatorCredentials();
    const deadline = Date.now() + catalogPatienceMs;
    for (let look = 1; ; look++) {
      const entity = await catalog.getEntityByRef(entityRef, { credentials });
      if (entity && isOwned(entity)) return;
      if (look === 1)
        context.logger.info(`Waiting until the catalog shows ${entityRef}`);
      if (Date.now() >= deadline)
        throw new RunsCallError(
          entity
            ? `${entityRef} has no owner in the catalog: whose it is decides where it may run`
            : `The catalog does not show ${entityRef}; look for errors of its location`,
        );
      await sleep(lookEveryMs, undefined, { signal: context.signal });
    }
  }
}

/** The relation comes a moment after the entity. */
function isOwned({ relations = [] }: Entity): boolean {
  return relations.some(({ type }) => type === RELATION_OWNED_BY);
}
