import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';
import { createRestartStep } from '../effects/restartStep';
import { createReadyStep } from '../steps/readyStep';
import { StepTools } from '../steps/types';
import { RESTART_PLAN_VERSION, RestartPlanner } from './RestartPlanner';
import { RestartInput } from './types';
import { wantedWorkloads } from './wantedWorkloads';

const inputSchema = z.strictObject({ workloads: wantedWorkloads.optional() });

/** Replaces the pods of workloads by new ones of the same version, a few at a time. */
export function createRestartKind(options: {
  planner: RestartPlanner;
  tools: Pick<StepTools, 'fleet' | 'patience'>;
}): ActionKind<RestartInput> {
  const { planner, tools } = options;
  return {
    kind: 'restart',
    title: 'Restart',
    planVersions: [RESTART_PLAN_VERSION],
    inputSchema,
    environments: entity => planner.environments(entity),
    plan: request => planner.plan(request),
    steps: {
      restart: createRestartStep(tools),
      ready: createReadyStep(tools),
    },
  };
}
