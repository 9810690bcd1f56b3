import {
  StepFailedError,
  StepHandler,
} from '@switchyard/backstage-plugin-runs-node';
import { judgeMigration } from '../migration/judgeMigration';
import { RerunMigrationInput } from '../migration/types';
import { createRequestSyncStep, RequestSyncTools } from './requestSyncStep';

/**
 * Runs the migration of one Application again, by a sync that carries the run's id: all its hooks run, and what is applied after them is. Right before it is sent
 * the migration is judged once more: one that is running, or has succeeded meanwhile, is left alone.
 */
export function createRerunMigrationStep(tools: RequestSyncTools): StepHandler {
  return createRequestSyncStep(tools, {
    check(application, { step }) {
      const {
        application: id,
        cluster,
        again,
      } = step.input as RerunMigrationInput;
      const { state, text } = judgeMigration(
        { application, id, cluster },
        tools.fleet,
      );
      if (state === 'running')
        throw new StepFailedError(
          `The migration of ${id.name} was not run a second time: ${text}`,
        );
      if (state === 'ran' && !again)
        throw new StepFailedError(
          `The migration of ${id.name} was not run again, as it has succeeded meanwhile: ${text}`,
        );
    },
  });
}
