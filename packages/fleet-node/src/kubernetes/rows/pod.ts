import { PodRow } from '../../rows';
import { KubernetesObject } from '../kubernetesObject';
import { objectRow } from './common';
import { containerRows } from './containers';
import { whyNotReady } from './whyNotReady';

/** Without the zone, which is its node's. @internal */
export function podRow(
  pod: KubernetesObject,
  options: { cluster: string },
): PodRow {
  const { spec, status } = pod;
  const containers = containerRows(pod);
  const readyCondition = status?.conditions?.find(
    (condition: any) => condition.type === 'Ready',
  );
  const ready = readyCondition?.status === 'True';
  const row: PodRow = {
    ...objectRow(pod, options),
    phase: status?.phase ?? 'Unknown',
    ready,
    containers,
  };
  if (spec?.nodeName) row.node = spec.nodeName;
  if (status?.podIP) row.podIp = status.podIP;
  const { deletionTimestamp, finalizers } = pod.metadata;
  if (deletionTimestamp && finalizers?.length) row.finalizers = finalizers;
  if (ready) {
    if (readyCondition.lastTransitionTime) {
      row.readyAt = readyCondition.lastTransitionTime;
    }
    return row;
  }
  const why = whyNotReady(pod, containers);
  row.reason = why.reason;
  if (why.message) row.message = why.message;
  return row;
}
