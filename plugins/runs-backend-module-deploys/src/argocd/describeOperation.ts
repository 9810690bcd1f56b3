import {
  Application,
  ApplicationSyncWindows,
  hasFailed,
  OperationState,
} from '@switchyard/fleet-node';

/** What an operation is doing, for a line of progress. */
export function describeOperation(state: OperationState | undefined): string {
  if (!state) return 'waiting for Argo CD to start the operation';
  const message = state.message?.trim();
  if (state.phase === 'Terminating') return 'Argo CD is stopping the operation';
  if (state.finishedAt) return message ?? 'Argo CD will try again';
  return message ? `Argo CD: ${message}` : 'Argo CD is syncing';
}

/** Why an operation failed, with what failed in it. */
export function describeFailure(state: OperationState): {
  cause: string;
  details: string[];
} {
  const failed = (state.syncResult?.resources ?? []).filter(hasFailed);
  const details = failed.map(
    ({ kind, namespace, name, message }) =>
      `${kind} ${namespace ? `${namespace}/` : ''}${name}: ${
        message ?? 'failed'
      }`,
  );
  return {
    cause: `${state.message ?? `The operation ended as ${state.phase}`}${
      details[0] ? ` (${details[0]})` : ''
    }`,
    details,
  };
}

const FLAWS = new Set([
  'ComparisonError',
  'SyncError',
  'InvalidSpecError',
  'UnknownError',
  'DeletionError',
]);

/** Conditions that keep Argo CD from syncing. */
export function findConditions(application: Application): string[] {
  return (application.status?.conditions ?? [])
    .filter(({ type }) => FLAWS.has(type))
    .map(({ type, message }) => `${type}: ${message}`);
}

/** Whether Argo CD lets the Application be synced now, and why not. */
export interface WindowVerdict {
  open: boolean;
  why: string;
}

/**
 * Judges Argo CD's windows. For a sync by hand Argo CD says it itself. For an automated one: no active deny, and if there are allow windows, one of them active.
 */
export function judgeWindows(
  windows: ApplicationSyncWindows,
  by: 'hand' | 'automation',
): WindowVerdict {
  const deny = windows.activeWindows.find(({ kind }) => kind === 'deny');
  const allows = windows.assignedWindows.filter(({ kind }) => kind === 'allow');
  const isAllowed = windows.activeWindows.some(({ kind }) => kind === 'allow');
  const open =
    by === 'hand'
      ? windows.canSync
      : !deny && (allows.length === 0 || isAllowed);
  if (open)
    return {
      open,
      why:
        windows.assignedWindows.length === 0
          ? 'No sync window applies'
          : 'The sync windows let it be synced',
    };
  if (deny)
    return {
      open,
      why: `A deny window is active (${deny.schedule}, for ${deny.duration})`,
    };
  const schedules = allows
    .map(({ schedule, duration }) => `${schedule} for ${duration}`)
    .join('; ');
  return {
    open,
    why: schedules
      ? `No allow window is active (they are ${schedules})`
      : 'A sync window is closed',
  };
}
