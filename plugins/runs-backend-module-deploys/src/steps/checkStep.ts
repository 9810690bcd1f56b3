import {
  StepContext,
  StepFailedError,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { CheckStepInput } from '../hotfix/types';
import { GitError } from '../git';
import { StepTools } from './types';

/** What trying again by itself does not change. */
const LASTING = new Set([
  'unauthorized',
  'forbidden',
  'not-found',
  'not-configured',
  'invalid',
]);

/**
 * Finds out before the first push that all repositories may be pushed to, so that a missing right does not leave half of the clusters on the old version.
 */
export function createCheckStep({ git }: Pick<StepTools, 'git'>): StepHandler {
  return {
    effect: 'none',
    async run(context: StepContext) {
      const { repositories } = context.step.input as CheckStepInput;
      context.progress(
        `Asking ${
          repositories.length === 1
            ? 'the repository'
            : `${repositories.length} repositories`
        } for the right to push`,
      );
      const outcomes = await Promise.allSettled(
        repositories.map(async ({ repoUrl, branch }) => {
          const repository = git.repository(repoUrl);
          await repository.checkWriteAccess(branch, { signal: context.signal });
          context.log(`${repository.name} may be pushed to`);
        }),
      );
      const errors = outcomes.flatMap(outcome =>
        outcome.status === 'rejected' ? [outcome.reason as Error] : [],
      );
      if (errors.length === 0) return { output: {} };
      context.signal.throwIfAborted();
      const lasting = errors.filter(
        error => error instanceof GitError && LASTING.has(error.code),
      );
      if (lasting.length === 0) throw errors[0];
      throw new StepFailedError(lasting[0].message, {
        details: errors.map(({ message }) => message),
      });
    },
  };
}
