import { JsonObject } from '@backstage/types';
import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';
import { createContinueStep } from '../effects/continueStep';
import { createContinuedStep } from '../steps/continuedStep';
import { StepTools } from '../steps/types';
import { CONTINUE_PLAN_VERSION, ContinuePlanner } from './ContinuePlanner';

/** Lets Argo CD go on from a canary that waits at a Job for somebody's approval. */
export function createContinueKind(options: {
  planner: ContinuePlanner;
  tools: Pick<StepTools, 'fleet' | 'patience'>;
}): ActionKind<JsonObject> {
  const { planner, tools } = options;
  return {
    kind: 'continue-canary',
    title: 'Continue canary',
    planVersions: [CONTINUE_PLAN_VERSION],
    inputSchema: z.strictObject({}),
    environments: entity => planner.environments(entity),
    plan: request => planner.plan(request),
    steps: {
      'continue-canary': createContinueStep(tools),
      'canary-continued': createContinuedStep(tools),
    },
  };
}
