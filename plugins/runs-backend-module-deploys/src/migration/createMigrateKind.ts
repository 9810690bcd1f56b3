import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';
import { RequestSyncTools } from '../effects/requestSyncStep';
import { createRerunMigrationStep } from '../effects/rerunMigrationStep';
import { createSettleStep } from '../steps/settleStep';
import { MIGRATION_PLAN_VERSION, MigrationPlanner } from './MigrationPlanner';
import { MigrateInput } from './types';

const inputSchema = z.strictObject({
  applications: z
    .array(z.string().trim().min(1).max(253))
    .min(1)
    .max(50)
    .optional(),
  again: z.boolean().optional(),
});

/** Runs a migration that failed once more. */
export function createMigrateKind(options: {
  planner: MigrationPlanner;
  tools: RequestSyncTools;
}): ActionKind<MigrateInput> {
  const { planner, tools } = options;
  return {
    kind: 'migrate',
    title: 'Run migration again',
    planVersions: [MIGRATION_PLAN_VERSION],
    inputSchema,
    environments: entity => planner.environments(entity),
    plan: request => planner.plan(request),
    steps: {
      'rerun-migration': createRerunMigrationStep(tools),
      settle: createSettleStep(tools),
    },
  };
}
