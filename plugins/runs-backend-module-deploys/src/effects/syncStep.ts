import {
  StepContext,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { CommitStepOutput, SyncStepInput } from '../hotfix/types';
import { StepTools } from '../steps/types';
import { withApplication } from '../steps/withApplication';
import { ArgoWriterTools, argoWriterOf } from './argoWriterOf';
import { SyncFollower } from './SyncFollower';
import { openOrderOf } from './syncOrder';

/**
 * Brings the commit to the cluster. Where auto-sync is on the push has done that, and the step follows the operation that Argo CD starts by itself; where it is
 * off the step asks for a sync that carries the run's id.
 */
export function createSyncStep(
  tools: StepTools & ArgoWriterTools,
): StepHandler {
  async function follow<T>(
    context: StepContext,
    act: (follower: SyncFollower) => Promise<T>,
  ): Promise<T> {
    const input = context.step.input as SyncStepInput;
    const { instance, commitStep } = input.application;
    const { commit, created } = context.outputs[commitStep] as CommitStepOutput;
    const writer = argoWriterOf(tools, instance);
    return withApplication(tools, context, input.application, application =>
      act(
        SyncFollower.create({
          tools,
          context,
          input,
          commit,
          isOld: !created,
          application,
          writer,
        }),
      ),
    );
  }

  return {
    effect: 'adoptable',
    run: context => follow(context, follower => follower.bringAbout()),
    async adopt(context) {
      // Nothing is open; what Argo CD does by itself is followed by `run`.
      if (!openOrderOf(context)) return undefined;
      return follow(context, follower => follower.adopt());
    },
  };
}
