import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';
import { createSwitchOnStep } from '../effects/autoSyncSteps';
import { createRequestSyncStep } from '../effects/requestSyncStep';
import { createSettleStep } from '../steps/settleStep';
import { StepTools } from '../steps/types';
import {
  RESUME_PLAN_VERSION,
  ResumeInput,
  ResumePlanner,
} from './ResumePlanner';

/** Gives Applications back to their branch after Argo CD has rolled them back. */
export function createResumeKind(options: {
  planner: ResumePlanner;
  tools: StepTools;
}): ActionKind<ResumeInput> {
  const { planner, tools } = options;
  return {
    kind: 'resume',
    title: 'Resume',
    planVersions: [RESUME_PLAN_VERSION],
    inputSchema: z.strictObject({}),
    environments: entity => planner.environments(entity),
    plan: request => planner.plan(request),
    steps: {
      'request-sync': createRequestSyncStep(tools),
      settle: createSettleStep(tools),
      'switch-on-auto-sync': createSwitchOnStep(tools),
    },
  };
}
