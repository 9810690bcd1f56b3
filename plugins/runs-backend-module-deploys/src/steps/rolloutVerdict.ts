import {
  Application,
  FleetReader,
  PodRow,
  WorkloadRow,
} from '@switchyard/fleet-node';
import {
  normalizeImageRepository,
  parseImageReference,
} from '@switchyard/backstage-plugin-deploys-node';
import { PlannedObject, RolloutStepInput } from '../hotfix/types';
import { ROLLED_OUT } from '../operations/operationSteps';
import { isBefore, readRollout } from '../rollouts/readRollout';
import { HASH_LABEL, viewComing } from '../rollouts/viewComing';
import { RolloutView, troubledOf } from './troubledPods';

/** What is asked about. */
export type RolloutQuestion = Pick<
  RolloutStepInput,
  'namespace' | 'objects'
> & {
  cluster: string;
  /** ISO time at which the sync ended; null where none was needed. */
  syncedAt: string | null;
};

/** Clocks of a cluster and of Argo CD differ. */
const CLOCK_SLACK_MS = 5 * 60_000;

/**
 * Looks at the workloads that were to get the image: their templates name it, Kubernetes has seen that, and all pods are new and ready.
 */
export function viewRollout(
  input: RolloutQuestion,
  fleet: FleetReader,
): RolloutView {
  const views = objectsByWorkload(input.objects).map(object =>
    viewWorkload(object, input, fleet),
  );
  return {
    done: views.every(({ done }) => done),
    text:
      views.map(({ text }) => text).join('; ') ||
      'Nothing that runs gets the image',
    troubled: views.flatMap(({ troubled }) => troubled),
    givenUp: views.find(({ givenUp }) => givenUp)?.givenUp,
  };
}

interface WorkloadObject {
  kind: string;
  name: string;
  containers: PlannedObject[];
}

function objectsByWorkload(
  objects: readonly PlannedObject[],
): WorkloadObject[] {
  const workloads = new Map<string, WorkloadObject>();
  for (const object of objects) {
    const key = `${object.kind}/${object.name}`;
    const workload = workloads.get(key) ?? {
      kind: object.kind,
      name: object.name,
      containers: [],
    };
    workload.containers.push(object);
    workloads.set(key, workload);
  }
  // Jobs and CronJobs only get the new image.
  return [...workloads.values()].filter(({ kind }) => ROLLED_OUT.has(kind));
}

function viewWorkload(
  { kind, name, containers }: WorkloadObject,
  input: RolloutQuestion,
  fleet: FleetReader,
): RolloutView {
  const called = `${kind} ${name}`;
  const rows = fleet
    .workloads({
      cluster: input.cluster,
      name,
      ...(input.namespace !== null && { namespace: input.namespace }),
    })
    .filter(row => row.kind === kind);
  const [row] = rows;
  if (!row)
    return { done: false, text: `${called} is not there yet`, troubled: [] };
  const isWanted = containers.every(({ container, image }) =>
    isImage(row.containers.find(each => each.name === container)?.image, image),
  );
  if (!isWanted)
    return {
      done: false,
      text: `${called} does not name the version yet`,
      troubled: [],
    };
  if (kind === 'Rollout') return viewCanary(row, { called, containers }, fleet);
  if (row.observedGeneration < row.generation)
    return {
      done: false,
      text: `${called}: Kubernetes has not looked at the change yet`,
      troubled: [],
    };
  const pods = podsOf(row, fleet);
  const fresh = pods.filter(pod =>
    containers.every(({ container, image }) =>
      isImage(
        pod.containers.find(each => each.name === container)?.image,
        image,
      ),
    ),
  );
  const ready = fresh.filter(pod => pod.ready && !pod.deletedAt).length;
  const old = pods.filter(pod => !fresh.includes(pod) && !pod.deletedAt).length;
  const isThere =
    row.updated >= row.desired &&
    row.available >= row.desired &&
    row.unavailable === 0;
  const done = isThere && ready >= row.desired && old === 0;
  const leaving = old > 0 ? `, ${old} old` : '';
  return {
    done,
    text: `${called}: ${ready} of ${row.desired} new pods ready${leaving}`,
    troubled: done ? [] : troubledOf(fresh, fleet),
    givenUp: giveUp(row, called, {
      fresh: freshReplicaSets(row, containers, fleet),
      syncedAt: input.syncedAt,
    }),
  };
}

