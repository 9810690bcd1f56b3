import {
  StepContext,
  StepHandler,
  StepResult,
} from '@switchyard/backstage-plugin-runs-node';
import { Operation, RevisionHistory } from '@switchyard/fleet-node';
import { revisionOf } from '../argocd/operationEvidence';
import { ArgoRollbackInput } from '../rollback/argoTypes';
import { StepTools } from '../steps/types';
import { withApplication } from '../steps/withApplication';
import { ArgoWriterTools, argoWriterOf } from './argoWriterOf';
import { FollowedEnd, OperationFollower } from './OperationFollower';
import { describeOperationFailure } from './operationFailure';
import { toOperationResult } from './operationResult';

/**
 * Makes Argo CD deploy again what an entry of the history had. Argo CD keeps nothing of who asked: the operation is known by its revision, and by running no
 * hooks.
 */
export function createArgoRollbackStep(
  tools: StepTools & ArgoWriterTools,
): StepHandler {
  async function follow<T extends FollowedEnd | undefined>(
    context: StepContext,
    act: (follower: OperationFollower) => Promise<T>,
  ): Promise<T> {
    const input = context.step.input as ArgoRollbackInput;
    const { application: id, cluster, historyId } = input;
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
            verb: 'roll back',
            ask: (_, { signal }) =>
              writer.rollback(id, { historyId }, { signal }),
            isOurs: operation => isRollbackTo(operation, input),
            isDeployedBy: entry => isDeploy(entry, input),
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
    const { application, cluster } = context.step.input as ArgoRollbackInput;
    return toOperationResult(
      { tools, context, application, cluster, what: 'rollback' },
      end,
    );
  }

  return {
    effect: 'adoptable',
    run: async context =>
      toResult(
        context,
        await follow(context, follower => follower.bringAbout()),
      ),
    async adopt(context) {
      if (context.step.reference === undefined) return undefined;
      const end = await follow(context, follower => follower.adopt());
      return end && toResult(context, end);
    },
  };
}

function isRollbackTo(
  { sync, initiatedBy }: Operation,
  { application, revision }: ArgoRollbackInput,
): boolean {
  return (
    sync?.syncStrategy?.apply !== undefined &&
    initiatedBy?.automated !== true &&
    revisionOf(sync, application) === revision
  );
}

function isDeploy(
  entry: RevisionHistory,
  { application, revision }: ArgoRollbackInput,
): boolean {
  return (
    entry.initiatedBy?.automated !== true &&
    revisionOf(entry, application) === revision
  );
}
