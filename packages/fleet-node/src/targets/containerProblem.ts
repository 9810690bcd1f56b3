import { ContainerRow, EventRow } from '../rows';
import { PodProblem } from './types';
import { describeExit, findLast, shorten } from './wording';

const PULL_REASONS = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);
const CONFIG_REASONS = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'PostStartHookError',
]);
/** Ends of containers whose program never ran. */
const START_ERRORS = new Set(['StartError', 'ContainerCannotRun']);
const MAX_TEXT = 300;
/** A kubelet says that it kills before it waits for the end: as long as graces are, as a rule. */
const KILLED_BEFORE_END_MS = 10 * 60_000;

/**
 * What keeps one of a pod's containers from running, the worst first; undefined where nothing does.
 *
 * @param events - about the pod, newest last
 * @internal
 */
export function describeContainers(
  containers: readonly ContainerRow[],
  events: readonly EventRow[],
): PodProblem | undefined {
  // A pull that fails explains why the others wait.
  for (const describe of [describePull, describeConfig, describeCrash]) {
    for (const container of containers) {
      if (container.kind === 'ephemeral') continue;
      const problem = describe(container, events);
      if (problem) return problem;
    }
  }
  return undefined;
}

/**
 * Between two crashes a container runs for a moment: that is no start like any other.
 *
 * @internal
 */
export function describeRestart(
  container: ContainerRow,
  events: readonly EventRow[],
): PodProblem | undefined {
  const { last, restarts } = container;
  const endedWell = last?.exitCode === 0 && last.reason !== 'OOMKilled';
  if (restarts === 0 || !last || endedWell) return undefined;
  return toCrash(container, last, events, {
    word: last.reason ?? 'Error',
    then: ', and is not ready again yet',
  });
}

/** 'init container migrate'. @internal */
export function callContainer({
  kind,
  name,
}: Pick<ContainerRow, 'kind' | 'name'>): string {
  if (kind === 'init') return `init container ${name}`;
  return kind === 'sidecar' ? `sidecar ${name}` : `container ${name}`;
}

/** Fields of a problem that only some have. @internal */
export function detail(text: string | undefined): { detail?: string } {
  const short = text ? shorten(text, 800) : '';
  return short ? { detail: short } : {};
}

/** @internal */
export function withText(word: string, text: string): string {
  return `${word}: ${shorten(text, MAX_TEXT + MAX_TEXT)}`;
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
      `image ${image} of ${callContainer(container)} cannot be pulled${why}`,
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
      `${callContainer(container)} cannot be started${
        message ? `: ${shorten(message, MAX_TEXT)}` : ''
      }`,
    ),
    ...detail(message),
    container: name,
    passing: false,
  };
}

function describeCrash(
  container: ContainerRow,
  events: readonly EventRow[],
): PodProblem | undefined {
  const ended = endOf(container);
  if (!ended) return undefined;
  const isLooping = container.reason === 'CrashLoopBackOff';
  return toCrash(container, ended, events, {
    word: isLooping ? 'CrashLoopBackOff' : ended.reason ?? 'Error',
  });
}

function toCrash(
  container: ContainerRow,
  ended: NonNullable<ContainerRow['last']>,
  events: readonly EventRow[],
  how: { word: string; then?: string },
): PodProblem {
  const { name, restarts } = container;
  const isOutOfMemory = ended.reason === 'OOMKilled';
  const neverRan = ended.reason !== undefined && START_ERRORS.has(ended.reason);
  const probe =
    isOutOfMemory || neverRan
      ? undefined
      : findKillingProbe(container, ended, events);
  const exit = describeExit(ended, container.resources?.memoryLimit);
  let end = `ended with ${exit}`;
  if (isOutOfMemory) end = `was ${exit}`;
  else if (neverRan && ended.message) {
    end = `could not be started: ${shorten(ended.message, MAX_TEXT)}`;
  } else if (probe) {
    end = `was stopped because its ${probe.kind} probe failed${
      probe.answer ? ` (${shorten(probe.answer, MAX_TEXT)})` : ''
    }, and ended with ${exit}`;
  }
  return {
    code: isOutOfMemory ? 'out-of-memory' : 'crash',
    text: withText(
      how.word,
      `${callContainer(container)} ${end}${restartWords(restarts)}${
        how.then ?? ''
      }`,
    ),
    ...detail(ended.message),
    container: name,
    passing: false,
  };
}

/** The probe for which the kubelet stopped a container: its exit code says only that it was stopped. */
function findKillingProbe(
  container: ContainerRow,
  ended: NonNullable<ContainerRow['last']>,
  events: readonly EventRow[],
): { kind: string; answer?: string } | undefined {
  const isOfContainer = (event: EventRow) =>
    event.about.container === undefined ||
    event.about.container === container.name;
  const endedAt = ended.finishedAt ? Date.parse(ended.finishedAt) : NaN;
  const killing = findLast(
    events,
    event =>
      event.reason === 'Killing' &&
      isOfContainer(event) &&
      event.message.includes(container.name) &&
      // Of an end before this one it says nothing.
      !(endedAt - Date.parse(event.lastAt) > KILLED_BEFORE_END_MS),
  );
  const kind = /failed (liveness|startup) probe/.exec(
    killing?.message ?? '',
  )?.[1];
  if (!kind) return undefined;
  const prefix = new RegExp(`^${kind} probe (?:failed|errored): `, 'i');
  const unhealthy = findLast(
    events,
    event =>
      event.reason === 'Unhealthy' &&
      isOfContainer(event) &&
      prefix.test(event.message),
  );
  const answer = unhealthy?.message.replace(prefix, '');
  return { kind, ...(answer && { answer }) };
}

function restartWords(restarts: number): string {
  if (restarts === 0) return '';
  return `, restarted ${restarts} ${restarts === 1 ? 'time' : 'times'}`;
}

/** The end that keeps a container from running; undefined where it runs or ended well. */
function endOf(
  container: ContainerRow,
): NonNullable<ContainerRow['last']> | undefined {
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
