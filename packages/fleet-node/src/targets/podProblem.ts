import { ContainerRow, EventRow, PodRow } from '../rows';
import { describeExit, shorten } from './wording';
import { PodProblem } from './types';

const PULL_REASONS = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
]);
const CONFIG_REASONS = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PostStartHookError',
]);
const NODE_REASONS = new Set([
  'NodeLost',
  'NodeShutdown',
  'Terminated',
  'NodeAffinity',
  'Shutdown',
]);
const MAX_TEXT = 300;
const MAX_DETAIL = 800;

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
  if (pod.deletedAt) {
    return {
      code: 'terminating',
      text: 'Terminating: asked to stop, has not ended yet',
      passing: true,
    };
  }
  if (pod.ready || pod.phase === 'Succeeded') return undefined;
  return (
    describePodWide(pod) ??
    describeUnscheduled(pod) ??
    describeContainers(pod, events) ??
    describeWaiting(pod, events)
  );
}

function describePodWide(pod: PodRow): PodProblem | undefined {
  if (!pod.reason || !isPodWide(pod.reason)) return undefined;
  return {
    code: NODE_REASONS.has(pod.reason) ? 'node' : 'failed',
    text: withText(pod.reason, pod.message ?? 'the pod was ended'),
    ...detail(pod.message),
    passing: false,
  };
}

function isPodWide(reason: string): boolean {
  return (
    NODE_REASONS.has(reason) ||
    [
      'Evicted',
      'DeadlineExceeded',
      'Preempting',
      'UnexpectedAdmissionError',
    ].includes(reason)
  );
}

