import { Operation, OperationState } from '@switchyard/fleet-node';

/** Name under which a sync of ours carries its run's id. */
export const RUN_INFO = 'switchyard-run';
/** Name under which it carries the attempt that asked for it: a run may ask more than once. */
export const ATTEMPT_INFO = 'switchyard-attempt';

/** Whether an operation was asked for by the run. */
export function carriesRun(operation: Operation, runId: string): boolean {
  return infoOf(operation, RUN_INFO) === runId;
}

/** Whether an operation was asked for by this attempt of the run's step. */
export function carriesAttempt(
  operation: Operation,
  runId: string,
  attempt: number,
): boolean {
  return (
    carriesRun(operation, runId) &&
    infoOf(operation, ATTEMPT_INFO) === String(attempt)
  );
}

/**
 * Tells an operation from all others of its Application, for `===`; null where there is none. Argo CD gives operations no id but writes down when they began,
 * in whole seconds by its own clock. Ours say besides which attempt they are.
 */
export function operationIdOf(
  state: OperationState | undefined,
): string | null {
  if (!state) return null;
  const attempt = infoOf(state.operation, ATTEMPT_INFO);
  return attempt === undefined
    ? state.startedAt
    : `${state.startedAt} ${infoOf(state.operation, RUN_INFO)} ${attempt}`;
}

/** What an operation carries under a name. */
export function infoOf(
  { info }: Operation,
  wanted: string,
): string | undefined {
  return info?.find(({ name }) => name === wanted)?.value;
}
