import { PodRow } from '../../rows';
import { internString } from '../../store/intern';
import { KubernetesObject } from '../kubernetesObject';
import { objectRow } from './common';
import { containerRows } from './containers';
import { whyNotReady } from './whyNotReady';

/**
 * @param options.zone - of the node; known by those who read nodes
 * @internal
 */
export function podRow(
  pod: KubernetesObject,
  options: { cluster: string; zone?: string },
): PodRow {
  const { spec, status } = pod;
  const containers = containerRows(pod);
  const readyCondition = status?.conditions?.find(
    (condition: any) => condition.type === 'Ready',
  );
  const ready = readyCondition?.status === 'True';
  const row: PodRow = {
    ...objectRow(pod, options),
    phase: internString(status?.phase ?? 'Unknown'),
    ready,
    containers,
  };
  if (spec?.nodeName) row.node = internString(spec.nodeName);
  if (options.zone) row.zone = options.zone;
  if (status?.podIP) row.podIp = status.podIP;
  const { deletionTimestamp, finalizers } = pod.metadata;
  if (deletionTimestamp && finalizers?.length) row.finalizers = finalizers;
  if (ready) {
    if (readyCondition.lastTransitionTime) {
      row.readyAt = internString(readyCondition.lastTransitionTime);
    }
    return row;
  }
  const why = whyNotReady(pod, containers);
  row.reason = internString(why.reason);
  if (why.message) row.message = why.message;
  return row;
}
