import { ContainerRow, EventRow, PodRow } from '../rows';
import {
  callContainer,
  describeContainers,
  describeRestart,
  detail,
  withText,
} from './containerProblem';
import { PodProblem } from './types';
import { findLast, shorten } from './wording';

const NODE_REASONS = new Set([
  'NodeLost',
  'NodeShutdown',
  'Terminated',
  'NodeAffinity',
  'Shutdown',
]);
/** What a kubelet or the scheduler says that ended a pod as a whole. */
const FAILED_REASONS = new Set([
  'Evicted',
  'DeadlineExceeded',
  'Preempting',
  'UnexpectedAdmissionError',
  'OutOfcpu',
  'OutOfmemory',
  'OutOfpods',
]);
/** What the scheduler says of claims of volumes. */
const OF_VOLUMES =
  /persistentvolumeclaim|PersistentVolumeClaim|persistent volume|volume node affinity/;
const MAX_TEXT = 300;

/**
 * Why a pod is not ready, in plain words that begin with the word of Kubernetes; undefined for one that is ready, or done.
 *
 * @param events - about the pod, newest last; probes and volumes say only there what is wrong
 * @public
 */
export function describePodProblem(
  pod: PodRow,
  events: readonly EventRow[] = [],
): PodProblem | undefined {
  if (pod.deletedAt) return describeTerminating(pod, events);
  if (pod.ready || pod.phase === 'Succeeded') return undefined;
  return (
    describePodWide(pod) ??
    describeUnscheduled(pod) ??
    describeContainers(pod.containers, events) ??
    describeLostNode(pod, events) ??
    describeWaiting(pod, events)
  );
}

/** What it waits for. Whether that takes too long depends on the time, of which nothing is known here. */
function describeTerminating(
  pod: PodRow,
  events: readonly EventRow[],
): PodProblem {
  return {
    code: 'terminating',
    text: `Terminating: ${describeLeaving(pod, events)}`,
    passing: true,
  };
}

function describeLeaving(
  { node, containers, finalizers = [] }: PodRow,
  events: readonly EventRow[],
): string {
  const has = (wanted: string) =>
    events.some(({ reason }) => reason === wanted);
  if (has('TaintManagerEviction')) {
    return 'its node was lost or drained; it is taken off the list once the node answers or is removed';
  }
  if (has('NodeNotReady')) {
    return `node ${
      node ?? 'unknown'
    } has stopped reporting, so nobody ends it; it is taken off the list once the node answers or is removed`;
  }
  const running = containers.filter(({ state }) => state === 'running');
  if (running.length > 0) {
    const names = running.map(({ name }) => name).join(', ');
    return running.length === 1
      ? `container ${names} was asked to stop and has not ended`
      : `containers ${names} were asked to stop and have not ended`;
  }
  if (finalizers.length > 0) {
    return `its containers have ended; it stays until ${
      finalizers.length === 1 ? 'finalizer' : 'finalizers'
    } ${finalizers.join(', ')} ${
      finalizers.length === 1 ? 'is' : 'are'
    } removed by whoever set ${finalizers.length === 1 ? 'it' : 'them'}`;
  }
  return 'asked to stop, has not ended yet';
}

function describePodWide(pod: PodRow): PodProblem | undefined {
  const { reason } = pod;
  if (!reason) return undefined;
  const isOfNode = NODE_REASONS.has(reason);
  if (!isOfNode && !FAILED_REASONS.has(reason)) return undefined;
  return {
    code: isOfNode ? 'node' : 'failed',
    text: withText(reason, pod.message ?? 'the pod was ended'),
    ...detail(pod.message),
    passing: false,
  };
}

function describeUnscheduled(pod: PodRow): PodProblem | undefined {
  if (pod.node || pod.phase !== 'Pending') return undefined;
  if (pod.reason === 'Unschedulable') {
    const said = pod.message ?? 'no node can take it';
    // What follows is about pods that could make room: of the same nodes, in the same words, once more.
    const [why] = said.split(/ preemption: /);
    return {
      code: OF_VOLUMES.test(why) ? 'volume' : 'unschedulable',
      text: withText('Unschedulable', why),
      ...detail(pod.message),
      passing: false,
    };
  }
  return pod.reason === 'SchedulingGated'
    ? {
        code: 'unschedulable',
        text: withText(
          'SchedulingGated',
          pod.message ?? 'held back before it is given a node',
        ),
        passing: false,
      }
    : undefined;
}

