import {
  ActionKind,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';
import { versionInput } from '../operations/versionInput';
import { createCheckStep } from '../steps/checkStep';
import { createCommitStep } from '../effects/commitStep';
import { createSetImageStep } from '../effects/setImageStep';
import { createImageRolloutStep } from '../steps/imageRolloutStep';
import { createRolloutStep } from '../steps/rolloutStep';
import { createSyncStep } from '../effects/syncStep';
import { CommitTools, StepTools } from '../steps/types';
import { HOTFIX_PLAN_VERSIONS, HotfixPlanner } from './HotfixPlanner';
import { HotfixInput } from './types';

const inputSchema = z.strictObject({ version: versionInput });

/**
 * Ships a version that the registry has to all clusters of an environment, by one commit per deploy repository; where no Application deploys it, on the
 * objects themselves.
 */
export function createHotfixKind(options: {
  planner: HotfixPlanner;
  tools: CommitTools;
}): ActionKind<HotfixInput> {
  const { planner, tools } = options;
  return {
    kind: 'hotfix',
    title: 'Hotfix',
    planVersions: HOTFIX_PLAN_VERSIONS,
    // Only the last version that was asked for stays.
    replacesQueued: true,
    inputSchema,
    environments: entity => planner.environments(entity),
    plan: request => planner.plan(request),
    steps: { ...gitSteps(tools), ...imageHandlers(tools) },
  };
}

/** The steps of whatever is shipped by a commit, as `buildSteps` puts them together. */
export function gitSteps(tools: CommitTools): Record<string, StepHandler> {
  return {
    check: createCheckStep(tools),
    commit: createCommitStep(tools),
    sync: createSyncStep(tools),
    rollout: createRolloutStep(tools),
  };
}

/** The steps that set images on objects, as `imageSteps` puts them together. */
export function imageHandlers(tools: StepTools): Record<string, StepHandler> {
  return {
    'set-image': createSetImageStep(tools),
    'image-rollout': createImageRolloutStep(tools),
  };
}
