import { OperationState, SyncResourceResult } from './types';

/** A resource that a sync could not apply, or a hook that failed. @public */
export function hasFailed({
  status,
  hookPhase,
}: Pick<SyncResourceResult, 'status' | 'hookPhase'>): boolean {
  return (
    status === 'SyncFailed' || hookPhase === 'Failed' || hookPhase === 'Error'
  );
}

/** A hook that is at work. @public */
export function isAtWork({
  hookPhase,
}: Pick<SyncResourceResult, 'hookPhase'>): boolean {
  return hookPhase === 'Running' || hookPhase === 'Terminating';
}

/** Somebody stopped the operation, or is about to. @public */
export function isStopped({
  phase,
  message,
}: Pick<OperationState, 'phase' | 'message'>): boolean {
  return phase === 'Terminating' || message === 'Operation terminated';
}

/** The hooks of an operation that migrate something: Jobs that run before or among what is applied. @public */
export function migrationHooksOf({
  syncResult,
}: Pick<OperationState, 'syncResult'>): SyncResourceResult[] {
  return (syncResult?.resources ?? []).filter(
    ({ kind, hookType }) =>
      kind === 'Job' && (hookType === 'PreSync' || hookType === 'Sync'),
  );
}

/**
 * What became of hooks. `stopped`: a person stopped the operation while one ran; `unfinished`: some have not begun.
 *
 * @public
 */
export type HooksOutcome<THook> =
  | { outcome: 'none' }
  | {
      outcome: 'stopped' | 'failed' | 'running' | 'ran' | 'unfinished';
      /** The one that tells it. */
      hook: THook;
    };

/**
 * Judges the hooks of one operation together.
 *
 * @public
 */
export function judgeHooks<THook extends Pick<SyncResourceResult, 'hookPhase'>>(
  hooks: readonly THook[],
  operation: { isStopped: boolean },
): HooksOutcome<THook> {
  if (hooks.length === 0) return { outcome: 'none' };
  const failed = hooks.find(hasFailed);
  const running = hooks.find(isAtWork);
  const hook = failed ?? running ?? hooks[0];
  if (operation.isStopped && (failed || running)) {
    return { outcome: 'stopped', hook };
  }
  if (failed) return { outcome: 'failed', hook };
  if (running) return { outcome: 'running', hook };
  const isDone = hooks.every(({ hookPhase }) => hookPhase === 'Succeeded');
  return { outcome: isDone ? 'ran' : 'unfinished', hook };
}
