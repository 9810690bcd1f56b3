import {
  hasFailed,
  isAtWork,
  OperationState,
  SyncResourceResult,
} from '@switchyard/fleet-node';

/** Hooks that are at work, and would be stopped with their operation. */
export function hooksAtWork({ syncResult }: OperationState) {
  return (syncResult?.resources ?? []).filter(
    resource => resource.hookType && isAtWork(resource),
  );
}

/** Hooks that did not come to their end in an operation that was stopped. */
export function hooksLeft({ syncResult }: OperationState) {
  return (syncResult?.resources ?? []).filter(
    resource =>
      resource.hookType && (isAtWork(resource) || hasFailed(resource)),
  );
}

/** `PreSync hook Job orders-migrate`. */
export function describeHook({
  hookType,
  kind,
  name,
}: SyncResourceResult): string {
  return `${hookType} hook ${kind} ${name}`;
}
