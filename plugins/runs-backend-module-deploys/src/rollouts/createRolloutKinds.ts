import { JsonObject } from '@backstage/types';
import { ActionKind } from '@switchyard/backstage-plugin-runs-node';
import { z } from 'zod';
import { createRolloutVerbStep } from '../effects/rolloutVerbStep';
import { createRolloutReachedStep } from '../steps/rolloutReachedStep';
import { StepTools } from '../steps/types';
import { wantedWorkloads } from '../workloads/wantedWorkloads';
import { ROLLOUT_PLAN_VERSION, RolloutPlanner } from './RolloutPlanner';
import { PromoteInput, RolloutInput, RolloutVerb } from './types';

/** Actions on Rollouts, so that roles, locks and approvals can tell them apart: an abort is wanted at other times than a promotion. */
export const ROLLOUT_ACTIONS = [
  'promote',
  'abort-rollout',
  'retry-rollout',
  'pause-rollout',
  'resume-rollout',
];

const schema = z.strictObject({ workloads: wantedWorkloads.optional() });

/** What can be asked of Argo Rollouts: to go on, to go back, to try again, to stand still. */
export function createRolloutKinds(options: {
  planner: RolloutPlanner;
  tools: Pick<StepTools, 'fleet' | 'patience'>;
}): ActionKind[] {
  const { planner, tools } = options;
  const steps = {
    'rollout-verb': createRolloutVerbStep(tools),
    'rollout-reached': createRolloutReachedStep(tools),
  };
  const createKind = <T extends RolloutInput & JsonObject>(
    kind: string,
    definition: {
      title: string;
      inputSchema: z.ZodType<T>;
      verb(input: T): RolloutVerb;
    },
  ): ActionKind =>
    ({
      kind,
      title: definition.title,
      planVersions: [ROLLOUT_PLAN_VERSION],
      inputSchema: definition.inputSchema,
      environments: entity => planner.environments(entity),
      plan: request =>
        planner.plan({
          ...request,
          kind,
          verb: definition.verb(request.input),
        }),
      steps,
    } satisfies ActionKind<T> as unknown as ActionKind);
  const plain = (kind: string, title: string, verb: RolloutVerb) =>
    createKind<RolloutInput>(kind, {
      title,
      inputSchema: schema,
      verb: () => verb,
    });
  return [
    createKind<PromoteInput>('promote', {
      title: 'Promote',
      inputSchema: schema.extend({ full: z.boolean().optional() }),
      verb: ({ full }) => (full ? 'promote-full' : 'promote'),
    }),
    plain('abort-rollout', 'Abort rollout', 'abort'),
    plain('retry-rollout', 'Retry rollout', 'retry'),
    plain('pause-rollout', 'Pause rollout', 'pause'),
    plain('resume-rollout', 'Resume rollout', 'resume'),
  ];
}
