import { JobRow, PodRow, WorkloadRow } from '../rows';
import { FleetReader } from '../types';
import { describePodProblem } from './podProblem';
import { PodProblem, TargetPod } from './types';
import { describeVersion, versionByRule, VersionRule } from './version';

/**
 * The pods of a workload: those that are not ready first, then by name. Of one that `hasEnded` also those that ended well.
 *
 * @internal
 */
export function podsOf(
  row: WorkloadRow | JobRow | PodRow,
  fleet: FleetReader,
  rule: VersionRule,
  { hasEnded }: { hasEnded: boolean },
): TargetPod[] {
  const wanted =
    'desired' in row ? imagesByContainer(row.containers) : undefined;
  const isRollingOut = 'desired' in row && isUnderWay(row);
  return ownedPods(row, fleet)
    .filter(({ pod }) => hasEnded || pod.phase !== 'Succeeded')
    .map(({ pod, isOld }): TargetPod => {
      const [image, ...others] = versionByRule(rule, pod.containers).images;
      const main = others.length === 0 ? image : undefined;
      const version = main && describeVersion(rule, main);
      const problem = problemOf(pod, fleet, isRollingOut);
      return {
        row: pod,
        old: isOld ?? (wanted !== undefined && runsOther(pod, wanted)),
        ...(main && { image: main }),
        ...(version !== undefined && { version }),
        ...(problem && { problem }),
      };
    })
    .sort(
      (a, b) =>
        Number(a.row.ready) - Number(b.row.ready) ||
        compare(a.row.name, b.row.name),
    );
}

function problemOf(
  pod: PodRow,
  fleet: FleetReader,
  isRollingOut: boolean,
): PodProblem | undefined {
  if (pod.phase === 'Succeeded') return undefined;
  if (pod.ready && !pod.deletedAt) return undefined;
  const problem = describePodProblem(
    pod,
    fleet.eventsAbout({ cluster: pod.cluster, uid: pod.uid }),
  );
  // Many programs fail their probe until they are up. In a rollout the Deployment's own deadline says when that is too long.
  const isStarting =
    isRollingOut &&
    problem?.code === 'probe' &&
    pod.containers.every(({ restarts }) => restarts === 0);
  return isStarting ? { ...problem, passing: true } : problem;
}

function isUnderWay(row: WorkloadRow): boolean {
  const progressing = row.conditions.find(({ type }) => type === 'Progressing');
  if (progressing) {
    return (
      progressing.status === 'True' &&
      progressing.reason !== 'NewReplicaSetAvailable'
    );
  }
  return row.observedGeneration < row.generation || row.updated < row.desired;
}

interface OwnedPod {
  pod: PodRow;
  /** Undefined where only images can tell. */
  isOld?: boolean;
}

function ownedPods(
  row: WorkloadRow | JobRow | PodRow,
  fleet: FleetReader,
): OwnedPod[] {
  if ('phase' in row) return [{ pod: row }];
  const { cluster, uid } = row;
  const direct = fleet.pods({ cluster, ownerUid: uid });
  if (row.kind === 'CronJob') {
    return fleet
      .jobs({ cluster, ownerUid: uid })
      .filter(job => job.condition?.type !== 'Complete')
      .flatMap(job => fleet.pods({ cluster, ownerUid: job.uid }))
      .map(pod => ({ pod, isOld: false }));
  }
  if ('desired' in row) {
    return [...direct.map(pod => ({ pod })), ...podsOfReplicaSets(row, fleet)];
  }
  return direct.map(pod => ({ pod, isOld: false }));
}

/** Of a Deployment, and of what other kinds make ReplicaSets, such as a Rollout. */
function podsOfReplicaSets(owner: WorkloadRow, fleet: FleetReader): OwnedPod[] {
  const { cluster, uid } = owner;
  const replicaSets = fleet.replicaSets({ cluster, ownerUid: uid });
  const newest = Math.max(...replicaSets.map(set => set.revision ?? 0));
  // Until the controller has seen the new template its newest ReplicaSet is the old one: then images tell.
  const isSettled = newest > 0 && owner.observedGeneration >= owner.generation;
  return replicaSets.flatMap(set => {
    const isOlder = (set.revision ?? 0) < newest;
    const isOld = isSettled || isOlder ? isOlder : undefined;
    return fleet
      .pods({ cluster, ownerUid: set.uid })
      .map(pod => ({ pod, isOld }));
  });
}

function imagesByContainer(
  containers: WorkloadRow['containers'],
): ReadonlyMap<string, string> {
  return new Map(containers.map(({ name, image }) => [name, image]));
}

// Injected containers are in no template.
function runsOther(pod: PodRow, wanted: ReadonlyMap<string, string>): boolean {
  return pod.containers.some(
    ({ name, image }) => wanted.has(name) && wanted.get(name) !== image,
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
