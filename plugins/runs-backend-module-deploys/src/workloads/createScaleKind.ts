import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';
import { createScaleStep } from '../effects/scaleStep';
import { createReadyStep } from '../steps/readyStep';
import { StepTools } from '../steps/types';
import { SCALE_PLAN_VERSION, ScalePlanner } from './ScalePlanner';
import { ScaleInput } from './types';
import { wantedWorkloads } from './wantedWorkloads';

const inputSchema = z.strictObject({
  replicas: z.int().min(0).max(1_000),
  workloads: wantedWorkloads.optional(),
});

/** Sets how many pods workloads have. */
export function createScaleKind(options: {
  planner: ScalePlanner;
  tools: Pick<StepTools, 'fleet' | 'patience'>;
}): ActionKind<ScaleInput> {
  const { planner, tools } = options;
  return {
    kind: 'scale',
    title: 'Scale',
    planVersions: [SCALE_PLAN_VERSION],
    inputSchema,
    environments: entity => planner.environments(entity),
    plan: request => planner.plan(request),
    steps: {
      scale: createScaleStep(tools),
      ready: createReadyStep(tools),
    },
  };
}
