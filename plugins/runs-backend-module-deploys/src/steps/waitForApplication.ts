import {
  StepContext,
  StepFailedError,
} from '@switchyard/backstage-plugin-runs-node';
import { ApplicationRef } from '@switchyard/fleet-node';
import { StepTools } from './types';
import { waitForChange } from './waitForChange';

/**
 * Resolves when Argo CD tells something new of an open Application, or it is time to look again.
 *
 * @throws StepFailedError when Argo CD no longer has it, and the signal's reason
 */
export async function waitForApplication(
  { fleet, patience }: Pick<StepTools, 'fleet' | 'patience'>,
  { instance, namespace, name }: ApplicationRef,
  { signal }: Pick<StepContext, 'signal'>,
): Promise<void> {
  const isLive = fleet
    .argoInstances()
    .some(each => each.name === instance && each.state === 'live');
  if (isLive && !fleet.application({ instance, namespace, name })) {
    throw new StepFailedError(
      `Argo CD ${instance} no longer has the Application ${name}`,
    );
  }
  await waitForChange(fleet, {
    matters: change =>
      change.type === 'full-application' &&
      change.ref.instance === instance &&
      change.ref.namespace === namespace &&
      change.ref.name === name,
    atMostMs: patience.lookEveryMs,
    signal,
  });
}
