import {
  DeploymentState,
  Severity,
  SourceState,
} from '@switchyard/backstage-plugin-deploys-common';
import { TargetDeployment, TargetPod } from '@switchyard/fleet-node';
import { argoSourceId, clusterSourceId } from './sources';

/** A line of the table with what was found out about it. */
export interface JudgedDeployment {
  target: TargetDeployment;
  drift?: DeploymentState['drift'];
  /** Of its cluster; undefined where the destination is none of the fleet. */
  cluster?: SourceState;
  argo?: SourceState;
  severity: Severity;
  /** Pods that are not ready for a reason that does not pass by itself. */
  failing: TargetPod[];
}

/** Finds out how a line is doing. */
export function judge(
  target: TargetDeployment,
  drift: DeploymentState['drift'],
  sources: readonly SourceState[],
): JudgedDeployment {
  const find = (id: string | undefined) =>
    sources.find(source => source.id === id);
  const judged = {
    target,
    drift,
    cluster: find(
      target.cluster === undefined
        ? undefined
        : clusterSourceId(target.cluster),
    ),
    argo: find(target.application && argoSourceId(target.application.instance)),
    failing: target.workloads
      .flatMap(({ pods }) => pods)
      .filter(({ problem }) => problem && !problem.passing),
  };
  return { ...judged, severity: severityOf(judged) };
}

function severityOf(judged: Omit<JudgedDeployment, 'severity'>): Severity {
  const { target, drift, cluster, argo, failing } = judged;
  const { application, workloads } = target;
  const isBroken =
    failing.length > 0 ||
    workloads.some(({ problem }) => problem !== undefined) ||
    (application &&
      (['Degraded', 'Missing'].includes(application.health.status) ||
        isFailed(application.operation?.phase)));
  if (isBroken) return 'failed';
  if (target.unjoined) return 'unseen';
  if ([cluster, argo].some(source => source && isUnseen(source))) {
    return 'unseen';
  }
  const isOutOfSync = application?.sync.status === 'OutOfSync';
  if (drift?.kind === 'peers') return 'drifting';
  if (isRolling(judged) || isSyncing(judged) || isStarting(judged))
    return 'running';
  if (isOutOfSync) return 'drifting';
  const isUnknown =
    [cluster, argo].some(source => source?.state === 'connecting') ||
    application?.sync.status === 'Unknown' ||
    application?.health.status === 'Unknown';
  return isUnknown ? 'unknown' : 'fine';
}

/** Whether Argo CD is at work on a line. What runs in it may be what ran before: a hook comes first, and there may be nothing to replace. */
export function isSyncing({
  target,
}: Pick<JudgedDeployment, 'target'>): boolean {
  return isUnderWay(target.application?.operation);
}

/** Whether pods of a line are being replaced by others. */
export function isRolling(
  judged: Pick<JudgedDeployment, 'target' | 'drift'>,
): boolean {
  const { target, drift } = judged;
  return (
    drift?.kind === 'rolling' ||
    target.workloads.some(
      ({ row }) =>
        'desired' in row &&
        row.kind !== 'ReplicaSet' &&
        row.kind !== 'CronJob' &&
        (row.observedGeneration < row.generation || row.updated < row.desired),
    )
  );
}

/** Whether pods of a line are about to be ready. */
export function isStarting({
  target,
}: Pick<JudgedDeployment, 'target'>): boolean {
  return (
    target.application?.health.status === 'Progressing' ||
    target.workloads.some(({ pods }) => pods.some(isPodStarting))
  );
}

/** Whether a pod is about to be ready. */
export function isPodStarting({ row, problem }: TargetPod): boolean {
  return !row.deletedAt && problem?.passing === true;
}

/** Last state kept, or none at all because it may not be read or is not watched. */
export function isUnseen(source: SourceState): boolean {
  return ['unreachable', 'not-readable', 'not-watched'].includes(source.state);
}

function isFailed(phase: string | undefined): boolean {
  return phase === 'Failed' || phase === 'Error';
}

function isUnderWay(
  operation: { phase?: string; startedAt?: string } | undefined,
): boolean {
  if (!operation) return false;
  const { phase } = operation;
  return phase === undefined || phase === 'Running' || phase === 'Terminating';
}
