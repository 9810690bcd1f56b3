import {
  Lock,
  LockKind,
  LockSchedule,
} from '@switchyard/backstage-plugin-runs-common';
import { shortName } from '../BlockerList';

/** What a lock does, as a word before its place. */
const SAID: Record<LockKind, string> = {
  lock: 'Locked',
  freeze: 'Frozen',
  warning: 'Warning',
};
const PLANNED: Record<LockKind, string> = {
  lock: 'Lock planned',
  freeze: 'Freeze planned',
  warning: 'Warning planned',
};

/**
 * What a lock binds, in words: 'everything', 'all of Production', 'orders in Production'.
 *
 * @public
 */
export function describeLockPlace(
  lock: Pick<Lock, 'scope' | 'entityRef' | 'cluster' | 'environment'>,
  titleOf: (environment: string) => string,
): string {
  const { scope, environment } = lock;
  const within = environment ? ` in ${titleOf(environment)}` : '';
  switch (scope) {
    case 'platform':
      return `everything${within}`;
    case 'environment':
      return `all of ${titleOf(environment!)}`;
    case 'cluster':
      return `all on cluster ${lock.cluster}${within}`;
    case 'system':
      return `all of ${shortName(lock.entityRef!)}${within}`;
    default:
      return `${shortName(lock.entityRef!)}${within || ' in all environments'}`;
  }
}

/**
 * A lock in one line, as a card of one of the components that it binds says it.
 *
 * @public
 */
export function describeLock(
  lock: Lock,
  titleOf: (environment: string) => string,
): string {
  const said = (lock.binds || lock.overdue ? SAID : PLANNED)[lock.kind];
  if (lock.scope !== 'component')
    return `${said}: ${describeLockPlace(lock, titleOf)}`;
  return lock.environment
    ? `${said} in ${titleOf(lock.environment)}`
    : `${said} in all environments`;
}

/**
 * Whether it forbids deploys at the moment: a warning never does, and what is planned does not yet.
 *
 * @public
 */
export function forbidsNow(lock: Lock): boolean {
  return lock.binds && lock.kind !== 'warning';
}

/**
 * When a freeze repeats, in one line.
 *
 * @public
 */
export function describeSchedule(schedule: LockSchedule): string {
  const { mode, rule, start, durationMinutes, timeZone } = schedule;
  const hours = Math.round((durationMinutes / 60) * 100) / 100;
  return `${mode === 'deny' ? 'closed' : 'open'} ${hours} h from ${start.slice(
    11,
    16,
  )}, ${rule} (${timeZone})`;
}
