import {
  OutcomeUnknownError,
  StepContext,
  StepFailedError,
} from '@switchyard/backstage-plugin-runs-node';
import { OperationState } from '@switchyard/fleet-node';
import { describeFailure } from '../argocd/describeOperation';
import { readMigration } from '../argocd/migrationVerdict';
import { SourcePlace } from '../argocd/operationEvidence';
import { readJobLog } from '../steps/podLog';
import { StepTools } from '../steps/types';

/** Why an operation failed: its migration, with its last lines, or what Argo CD says. */
export async function describeOperationFailure(
  options: {
    tools: Pick<StepTools, 'fleet'>;
    context: StepContext;
    application: SourcePlace & { name: string };
    /** Of the fleet; null where the destination is none. */
    cluster: string | null;
  },
  operation: OperationState,
): Promise<Error> {
  const { tools, context, application, cluster } = options;
  const { cause, details } = describeFailure(operation);
  const migration = readMigration(operation, application, undefined);
  if (migration.state === 'stopped')
    return new OutcomeUnknownError(migration.text);
  if (migration.state !== 'failed' || !migration.hook)
    return new StepFailedError(
      `The sync of ${application.name} failed: ${cause}`,
      { details },
    );
  const log = await readJobLog(
    tools.fleet,
    { cluster, ...migration.hook },
    context.signal,
  );
  return new StepFailedError(
    `The migration failed, so nothing was rolled out: ${migration.text}`,
    { details: [...details, ...log] },
  );
}
