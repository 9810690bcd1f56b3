import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';
import { createRequestSyncStep } from '../effects/requestSyncStep';
import { createSettleStep } from '../steps/settleStep';
import { StepTools } from '../steps/types';
import { SYNC_PLAN_VERSION, SyncPlanner } from './SyncPlanner';
import { SyncInput } from './types';

const name = z.string().trim().min(1).max(253);

const inputSchema = z.strictObject({
  applications: z.array(name).min(1).max(50).optional(),
  resources: z
    .array(
      z.strictObject({
        group: z.string().max(253).default(''),
        kind: name,
        namespace: name.optional(),
        name,
      }),
    )
    .min(1)
    .max(100)
    .optional(),
  prune: z.boolean().optional(),
  force: z.boolean().optional(),
  refresh: z.enum(['normal', 'hard']).optional(),
});

/** Makes Argo CD apply what the sources of Applications say. */
export function createSyncKind(options: {
  planner: SyncPlanner;
  tools: StepTools;
}): ActionKind<SyncInput> {
  const { planner, tools } = options;
  return {
    kind: 'sync',
    title: 'Sync',
    planVersions: [SYNC_PLAN_VERSION],
    inputSchema,
    environments: entity => planner.environments(entity),
    plan: request => planner.plan(request),
    steps: {
      'request-sync': createRequestSyncStep(tools),
      settle: createSettleStep(tools),
    },
  };
}
