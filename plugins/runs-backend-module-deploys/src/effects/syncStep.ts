import {
  StepContext,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { ArgoCdReader, ArgoCdWriter } from '@switchyard/fleet-node';
import { createArgoCdWriter } from '@switchyard/fleet-node/effects';
import { CommitStepOutput, SyncStepInput } from '../hotfix/types';
import { StepTools } from '../steps/types';
import { SyncFollower } from './SyncFollower';
import { openOrderOf } from './syncOrder';

/**
 * Brings the commit to the cluster. Where auto-sync is on the push has done that, and the step follows the operation that Argo CD starts by itself; where it is
 * off the step asks for a sync that carries the run's id.
 */
export function createSyncStep(
  tools: StepTools & { argoWriter?(reader: ArgoCdReader): ArgoCdWriter },
): StepHandler {
  const {
    fleet,
    argoWriter = (reader: ArgoCdReader) => createArgoCdWriter({ reader }),
  } = tools;

  async function follow<T>(
    context: StepContext,
    act: (follower: SyncFollower) => Promise<T>,
  ): Promise<T> {
    const input = context.step.input as SyncStepInput;
    const { instance, namespace, name, commitStep } = input.application;
    const { commit, created } = context.outputs[commitStep] as CommitStepOutput;
    const writer = argoWriter(fleet.argo(instance));
    context.progress(`Asking Argo CD ${instance} for ${name}`);
    // The full stream, before anything is sent.
    const application = await fleet.openApplication(
      { instance, namespace, name },
      { signal: context.signal },
    );
    try {
      return await act(
        SyncFollower.create({
          tools,
          context,
          input,
          commit,
          isOld: !created,
          application,
          writer,
        }),
      );
    } finally {
      application.close();
    }
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
