import { PodState } from '@switchyard/backstage-plugin-deploys-common';
import { Tone } from '@switchyard/backstage-plugin-runs-react';
import { ArrangedPod } from './arrangePods';
import { PodCondition } from './podCondition';

const tones: Record<PodCondition, Tone> = {
  attention: 'error',
  starting: 'active',
  leaving: 'waiting',
  ready: 'ok',
  done: 'neutral',
};

/** The tone of a pod's state. */
export function podTone(pod: ArrangedPod): Tone {
  return tones[pod.condition];
}

/** The word for a pod's state: that of Kubernetes where it has one, such as CrashLoopBackOff. */
export function podWord({ pod, condition }: ArrangedPod): string {
  switch (condition) {
    case 'ready':
      return 'Ready';
    case 'done':
      return 'Completed';
    case 'leaving':
      return 'Terminating';
    case 'starting':
      return pod.phase === 'Running' ? 'Not ready yet' : 'Starting';
    default:
      return faultWord(pod);
  }
}

function faultWord(pod: PodState): string {
  const fault = pod.containers.find(
    container => !container.ready && container.reason,
  );
  const word = leadingWord(pod.reason) ?? fault?.reason;
  return word ?? (pod.phase === 'Running' ? 'Not ready' : pod.phase);
}

/** Why a pod is not ready, in plain words; undefined when there is nothing to add to the word. */
export function podReason({ pod, condition }: ArrangedPod): string | undefined {
  if (condition === 'ready' || condition === 'done' || condition === 'leaving')
    return undefined;
  // The word stands above already.
  const word = leadingWord(pod.reason);
  const reason = word ? pod.reason?.slice(word.length + 2) : pod.reason;
  // A pod that no node takes says it in both, in the message with what preemption would do.
  if (!pod.message || reason?.includes(pod.message)) return reason;
  if (!reason || pod.message.includes(reason)) return pod.message;
  return `${reason}: ${pod.message}`;
}

/** The word of Kubernetes that a reason begins with: `Unschedulable` of 'Unschedulable: no node has …'. */
function leadingWord(reason: string | undefined): string | undefined {
  return reason && /^([A-Z][A-Za-z]+)(?:: |$)/.exec(reason)?.[1];
}

/** 'OOMKilled (exit 137)': why a container was started again. */
export function describeRestart(
  restart: NonNullable<PodState['lastRestart']>,
): string {
  const { reason, exitCode } = restart;
  const code = exitCode === undefined ? undefined : `exit ${exitCode}`;
  if (reason && code) return `${reason} (${code})`;
  return reason ?? code ?? 'reason unknown';
}