function describeUnscheduled(pod: PodRow): PodProblem | undefined {
  if (pod.node || pod.phase !== 'Pending') return undefined;
  if (pod.reason === 'Unschedulable') {
    return {
      code: 'unschedulable',
      text: withText('Unschedulable', pod.message ?? 'no node can take it'),
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

function describeContainers(
  pod: PodRow,
  events: readonly EventRow[],
): PodProblem | undefined {
  // What is worst first: a pull that fails explains why the others wait.
  for (const describe of [describePull, describeConfig, describeCrash]) {
    for (const container of pod.containers) {
      if (container.kind === 'ephemeral') continue;
      const problem = describe(container, events);
      if (problem) return problem;
    }
  }
  return undefined;
}

function describePull(
  container: ContainerRow,
  events: readonly EventRow[],
): PodProblem | undefined {
  const { reason, image, name } = container;
  if (container.state !== 'waiting' || !reason || !PULL_REASONS.has(reason)) {
    return undefined;
  }
  const answer =
    findPullAnswer(container.message) ??
    findPullAnswer(
      findLast(
        events,
        event => event.reason === 'Failed' && event.message.includes(image),
      )?.message,
    );
  const why = answer ? `: ${shorten(answer, MAX_TEXT)}` : '';
  return {
    code: 'image-pull',
    text: withText(
      reason,
      `image ${image} of container ${name} cannot be pulled${why}`,
    ),
    ...detail(answer ?? container.message),
    container: name,
    passing: false,
  };
}

/** What the registry said, out of what the container runtime wraps around it. */
function findPullAnswer(message: string | undefined): string | undefined {
  if (!message) return undefined;
  const described = message.lastIndexOf('desc = ');
  if (described >= 0) return message.slice(described + 'desc = '.length);
  const failed = /Failed to pull image "[^"]*": ([\s\S]*)/.exec(message);
  if (failed) return failed[1];
  const wrapped = /ErrImagePull: ([\s\S]*)/.exec(message);
  if (wrapped) return wrapped[1];
  return /^Back-off pulling image "[^"]*"$/.test(message) ? undefined : message;
}

function describeConfig(container: ContainerRow): PodProblem | undefined {
  const { reason, name, message } = container;
  if (container.state !== 'waiting' || !reason || !CONFIG_REASONS.has(reason)) {
    return undefined;
  }
  return {
    code: 'config',
    text: withText(
      reason,
      `container ${name} cannot be started${
        message ? `: ${shorten(message, MAX_TEXT)}` : ''
      }`,
    ),
    ...detail(message),
    container: name,
    passing: false,
  };
}

function describeCrash(container: ContainerRow): PodProblem | undefined {
  const { kind, name, restarts } = container;
  const ended = endOf(container);
  if (!ended) return undefined;
  const isLooping = container.reason === 'CrashLoopBackOff';
  const isOutOfMemory = ended.reason === 'OOMKilled';
  const word = isLooping ? 'CrashLoopBackOff' : ended.reason ?? 'Error';
  const called =
    kind === 'init' ? `init container ${name}` : `container ${name}`;
  const times =
    restarts > 0
      ? `, restarted ${restarts} ${restarts === 1 ? 'time' : 'times'}`
      : '';
  const how = isOutOfMemory
    ? `was ${describeExit(ended)}`
    : `ended with ${describeExit(ended)}`;
  return {
    code: isOutOfMemory ? 'out-of-memory' : 'crash',
    text: withText(word, `${called} ${how}${times}`),
    ...detail(ended.message),
    container: name,
    passing: false,
  };
}

/** The end that keeps a container from running; undefined where it runs or ended well. */
function endOf(container: ContainerRow) {
  if (container.state === 'terminated') {
    const { reason, exitCode, signal, message } = container;
    return exitCode === 0 && reason !== 'OOMKilled'
      ? undefined
      : { reason, exitCode, signal, message };
  }
  if (
    container.state !== 'waiting' ||
    container.reason !== 'CrashLoopBackOff'
  ) {
    return undefined;
  }
  return container.last ?? { message: container.message };
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
      'FailedCreatePodSandBox',
      'FailedPostStartHook',
    ].includes(event.reason),
  );
  if (obstacle) {
    return {
      code: 'config',
      text: withText(obstacle.reason, shorten(obstacle.message, MAX_TEXT)),
      ...detail(obstacle.message),
      passing: false,
    };
  }
  const waiting = pod.containers.find(({ state }) => state === 'waiting');
  if (waiting) {
    return {
      code: 'starting',
      text: `${waiting.reason ?? 'Waiting'}: container ${
        waiting.name
      } is being started`,
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
    event => event.reason === 'Unhealthy' && event.lastAt >= since,
  );
  if (!unhealthy) {
    return (
      describeRestart(container) ?? {
        code: 'starting',
        text: `NotReady: container ${container.name} runs, and its readiness probe has not succeeded yet`,
        container: container.name,
        passing: true,
      }
    );
  }
  return {
    code: 'probe',
    text: withText(
      'Unhealthy',
      `container ${container.name} runs, but ${lowerFirst(
        shorten(unhealthy.message, MAX_TEXT),
      )}`,
    ),
    ...detail(unhealthy.message),
    container: container.name,
    passing: false,
  };
}

/** Between two crashes a container runs for a moment: that is no start like any other. */
function describeRestart(container: ContainerRow): PodProblem | undefined {
  const { last, name, restarts } = container;
  const endedWell = last?.exitCode === 0 && last.reason !== 'OOMKilled';
  if (restarts === 0 || !last || endedWell) return undefined;
  const isOutOfMemory = last.reason === 'OOMKilled';
  return {
    code: isOutOfMemory ? 'out-of-memory' : 'crash',
    text: withText(
      last.reason ?? 'Error',
      `container ${name} ${isOutOfMemory ? 'was' : 'ended with'} ${describeExit(
        last,
      )}, restarted ${restarts} ${
        restarts === 1 ? 'time' : 'times'
      }, and is not ready again yet`,
    ),
    ...detail(last.message),
    container: name,
    passing: false,
  };
}

function withText(word: string, text: string): string {
  return `${word}: ${shorten(text, MAX_TEXT + MAX_TEXT)}`;
}

function detail(text: string | undefined): { detail?: string } {
  const short = text ? shorten(text, MAX_DETAIL) : '';
  return short ? { detail: short } : {};
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function findLast<T>(
  items: readonly T[],
  matches: (item: T) => boolean,
): T | undefined {
  for (let index = items.length - 1; index >= 0; index--) {
    if (matches(items[index])) return items[index];
  }
  return undefined;
}
