import {
  StepContext,
  StepHandler,
  StepResult,
} from '@switchyard/backstage-plugin-runs-node';
import { Application } from '@switchyard/fleet-node';
import { carriesRun } from '../argocd/operationIdentity';
import { StepTools } from '../steps/types';
import { withApplication } from '../steps/withApplication';
import { RequestSyncInput } from '../sync/types';
import { ArgoWriterTools, argoWriterOf } from './argoWriterOf';
import { FollowedEnd, OperationFollower } from './OperationFollower';
import { describeOperationFailure } from './operationFailure';
import { toOperationResult } from './operationResult';

/** What the step works with. */
export type RequestSyncTools = StepTools & ArgoWriterTools;

/**
 * Syncs one Application, or some of its resources, to what its sources say, by an operation that carries the run's id.
 *
 * @param options - `check` looks at the Application right before the sync is asked for, and throws where it must not be
 */
export function createRequestSyncStep(
  tools: RequestSyncTools,
  options: {
    check?(application: Application, context: StepContext): void;
  } = {},
): StepHandler {
  const { fleet } = tools;

  async function follow<T extends FollowedEnd | undefined>(
    context: StepContext,
    act: (follower: OperationFollower) => Promise<T>,
  ): Promise<T> {
    const input = context.step.input as RequestSyncInput;
    const { application: id, cluster, prune, force } = input;
    const resources = input.resources ?? undefined;
    const writer = argoWriterOf(tools, id.instance);
    return withApplication(tools, context, id, application =>
      act(
        OperationFollower.create({
          tools,
          context,
          application,
          id,
          writer,
          request: {
            verb: 'sync',
            ask: (infos, { signal }) =>
              writer.sync(id, { infos, prune, force, resources }, { signal }),
            check: current => options.check?.(current, context),
            isOurs: operation => carriesRun(operation, context.run.id),
            // The history says neither what was pruned nor what was forced, and knows nothing of single resources.
            isDeployedBy: ({ initiatedBy }) =>
              !resources &&
              !prune &&
              !force &&
              initiatedBy?.username !== undefined,
          },
          failure: state =>
            describeOperationFailure(
              { tools, context, application: id, cluster },
              state,
            ),
        }),
      ),
    );
  }

  function toResult(context: StepContext, end: FollowedEnd): StepResult {
    const { application, cluster } = context.step.input as RequestSyncInput;
    return toOperationResult(
      { tools, context, application, cluster, what: 'sync' },
      end,
    );
  }

  return {
    effect: 'adoptable',
    async run(context) {
      const { application: id, refresh } = context.step
        .input as RequestSyncInput;
      if (refresh !== null && context.step.reference === undefined) {
        context.progress(`Argo CD looks at Git for ${id.name}`);
        await fleet
          .argo(id.instance)
          .getApplication(id, { refresh, signal: context.signal });
        context.log(
          refresh === 'hard'
            ? 'Argo CD has rendered the manifests anew'
            : 'Argo CD has looked at Git',
        );
      }
      return toResult(
        context,
        await follow(context, follower => follower.bringAbout()),
      );
    },
    async adopt(context) {
      if (context.step.reference === undefined) return undefined;
      const end = await follow(context, follower => follower.adopt());
      return end && toResult(context, end);
    },
  };
}
