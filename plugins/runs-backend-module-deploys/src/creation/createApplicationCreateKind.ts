import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';
import { createApplicationStep } from '../effects/createApplicationStep';
import { createDeployedStep } from '../steps/deployedStep';
import { StepTools } from '../steps/types';
import {
  APPLICATION_CREATE_PLAN_VERSION,
  ApplicationCreatePlanner,
} from './ApplicationCreatePlanner';
import { ApplicationCreateInput } from './types';

const inputSchema = z.strictObject({
  repository: z.string().trim().min(1).max(500),
  clusters: z
    .array(z.string().trim().min(1).max(253))
    .min(1)
    .max(50)
    .optional(),
});

/** Creates the Argo CD Applications of a component that has none yet, as the configuration lets its owners have them. */
export function createApplicationCreateKind(options: {
  planner: ApplicationCreatePlanner;
  tools: StepTools;
}): ActionKind<ApplicationCreateInput> {
  const { planner, tools } = options;
  return {
    kind: 'application-create',
    title: 'Create Applications',
    planVersions: [APPLICATION_CREATE_PLAN_VERSION],
    inputSchema,
    environments: entity => planner.environments(entity),
    plan: request => planner.plan(request),
    steps: {
      'create-application': createApplicationStep(tools),
      deployed: createDeployedStep(tools),
    },
  };
}
