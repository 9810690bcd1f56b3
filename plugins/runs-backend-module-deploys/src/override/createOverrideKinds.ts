import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';
import {
  createOverrideStep,
  createRemoveOverrideStep,
} from '../effects/overrideSteps';
import { createRequestSyncStep } from '../effects/requestSyncStep';
import { versionInput } from '../operations/versionInput';
import { createImageRolloutStep } from '../steps/imageRolloutStep';
import { createSettleStep } from '../steps/settleStep';
import { StepTools } from '../steps/types';
import { OVERRIDE_PLAN_VERSION, OverridePlanner } from './OverridePlanner';
import {
  REMOVE_OVERRIDE_PLAN_VERSION,
  RemoveOverridePlanner,
} from './RemoveOverridePlanner';
import { OverrideInput, RemoveOverrideInput } from './types';

const inputSchema = z.strictObject({ version: versionInput });

/** Ships a version by setting it in the Applications of Argo CD, where their Git cannot be changed. */
export function createOverrideKind(options: {
  planner: OverridePlanner;
  tools: StepTools;
}): ActionKind<OverrideInput> {
  const { planner, tools } = options;
  return {
    kind: 'override',
    title: 'Override version',
    planVersions: [OVERRIDE_PLAN_VERSION],
    inputSchema,
    environments: entity => planner.environments(entity),
    plan: request => planner.plan(request),
    steps: {
      override: createOverrideStep(tools),
      'request-sync': createRequestSyncStep(tools),
      settle: createSettleStep(tools),
      'image-rollout': createImageRolloutStep(tools),
    },
  };
}

/** Gives Applications back to Git after their version was overridden. */
export function createRemoveOverrideKind(options: {
  planner: RemoveOverridePlanner;
  tools: StepTools;
}): ActionKind<RemoveOverrideInput> {
  const { planner, tools } = options;
  return {
    kind: 'remove-override',
    title: 'Remove override',
    planVersions: [REMOVE_OVERRIDE_PLAN_VERSION],
    inputSchema: z.strictObject({}) as z.ZodType<RemoveOverrideInput>,
    environments: entity => planner.environments(entity),
    plan: request => planner.plan(request),
    steps: {
      'remove-override': createRemoveOverrideStep(tools),
      'request-sync': createRequestSyncStep(tools),
      settle: createSettleStep(tools),
    },
  };
}
