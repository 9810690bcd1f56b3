import { ContainerRow } from '../../rows';
import { KubernetesObject } from '../kubernetesObject';
import { shorten } from './containers';

interface Why {
  reason: string;
  message?: string;
}

/** Waiting reasons that are part of any start. All others say that something is wrong. */
const ORDINARY_WAITS = new Set(['PodInitializing', 'ContainerCreating']);

/**
 * Why a pod is not ready, the deepest cause that its own status tells, in Kubernetes' words: the pod as a whole, then placing it,
 * init containers, containers, probes and readiness gates.
 *
 * What a probe answered is in events only: `FleetReader.eventsAbout`.
 *
 * @internal
 */
export function whyNotReady(
  pod: KubernetesObject,
  containers: ContainerRow[],
): Why {
  return (
    ofPod(pod) ??
    ofScheduling(pod) ??
    ofInitContainers(containers) ??
    ofContainers(containers) ??
    ofReadiness(pod, containers)
  );
}

function ofPod({ status }: KubernetesObject): Why | undefined {
  // Evicted, NodeLost, Shutdown, NodeAffinity …
  if (status?.reason) {
    return { reason: status.reason, message: shorten(status.message) };
  }
  if (status?.phase === 'Succeeded') return { reason: 'Completed' };
  return undefined;
}

function ofScheduling(pod: KubernetesObject): Why | undefined {
  const scheduled = condition(pod, 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  return {
    reason: scheduled.reason ?? 'Unschedulable',
    message: shorten(scheduled.message),
  };
}

function ofInitContainers(containers: ContainerRow[]): Why | undefined {
  const steps = containers.filter(({ kind }) =>
    ['init', 'sidecar'].includes(kind),
  );
  // They start one after the other: the first that is not done holds up the rest.
  const index = steps.findIndex(step => !isInitDone(step));
  if (index < 0) return undefined;
  const step = steps[index];
  const which = `${step.kind === 'init' ? 'init container' : 'sidecar'} ${
    step.name
  }`;
  const trouble = ofTrouble(step, which);
  if (trouble) return trouble;
  // Nothing has a status before the node has taken the pod.
  if (step.state === 'unknown') return undefined;
  return {
    reason: 'PodInitializing',
    message: `${which} (${index + 1} of ${steps.length}) ${
      step.state === 'running' ? 'is running' : 'is about to start'
    }`,
  };
}

function isInitDone(step: ContainerRow): boolean {
  if (step.kind === 'sidecar') return step.state === 'running';
  return step.state === 'terminated' && step.exitCode === 0;
}

function ofContainers(containers: ContainerRow[]): Why | undefined {
  const main = containers.filter(({ kind }) => kind === 'container');
  for (const container of main) {
    const trouble = ofTrouble(container, `container ${container.name}`);
    if (trouble) return trouble;
  }
  const waiting = main.find(
    ({ state, reason }) => state === 'waiting' && reason,
  );
  return waiting && { reason: waiting.reason!, message: waiting.message };
}

/** What is wrong with one container, if anything is. */
function ofTrouble(container: ContainerRow, which: string): Why | undefined {
  const { state, reason, last } = container;
  if (state === 'waiting' && reason && !ORDINARY_WAITS.has(reason)) {
    // A crash loop's own message only says how long it waits; the cause is how the container ended before.
    const message =
      reason === 'CrashLoopBackOff' && last
        ? `${which} ${endingWords(last)}${restartWords(container.restarts)}`
        : `${which}: ${container.message ?? reason}`;
    return { reason, message };
  }
  if (state === 'terminated' && container.exitCode !== 0) {
    return {
      reason: reason ?? 'Error',
      message: `${which} ${endingWords(container)}${restartWords(
        container.restarts,
      )}`,
    };
  }
  return undefined;
}

function endingWords(end: {
  reason?: string;
  exitCode?: number;
  signal?: number;
  message?: string;
}): string {
  const how = end.signal
    ? `was ended by signal ${end.signal}`
    : `exited with code ${end.exitCode ?? 'unknown'}`;
  const why = end.reason && end.reason !== 'Error' ? ` (${end.reason})` : '';
  return `${how}${why}${end.message ? `: ${end.message.trim()}` : ''}`;
}

function restartWords(restarts: number): string {
  if (restarts === 0) return '';
  return `, ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`;
}

function ofReadiness(pod: KubernetesObject, containers: ContainerRow[]): Why {
  const ready = condition(pod, 'Ready');
  const reason = ready?.reason ?? (ready ? 'NotReady' : 'Pending');
  if (reason !== 'ContainersNotReady') {
    return { reason, message: shorten(ready?.message) };
  }
  const running = containers.filter(
    each =>
      (each.kind === 'container' || each.kind === 'sidecar') &&
      each.state === 'running' &&
      !each.ready,
  );
  if (running.length === 0) {
    return { reason, message: shorten(ready?.message) };
  }
  const statuses = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
  ];
  const words = running.map(({ name }) => {
    const started = statuses.find(status => status.name === name)?.started;
    return `container ${name} runs, its ${
      started === false ? 'startup' : 'readiness'
    } probe has not succeeded`;
  });
  return { reason, message: words.join('; ') };
}

function condition(pod: KubernetesObject, type: string): any {
  return pod.status?.conditions?.find((each: any) => each.type === type);
}
