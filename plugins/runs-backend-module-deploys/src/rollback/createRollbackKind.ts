import { RollbackChoices } from '@switchyard/backstage-plugin-deploys-common';
import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { JsonObject } from '@backstage/types';
import { z } from 'zod';
import { createArgoRollbackStep } from '../effects/argoRollbackStep';
import { createSwitchOffStep } from '../effects/autoSyncSteps';
import { gitSteps, imageHandlers } from '../hotfix/createHotfixKind';
import { createHoldStep } from '../steps/holdStep';
import { createSettleStep } from '../steps/settleStep';
import { CommitTools } from '../steps/types';
import { ArgoRollbackPlanner } from './ArgoRollbackPlanner';
import { ImageRollbackPlanner } from './ImageRollbackPlanner';
import { ROLLBACK_PLAN_VERSIONS, RollbackPlanner } from './RollbackPlanner';
import { RollbackInput } from './types';

const inputSchema = z
  .strictObject({
    mode: z.enum(['git', 'argocd']).optional(),
    version: z.string().trim().min(1).max(128).optional(),
    revision: z
      .string()
      .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'must be the full id of a commit')
      .optional(),
    deploys: z
      .array(
        z.strictObject({
          application: z.string().trim().min(1).max(253),
          id: z.int().min(0),
        }),
      )
      .min(1)
      .max(50)
      .refine(
        deploys =>
          new Set(deploys.map(each => each.application)).size ===
          deploys.length,
        'must name each Application once',
      )
      .optional(),
  })
  .refine(
    ({ mode, version, revision, deploys }) =>
      mode === 'argocd'
        ? deploys && version === undefined && revision === undefined
        : !deploys && (version === undefined) !== (revision === undefined),
    'must name either the version to roll back to or the revision at which it ran; in mode argocd the deploys instead',
  );

/**
 * Brings back a version that ran in all clusters of an environment, by one commit per deploy repository that names it again; where Git cannot be changed, what
 * Argo CD has deployed earlier; where no Application deploys it, on the objects themselves.
 */
export function createRollbackKind(options: {
  planner: RollbackPlanner;
  argoPlanner: ArgoRollbackPlanner;
  imagePlanner: ImageRollbackPlanner;
  tools: CommitTools;
}): ActionKind<RollbackInput> {
  const { planner, argoPlanner, imagePlanner, tools } = options;
  return {
    kind: 'rollback',
    title: 'Roll back',
    planVersions: ROLLBACK_PLAN_VERSIONS,
    inputSchema,
    environments: entity => planner.environments(entity),
    async choices(request) {
      if (imagePlanner.isFor(request)) {
        const choices: RollbackChoices = {
          ...imagePlanner.choices(request),
          applications: [],
        };
        return choices as unknown as JsonObject;
      }
      const [versions, applications] = await Promise.all([
        planner.choices(request),
        argoPlanner.choices(request),
      ]);
      const choices: RollbackChoices = { ...versions, applications };
      return choices as unknown as JsonObject;
    },
    async plan(request) {
      if (request.input.mode === 'argocd') return argoPlanner.plan(request);
      return imagePlanner.isFor(request)
        ? imagePlanner.plan(request)
        : planner.plan(request);
    },
    steps: {
      ...gitSteps(tools),
      ...imageHandlers(tools),
      hold: createHoldStep(),
      'switch-off-auto-sync': createSwitchOffStep(tools),
      'argocd-rollback': createArgoRollbackStep(tools),
      settle: createSettleStep(tools),
    },
  };
}
