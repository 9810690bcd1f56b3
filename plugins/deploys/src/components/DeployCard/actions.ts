import {
  ActionState,
  EntityRunsState,
  PreviewRequest,
} from '@switchyard/backstage-plugin-runs-common';
import {
  BlockedButtonAction,
  LiveState,
} from '@switchyard/backstage-plugin-runs-react';
import { EnvironmentRows } from './groupByEnvironment';
import { isOfferedNow } from './offeredActions';

/** An action that was picked, with what is chosen already. */
export interface PickedAction
  extends Pick<ActionState, 'action' | 'title' | 'environment'> {
  input?: PreviewRequest['input'];
}

/** One action in one environment. Undefined where this portal has no such action there. */
export function findAction(
  runs: EntityRunsState | undefined,
  action: string,
  environment: string,
): ActionState | undefined {
  return runs?.actions.find(
    each => each.action === action && each.environment === environment,
  );
}

/** What may be done in an environment besides the hotfix, which has a button of its own; the lock last. What has nothing to do there now is left out. */
export function menuActions(
  runs: EntityRunsState | undefined,
  { environment, rows }: EnvironmentRows,
): ActionState[] {
  const actions = (runs?.actions ?? []).filter(
    each =>
      each.environment === environment &&
      each.visible &&
      each.action !== 'hotfix' &&
      isOfferedNow(each.action, rows),
  );
  return [
    ...actions.filter(({ action }) => action !== 'lock'),
    ...actions.filter(({ action }) => action === 'lock'),
  ];
}

/** What the button of an action says: its own state, or that nobody knows because it could not be asked. */
export function describeButton(
  runs: LiveState<EntityRunsState>,
  options: { action: string; title: string; environment: string },
): BlockedButtonAction | undefined {
  const { action, title, environment } = options;
  if (runs.value) {
    return (
      findAction(runs.value, action, environment) ?? {
        title,
        visible: false,
        allowed: false,
        blockers: [],
      }
    );
  }
  if (!runs.error) return undefined;
  return {
    title,
    allowed: false,
    blockers: [
      {
        type: 'source-not-readable',
        what: 'Not known',
        why: 'Whether this is possible could not be asked. It is asked again shortly.',
      },
    ],
  };
}