/** Of Argo Rollouts, which has steps of its own between the old version and the new one. */
function viewCanary(
  row: WorkloadRow,
  { called, containers }: { called: string; containers: PlannedObject[] },
  fleet: FleetReader,
): RolloutView {
  const object = fleet.object({ cluster: row.cluster, uid: row.uid });
  const stand = object && readRollout(object);
  // Until then it says what became of the version before.
  const isSeen =
    stand?.hash !== undefined &&
    !isBefore(row) &&
    freshReplicaSets(row, containers, fleet).some(
      ({ labels }) => labels[HASH_LABEL] === stand.hash,
    );
  if (!isSeen)
    return {
      done: false,
      text: `${called}: Argo Rollouts has not looked at the change yet`,
      troubled: [],
    };
  const { failed, isWaiting, ...view } = viewComing(
    { row, stand, called },
    fleet,
  );
  return { ...view, ...(failed !== undefined && { givenUp: failed }) };
}

function podsOf(row: WorkloadRow, fleet: FleetReader): PodRow[] {
  const owners =
    row.kind === 'Deployment'
      ? fleet.replicaSets({
          cluster: row.cluster,
          namespace: row.namespace,
          ownerUid: row.uid,
        })
      : [row];
  return owners
    .flatMap(owner =>
      fleet.pods({
        cluster: row.cluster,
        namespace: row.namespace,
        ownerUid: owner.uid,
      }),
    )
    .filter(({ phase }) => phase !== 'Succeeded');
}

/** The condition by which Kubernetes has given up a rollout. */
export function findGivenUp({
  conditions,
}: WorkloadRow): WorkloadRow['conditions'][number] | undefined {
  return conditions.find(
    ({ type, status, reason }) =>
      type === 'Progressing' &&
      status === 'False' &&
      reason === 'ProgressDeadlineExceeded',
  );
}

// Right after a change Kubernetes may still say that the rollout before was given up. Which one it means, the ReplicaSet tells; only what is long before the
// sync is told apart by time, as that compares two clocks.
function giveUp(
  row: WorkloadRow,
  called: string,
  now: { fresh: readonly WorkloadRow[]; syncedAt: string | null },
): string | undefined {
  const stuck = findGivenUp(row);
  if (!stuck) return undefined;
  const isOlder =
    now.syncedAt !== null &&
    stuck.at !== undefined &&
    Date.parse(stuck.at) < Date.parse(now.syncedAt) - CLOCK_SLACK_MS;
  const about = /ReplicaSet "([^"]+)"/.exec(stuck.message ?? '')?.[1];
  const isAboutOther =
    about !== undefined && !now.fresh.some(({ name }) => name === about);
  if (isOlder || isAboutOther) return undefined;
  return `${called}: ${
    stuck.message ?? 'the rollout has made no progress within its deadline'
  }`;
}

function freshReplicaSets(
  row: WorkloadRow,
  containers: readonly PlannedObject[],
  fleet: FleetReader,
): WorkloadRow[] {
  const all = fleet.replicaSets({
    cluster: row.cluster,
    namespace: row.namespace,
    ownerUid: row.uid,
  });
  return all.filter(set =>
    containers.every(({ container, image }) =>
      isImage(
        set.containers.find(each => each.name === container)?.image,
        image,
      ),
    ),
  );
}

/** Whether an image is the one that is wanted. */
export function isImage(image: string | undefined, wanted: string): boolean {
  if (
    image === undefined ||
    normalizeImageRepository(image) !== normalizeImageRepository(wanted)
  )
    return false;
  const now = parseImageReference(image);
  const planned = parseImageReference(wanted);
  // A pinned image runs by its digest, whatever tag stands beside it, or none.
  return planned?.digest !== undefined && now?.digest !== undefined
    ? now.digest === planned.digest
    : now?.tag === planned?.tag;
}

/**
 * Whether Argo CD's own word is that the revision is deployed and healthy, said after the operation had ended: right after it, health is still that of before.
 */
export function judgeHealth(
  application: Application,
  revisionHolds: boolean,
  finishedAt: string | null,
): { done: boolean; text: string } {
  const { sync, health, reconciledAt } = application.status ?? {};
  if (sync?.status !== 'Synced')
    return { done: false, text: `Argo CD says ${sync?.status ?? 'nothing'}` };
  if (!revisionHolds)
    return { done: false, text: 'Argo CD compared with another revision' };
  if (
    finishedAt !== null &&
    !(
      reconciledAt !== undefined &&
      Date.parse(reconciledAt) >= Date.parse(finishedAt)
    )
  ) {
    return { done: false, text: 'Argo CD has not looked at it since the sync' };
  }
  if (health?.status !== 'Healthy')
    return {
      done: false,
      text: `Argo CD says Synced and ${
        health?.status ?? 'nothing of its health'
      }${health?.message ? ` (${health.message})` : ''}`,
    };
  return { done: true, text: 'Argo CD says Synced and Healthy' };
}
