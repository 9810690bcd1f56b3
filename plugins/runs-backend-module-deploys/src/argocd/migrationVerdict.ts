import {
  isStopped,
  judgeHooks,
  migrationHooksOf,
  OperationState,
  SyncResourceResult,
} from '@switchyard/fleet-node';
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
  const hooks = migrationHooksOf(state);
  const judged = judgeHooks(hooks, { isStopped: isStopped(state) });
  switch (judged.outcome) {
    case 'stopped':
      return {
        state: 'stopped',
        text: 'The operation was stopped by a person while the migration ran: the state of the database is not known',
        ...named(judged.hook),
      };
    case 'failed': {
      const { hookType, name, message } = judged.hook;
      return {
        state: 'failed',
        text: `${hookType} hook Job ${name} failed${
          message ? `: ${message}` : ''
        }`,
        ...named(judged.hook),
      };
    }
    case 'running':
      return {
        state: 'running',
        text: `${judged.hook.hookType} hook Job ${judged.hook.name} is running`,
        ...named(judged.hook),
      };
    case 'ran':
      return {
        state: 'ran',
        text: `${hooks
          .map(({ hookType, name }) => `${hookType} hook Job ${name}`)
          .join(', ')} ran`,
        ...named(judged.hook),
      };
    default:
      return withoutHook(state);
  }
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

function named({
  kind,
  namespace,
  name,
}: SyncResourceResult): Pick<MigrationVerdict, 'hook'> {
  return { hook: { kind, namespace, name } };
}
