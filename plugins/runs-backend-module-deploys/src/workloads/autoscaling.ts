import { FleetReader, WorkloadRow } from '@switchyard/fleet-node';

const RESOURCE = {
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
};
/** Writes the scale of a workload where an autoscaler wants another. */
const CONTROLLER = 'kube-controller-manager';

/** Whether something else decides how many pods a workload has: `unknown` where the fleet does not hold autoscalers, and none has left its mark. */
export function findAutoscaler(
  row: WorkloadRow,
  fleet: FleetReader,
): { found: 'none' | 'unknown' } | { found: 'one'; name?: string } {
  const { cluster, namespace, kind, name, uid } = row;
  const autoscaler = fleet
    .resources({ cluster, namespace, resource: RESOURCE })
    .find(each => {
      const object: any = fleet.object({ cluster, uid: each.uid });
      const ref = object?.spec?.scaleTargetRef;
      return ref?.kind === kind && ref?.name === name;
    });
  if (autoscaler) return { found: 'one', name: autoscaler.name };
  const isMarked = fleet
    .origin({ cluster, uid })
    ?.managers.some(
      ({ manager, subresource }) =>
        manager === CONTROLLER && subresource === 'scale',
    );
  if (fleet.held(cluster, RESOURCE) === 'live') return { found: 'none' };
  return isMarked ? { found: 'one' } : { found: 'unknown' };
}
