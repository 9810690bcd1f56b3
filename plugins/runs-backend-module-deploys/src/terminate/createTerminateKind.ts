import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';
import { createTerminateStep } from '../effects/terminateStep';
import { StepTools } from '../steps/types';
import { TERMINATE_PLAN_VERSION, TerminatePlanner } from './TerminatePlanner';
import { TerminateInput } from './types';

const inputSchema = z.strictObject({
  applications: z
    .array(z.string().trim().min(1).max(253))
    .min(1)
    .max(50)
    .optional(),
});

/** Stops what Argo CD is doing to Applications: the operation that was shown, and no other. */
export function createTerminateKind(options: {
  planner: TerminatePlanner;
  tools: StepTools;
}): ActionKind<TerminateInput> {
  const { planner, tools } = options;
  return {
    kind: 'terminate',
    title: 'Stop operation',
    planVersions: [TERMINATE_PLAN_VERSION],
    inputSchema,
    environments: entity => planner.environments(entity),
    plan: request => planner.plan(request),
    steps: { terminate: createTerminateStep(tools) },
  };
}
