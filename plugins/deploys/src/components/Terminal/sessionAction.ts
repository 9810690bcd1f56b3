import {
  DeploymentState,
  LogsGrant,
} from '@switchyard/backstage-plugin-deploys-common';
import { Blocker } from '@switchyard/backstage-plugin-runs-common';
import { BlockedButtonAction } from '@switchyard/backstage-plugin-runs-react';

/**
 * What a button says that looks into a pod: hidden from who may never do it, disabled where this person may not, or where the target has not agreed.
 * Undefined while it is not known.
 */
export function sessionAction(
  title: string,
  grant: LogsGrant | undefined,
  consent: DeploymentState['consent'],
): BlockedButtonAction | undefined {
  if (!grant) return undefined;
  const blockers: Blocker[] = [];
  if (!grant.allowed) {
    blockers.push({
      type: 'permission',
      what: 'Not permitted',
      why: grant.why,
      ask: grant.ask,
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
    title,
    visible: grant.visible,
    allowed: blockers.length === 0,
    blockers,
  };
}
