import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { JsonObject } from '@backstage/types';
import { z } from 'zod';
import { gitSteps } from '../hotfix/createHotfixKind';
import { StepTools } from '../steps/types';
import { ROLLBACK_PLAN_VERSION, RollbackPlanner } from './RollbackPlanner';
import { RollbackInput } from './types';

const inputSchema = z
  .strictObject({
    version: z.string().trim().min(1).max(128).optional(),
    revision: z
      .string()
      .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'must be the full id of a commit')
      .optional(),
  })
  .refine(
    ({ version, revision }) =>
      (version === undefined) !== (revision === undefined),
    'must name either the version to roll back to or the revision at which it ran',
  );

/**
 * Brings back a version that ran in all clusters of an environment, by one commit per deploy repository that names it again.
 */
export function createRollbackKind(options: {
  planner: RollbackPlanner;
  tools: StepTools;
}): ActionKind<RollbackInput> {
  const { planner, tools } = options;
  return {
    kind: 'rollback',
    title: 'Roll back',
    planVersions: [ROLLBACK_PLAN_VERSION],
    inputSchema,
    environments: entity => planner.environments(entity),
    choices: async request =>
      (await planner.choices(request)) as unknown as JsonObject,
    plan: request => planner.plan(request),
    steps: gitSteps(tools),
  };
}
