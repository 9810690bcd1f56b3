import { BlockedButtonAction } from '@switchyard/backstage-plugin-runs-react';
import { sessionAction } from '../Terminal/sessionAction';
import { ArrangedPod } from './arrangePods';

/** What the button 'Logs' says of a pod. Undefined while it is not known. */
export function logsAction(
  pod: Pick<ArrangedPod, 'logs' | 'consent'>,
): BlockedButtonAction | undefined {
  return sessionAction('Reading logs', pod.logs, pod.consent);
}
