import { OperationState, SyncResourceResult } from '@switchyard/fleet-node';
import { isWhole, revisionOf, SourcePlace } from './operationEvidence';

/** What became of the migration that a sync runs before everything else. */
export interface MigrationVerdict {
  state:
    | 'ran'
    | 'running'
    | 'failed'
    | 'not-started'
    | 'skipped'
    | 'stopped'
    | 'none'
    | 'unknown';
  /** Ready to show. */
  text: string;
  /** The hook it is about. */
  hook?: { kind: string; namespace: string; name: string };
}

const BEFORE = new Set(['PreSync', 'Sync']);

/**
 * Reads the verdict from the operation that deployed the commit.
 *
 * @param state - undefined when another operation has replaced it since: then nothing is known
 */
export function readMigration(
  state: OperationState | undefined,
  place: SourcePlace,
  revision: string | undefined,
): MigrationVerdict {
  if (!state)
    return {
      state: 'unknown',
      text: 'Another operation has replaced the one that ran the migration',
    };
  const synced = revisionOf(state.syncResult ?? {}, place);
  if (revision !== undefined && synced !== undefined && synced !== revision) {
    return {
      state: 'unknown',
      text: 'The last operation belongs to another deploy',
    };
  }
  const hooks = (state.syncResult?.resources ?? []).filter(
    ({ kind, hookType }) =>
      kind === 'Job' && hookType !== undefined && BEFORE.has(hookType),
  );
  const isTerminated =
    state.phase === 'Terminating' || state.message === 'Operation terminated';
  const failed = hooks.find(
    ({ hookPhase }) => hookPhase === 'Failed' || hookPhase === 'Error',
  );
  if (isTerminated && (failed || hooks.some(isRunning))) {
    return {
      state: 'stopped',
      text: 'The operation was stopped by a person while the migration ran: the state of the database is not known',
      ...named(failed ?? hooks[0]),
    };
  }
  if (failed)
    return {
      state: 'failed',
      text: `${failed.hookType} hook Job ${failed.name} failed${
        failed.message ? `: ${failed.message}` : ''
      }`,
      ...named(failed),
    };
  const running = hooks.find(isRunning);
  if (running)
    return {
      state: 'running',
      text: `${running.hookType} hook Job ${running.name} is running`,
      ...named(running),
    };
  if (
    hooks.length > 0 &&
    hooks.every(({ hookPhase }) => hookPhase === 'Succeeded')
  ) {
    return {
      state: 'ran',
      text: `${hooks
        .map(({ hookType, name }) => `${hookType} hook Job ${name}`)
        .join(', ')} ran`,
      ...named(hooks[0]),
    };
  }
  return withoutHook(state);
}

function withoutHook(state: OperationState): MigrationVerdict {
  if (!isWhole(state.operation))
    return {
      state: 'skipped',
      text: 'Only some resources were synced, which runs no hooks',
    };
  switch (state.phase) {
    case 'Succeeded':
      return { state: 'none', text: 'No migration in this revision' };
    case 'Failed':
    case 'Error':
      return {
        state: 'not-started',
        text: 'The operation failed before any migration was started',
      };
    default:
      return {
        state: 'not-started',
        text: 'No migration has been started yet',
      };
  }
}

function isRunning({ hookPhase }: SyncResourceResult): boolean {
  return hookPhase === 'Running' || hookPhase === 'Terminating';
}

function named({
  kind,
  namespace,
  name,
}: SyncResourceResult): Pick<MigrationVerdict, 'hook'> {
  return { hook: { kind, namespace, name } };
}
