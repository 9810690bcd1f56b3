import { NotAllowedError, NotFoundError } from '@backstage/errors';
import {
  PodEvent,
  PodEvents,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  EventRow,
  FleetReader,
  TargetDeployment,
} from '@switchyard/fleet-node';

const MAX_EVENTS = 100;

/**
 * What was said about a pod, about its ReplicaSet or Job, and about its workload.
 *
 * @throws NotFoundError when the pod is none of the entity's; NotAllowedError without consent: a probe's answer is the program's own words
 */
export function eventsOf(
  deployments: readonly TargetDeployment[],
  request: { cluster: string; namespace: string; pod: string },
  fleet: FleetReader,
): PodEvents {
  const { cluster, namespace, pod: name } = request;
  const found = deployments
    .flatMap(({ workloads }) =>
      workloads.flatMap(workload =>
        workload.pods.map(pod => ({ workload, pod })),
      ),
    )
    .find(
      ({ pod: { row } }) =>
        row.cluster === cluster &&
        row.namespace === namespace &&
        row.name === name,
    );
  if (!found) {
    throw new NotFoundError(
      `This entity has no pod ${namespace}/${name} in cluster ${cluster}`,
    );
  }
  const { workload, pod } = found;
  if (!workload.consent.given) throw new NotAllowedError(workload.consent.why);
  const uids = new Set(
    [pod.row.uid, pod.row.owner?.uid, workload.row.uid].filter(
      uid => uid !== undefined,
    ),
  );
  const items = [...uids]
    .flatMap(uid => fleet.eventsAbout({ cluster, uid }))
    .sort((a, b) => Date.parse(a.lastAt) - Date.parse(b.lastAt))
    .slice(-MAX_EVENTS)
    .map(toPodEvent);
  const kind = fleet
    .clusters()
    .find(each => each.name === cluster)
    ?.kinds.find(each => each.kind === 'Event');
  return { items, readable: kind?.state !== 'not-readable' };
}

function toPodEvent(row: EventRow): PodEvent {
  const { type, reason, message, count, createdAt, lastAt, about } = row;
  return {
    type,
    reason,
    message,
    count,
    firstAt: createdAt,
    lastAt,
    about: { kind: about.kind, name: about.name },
    ...(about.container && { container: about.container }),
  };
}
