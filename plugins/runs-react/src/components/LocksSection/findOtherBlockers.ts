import {
  Blocker,
  EntityRunsState,
} from '@switchyard/backstage-plugin-runs-common';

import { forbidsNow } from './lockWords';

/** Whether some action of this viewer is allowed, and none is blocked. */
export function isFree(state: EntityRunsState): boolean {
  const actions = state.actions.filter(
    ({ action, visible }) => action !== 'lock' && visible,
  );
  return actions.length > 0 && actions.every(({ allowed }) => allowed);
}

/** Whether a lock binds, be it one that this person may not see. */
export function isLocked(state: EntityRunsState): boolean {
  return (
    state.locks.some(forbidsNow) ||
    state.actions.some(({ blockers }) => blockers.some(isOfLock))
  );
}

/** Actions of this viewer that the same facts forbid now. */
export interface BlockedActions {
  actions: Array<{ title: string; environment: string }>;
  blockers: Blocker[];
}

/**
 * What forbids actions on an entity besides the locks that are shown: a permission, a consent, a sync window. Actions that this person could
 * never use, and setting a lock itself, are left out.
 */
export function otherBlockers(state: EntityRunsState): BlockedActions[] {
  const shown = new Set(state.locks.map(lock => lock.id));
  const groups = new Map<string, BlockedActions>();
  for (const action of state.actions) {
    if (action.action === 'lock' || !action.visible || action.allowed) continue;
    const blockers = action.blockers.filter(
      blocker => !isOfLock(blocker) || !blocker.ref || !shown.has(blocker.ref),
    );
    if (blockers.length === 0) continue;
    const key = JSON.stringify(blockers);
    const group = groups.get(key) ?? { actions: [], blockers };
    group.actions.push(action);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function isOfLock({ type }: Blocker): boolean {
  return type === 'lock' || type === 'freeze';
}
