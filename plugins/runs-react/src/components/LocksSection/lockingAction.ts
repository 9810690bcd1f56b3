import {
  Blocker,
  EntityRunsState,
} from '@switchyard/backstage-plugin-runs-common';

/** What the button 'Lock…' offers: the environments this person may lock, or why there are none. */
export interface LockingAction {
  state: {
    title: string;
    visible: boolean;
    allowed: boolean;
    blockers: Blocker[];
  };
  environments: string[];
  allowAllEnvironments: boolean;
}

/** Joins the state's lock actions, one per environment, into one button. Undefined where the person could never set a lock. */
export function lockingAction(
  state: EntityRunsState,
): LockingAction | undefined {
  const actions = state.actions.filter(
    action => action.action === 'lock' && action.visible,
  );
  if (actions.length === 0) return undefined;
  const allowed = actions.filter(action => action.allowed);
  const hidden = state.actions.some(
    action => action.action === 'lock' && !action.visible,
  );
  return {
    state: {
      title: 'Lock',
      visible: true,
      allowed: allowed.length > 0,
      blockers: allowed.length > 0 ? [] : actions[0].blockers,
    },
    environments: allowed.map(action => action.environment),
    allowAllEnvironments: !hidden && allowed.length === actions.length,
  };
}
