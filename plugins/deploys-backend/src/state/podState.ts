import {
  PodContainerState,
  PodState,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  ContainerRow,
  isKnownSidecar,
  TargetPod,
  TargetWorkload,
} from '@switchyard/fleet-node';
import { podProblemWords } from './problemWords';

/**
 * What screens show of a pod. What is not so is left out, for a page may hold hundreds. Without the consent of its workload no words of its programs are
 * shown: a container's last words are its log.
 */
export function toPodState(
  pod: TargetPod,
  workload: Pick<TargetWorkload, 'consent'>,
): PodState {
  const { row, problem, old, version } = pod;
  const message = workload.consent.given ? problem?.detail : undefined;
  const lasting = row.containers.filter(({ kind }) => kind !== 'ephemeral');
  const reason = podProblemWords(pod, workload);
  const last = lastRestartOf(lasting);
  return {
    name: row.name,
    uid: row.uid,
    phase: row.phase,
    ready: row.ready,
    containersReady: lasting.filter(
      ({ kind, ready }) => kind !== 'init' && ready,
    ).length,
    containers: row.containers.map(toContainerState),
    ...(reason && { reason }),
    ...(problem?.passing && !row.deletedAt && { starting: true }),
    // Already in the sentence where it is short.
    ...(message && !isPartOf(message, problem?.text) && { message }),
    restarts: lasting.reduce((sum, { restarts }) => sum + restarts, 0),
    ...(last && { lastRestart: last }),
    ...(row.node && { node: row.node }),
    ...(row.zone && { zone: row.zone }),
    createdAt: row.createdAt,
    ...(row.deletedAt && { terminating: true, goneBy: row.deletedAt }),
    ...(version !== undefined && { version }),
    ...(old && { outdated: true }),
  };
}

function toContainerState(container: ContainerRow): PodContainerState {
  const { name, kind, image, ready, restarts, state, reason } = container;
  return {
    name,
    kind: kind === 'container' && isKnownSidecar(name) ? 'sidecar' : kind,
    image,
    ready,
    restarts,
    state,
    ...(reason && { reason }),
  };
}

function lastRestartOf(
  containers: readonly ContainerRow[],
): PodState['lastRestart'] {
  const ended = containers
    .flatMap(({ restarts, last }) => (restarts > 0 && last ? [last] : []))
    .sort((a, b) => ((a.finishedAt ?? '') < (b.finishedAt ?? '') ? 1 : -1));
  if (ended.length === 0) return undefined;
  const [{ reason, exitCode, finishedAt }] = ended;
  return {
    ...(reason && { reason }),
    ...(exitCode !== undefined && { exitCode }),
    ...(finishedAt && { at: finishedAt }),
  };
}

/** Sentences begin in lower case when they become part of another. */
function isPartOf(part: string, text: string | undefined): boolean {
  return text?.toLowerCase().includes(part.toLowerCase()) ?? false;
}