/** The node controller takes 'ready' from the pods of a node that is silent, and says why in an event only. */
function describeLostNode(
  pod: PodRow,
  events: readonly EventRow[],
): PodProblem | undefined {
  const lasting = pod.containers.filter(
    ({ kind }) => kind === 'container' || kind === 'sidecar',
  );
  const allRun =
    lasting.length > 0 &&
    lasting.every(({ state, ready }) => state === 'running' && ready);
  if (!allRun) return undefined;
  const lost = events.some(({ reason }) => reason === 'NodeNotReady');
  if (!lost) return undefined;
  return {
    code: 'node',
    text: `NodeNotReady: node ${
      pod.node ?? 'unknown'
    } has stopped reporting; what is shown of its containers is the last it said`,
    passing: false,
  };
}

function describeWaiting(
  pod: PodRow,
  events: readonly EventRow[],
): PodProblem | undefined {
  const init = pod.containers.find(
    ({ kind, state }) => kind === 'init' && state === 'running',
  );
  if (init) {
    return {
      code: 'init',
      text: `Initializing: init container ${init.name} is running`,
      container: init.name,
      passing: true,
    };
  }
  const unready = pod.containers.find(
    ({ kind, state, ready }) =>
      (kind === 'container' || kind === 'sidecar') &&
      state === 'running' &&
      !ready,
  );
  if (unready) return describeProbe(unready, events);

  const obstacle = findLast(events, event =>
    [
      'FailedMount',
      'FailedAttachVolume',
      'FailedMapVolume',
      'FailedCreatePodSandBox',
      'FailedPostStartHook',
    ].includes(event.reason),
  );
  if (obstacle) {
    // A ConfigMap or Secret that is missing is no fault of a disk.
    const isVolume =
      /Volume|Mount/.test(obstacle.reason) &&
      !/(?:configmap|secret) "[^"]*" not found/i.test(obstacle.message);
    return {
      code: isVolume ? 'volume' : 'config',
      text: withText(obstacle.reason, shorten(obstacle.message, MAX_TEXT)),
      ...detail(obstacle.message),
      passing: false,
    };
  }
  const waiting = pod.containers.find(({ state }) => state === 'waiting');
  if (waiting) {
    return {
      code: 'starting',
      text: `${waiting.reason ?? 'Waiting'}: ${callContainer(
        waiting,
      )} is being started`,
      container: waiting.name,
      passing: true,
    };
  }
  if (pod.phase === 'Pending') {
    return {
      code: 'starting',
      text: pod.node
        ? 'Pending: its node has not started it yet'
        : 'Pending: it has not been given a node yet',
      passing: true,
    };
  }
  return {
    code: 'not-ready',
    text: withText(
      pod.reason ?? 'NotReady',
      pod.message ?? 'the pod is not ready',
    ),
    ...detail(pod.message),
    passing: false,
  };
}

function describeProbe(
  container: ContainerRow,
  events: readonly EventRow[],
): PodProblem {
  // An event of the container before a restart says nothing about this one.
  const since = container.startedAt ?? '';
  const unhealthy = findLast(
    events,
    event =>
      event.reason === 'Unhealthy' &&
      event.lastAt >= since &&
      (event.about.container ?? container.name) === container.name,
  );
  if (!unhealthy) {
    return (
      describeRestart(container, events) ?? {
        code: 'starting',
        text: `NotReady: ${callContainer(
          container,
        )} runs, and its readiness probe has not succeeded yet`,
        container: container.name,
        passing: true,
      }
    );
  }
  return {
    code: 'probe',
    text: withText(
      'Unhealthy',
      `${callContainer(container)} runs, but ${lowerFirst(
        shorten(unhealthy.message, MAX_TEXT),
      )}`,
    ),
    ...detail(unhealthy.message),
    container: container.name,
    passing: false,
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
