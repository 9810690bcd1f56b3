import { EventRow } from '../../rows';
import { KubernetesObject } from '../kubernetesObject';
import { objectRow } from './common';
import { shorten } from './containers';

const KINDS_OF_INTEREST = new Set([
  'Pod',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
]);

/**
 * Normal events that tell how a rollout or a job goes on. Those that every pod causes several times (Scheduled, Pulled, Created,
 * Started) say nothing that its status does not.
 */
const NORMAL_REASONS_OF_INTEREST = new Set([
  'ScalingReplicaSet',
  'SuccessfulCreate',
  'SuccessfulDelete',
  'DeploymentRollback',
  'Completed',
  'SawCompletedJob',
  'Pulling',
  'Killing',
  'Preempted',
  'TriggeredScaleUp',
  'NotTriggerScaleUp',
]);

/** Whether the fleet keeps the event. @internal */
export function isEventOfInterest(event: KubernetesObject): boolean {
  const about = event.involvedObject;
  return (
    KINDS_OF_INTEREST.has(about?.kind) &&
    Boolean(about?.uid) &&
    (event.type === 'Warning' || NORMAL_REASONS_OF_INTEREST.has(event.reason))
  );
}

/** @internal */
export function eventRow(
  event: KubernetesObject,
  options: { cluster: string },
): EventRow {
  const about = event.involvedObject ?? {};
  // `spec.containers{orders}`, `spec.initContainers{migrate}`
  const container = /\{(.+)\}$/.exec(about.fieldPath ?? '')?.[1];
  return {
    ...objectRow(event, options),
    type: event.type ?? 'Normal',
    reason: event.reason ?? '',
    message: shorten(event.message) ?? '',
    count: event.series?.count ?? event.count ?? 1,
    lastAt:
      event.series?.lastObservedTime ??
      event.lastTimestamp ??
      event.eventTime ??
      event.firstTimestamp ??
      event.metadata.creationTimestamp ??
      '',
    about: {
      kind: about.kind ?? '',
      namespace: about.namespace ?? '',
      name: about.name ?? '',
      ...(about.uid && { uid: about.uid }),
      ...(container && { container }),
    },
  };
}
