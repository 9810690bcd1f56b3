import {
  StepContext,
  StepResult,
} from '@switchyard/backstage-plugin-runs-node';
import { readMigration } from '../argocd/migrationVerdict';
import { revisionOf } from '../argocd/operationEvidence';
import { ApplicationId } from '../operations/applicationTargets';
import { StepTools } from '../steps/types';
import { OperationOutput } from '../sync/types';
import { FollowedEnd } from './OperationFollower';

/** Notes what an operation has changed, and makes the output of its step. */
export function toOperationResult(
  options: {
    tools: Pick<StepTools, 'fleet'>;
    context: StepContext;
    application: ApplicationId;
    cluster: string | null;
    /** 'sync', 'rollback'. */
    what: string;
  },
  end: FollowedEnd,
): StepResult {
  const { tools, context, application, cluster, what } = options;
  const { instance, namespace, name } = application;
  const output = describeEnd(application, end);
  context.log(`${what} of ${name}: ${output.evidence}`);
  context.log(`Migration: ${output.migration.text}`);
  context.recordChange({
    system: 'argocd',
    what: `${what} of Application ${name}`,
    ref: `${instance}/${namespace}/${name}`,
    url: tools.fleet.application(application)?.url,
    cluster: cluster ?? undefined,
    after: output.revision ?? undefined,
  });
  return { output };
}

function describeEnd(
  application: ApplicationId,
  end: FollowedEnd,
): OperationOutput {
  if (end.by === 'history') {
    const { entry } = end;
    return {
      revision: revisionOf(entry, application) ?? null,
      evidence: 'the history of the Application names the revision',
      initiatedBy: entry.initiatedBy?.username ?? null,
      finishedAt: entry.deployedAt,
      migration: toPlain(readMigration(undefined, application, undefined)),
    };
  }
  const { state } = end;
  const revision =
    revisionOf(state.syncResult ?? {}, application) ??
    revisionOf(state.operation.sync ?? {}, application);
  return {
    revision: revision ?? null,
    evidence: 'the operation that was asked for has succeeded',
    initiatedBy: state.operation.initiatedBy?.username ?? null,
    finishedAt: state.finishedAt ?? null,
    migration: toPlain(readMigration(state, application, undefined)),
  };
}

function toPlain({ state, text }: { state: string; text: string }) {
  return { state, text };
}
