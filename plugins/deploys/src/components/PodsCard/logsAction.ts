import { Blocker } from '@switchyard/backstage-plugin-runs-common';
import { BlockedButtonAction } from '@switchyard/backstage-plugin-runs-react';
import { ArrangedPod } from './arrangePods';

/**
 * What the button 'Logs' says of a pod: hidden from who may never read logs, disabled where this person may not, or where the target has not
 * agreed. Undefined while it is not known.
 */
export function logsAction(
  pod: Pick<ArrangedPod, 'logs' | 'consent'>,
): BlockedButtonAction | undefined {
  const { logs, consent } = pod;
  if (!logs) return undefined;
  const blockers: Blocker[] = [];
  if (!logs.allowed) {
    blockers.push({
      type: 'permission',
      what: 'Not permitted',
      why: logs.why,
      liftedBy: logs.liftedBy,
    });
  }
  if (!consent.given) {
    blockers.push({
      type: 'consent',
      what: 'The target has not agreed',
      why: consent.why,
    });
  }
  return {
    title: 'Reading logs',
    visible: logs.visible,
    allowed: blockers.length === 0,
    blockers,
  };
}
