import { DeploymentState } from '@switchyard/backstage-plugin-deploys-common';
import { BlockedButtonAction } from '@switchyard/backstage-plugin-runs-react';

/** Whether the person may read logs at all. `undefined` while it is not known. */
export type LogsPermission = boolean | undefined;

/** What the button 'Logs' says of a pod: hidden from who may never read logs, disabled where the target has not agreed. */
export function logsAction(
  permitted: LogsPermission,
  consent: DeploymentState['consent'],
): BlockedButtonAction | undefined {
  if (permitted === undefined) return undefined;
  return {
    title: 'Reading logs',
    visible: permitted,
    allowed: permitted && consent.given,
    blockers: consent.given
      ? []
      : [
          {
            type: 'consent',
            what: 'The target has not agreed',
            why: consent.why,
          },
        ],
  };
}
