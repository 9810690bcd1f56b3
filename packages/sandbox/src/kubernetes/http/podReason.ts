import { conditionOf } from '../controllers/pods';
import { Json } from '../json';
import { KubernetesObject } from '../types';

/** What kubectl prints in a pod's STATUS column. */
export function podReason(pod: KubernetesObject): string {
  const { status = {}, metadata } = pod;
  let reason: string = status.reason || status.phase || '';
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.reason === 'SchedulingGated') {
    reason = 'SchedulingGated';
  }
  const initReason = initReasonOf(pod);
  if (initReason) {
    reason = initReason;
  } else {
    reason = mainReasonOf(pod, reason);
  }
  if (metadata.deletionTimestamp) {
    return status.reason === 'NodeLost' ? 'Unknown' : 'Terminating';
  }
  return reason;
}

function initReasonOf(pod: KubernetesObject): string | undefined {
  const statuses: Json[] = pod.status?.initContainerStatuses ?? [];
  const specs: Json[] = pod.spec.initContainers ?? [];
  for (const [index, status] of statuses.entries()) {
    const { terminated, waiting } = status.state ?? {};
    const isSidecar =
      specs.find(spec => spec.name === status.name)?.restartPolicy === 'Always';
    if (terminated?.exitCode === 0 || (isSidecar && status.started)) {
      continue;
    }
    if (terminated) {
      return terminated.reason
        ? `Init:${terminated.reason}`
        : `Init:${
            terminated.signal
              ? `Signal:${terminated.signal}`
              : `ExitCode:${terminated.exitCode}`
          }`;
    }
    return waiting?.reason && waiting.reason !== 'PodInitializing'
      ? `Init:${waiting.reason}`
      : `Init:${index}/${specs.length}`;
  }
  return undefined;
}

function mainReasonOf(pod: KubernetesObject, phase: string): string {
  let reason = phase;
  let hasRunning = false;
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    const { waiting, terminated, running } = status.state ?? {};
    if (waiting?.reason) {
      reason = waiting.reason;
    } else if (terminated?.reason) {
      reason = terminated.reason;
    } else if (terminated) {
      reason = terminated.signal
        ? `Signal:${terminated.signal}`
        : `ExitCode:${terminated.exitCode}`;
    } else if (status.ready && running) {
      hasRunning = true;
    }
  }
  if (reason === 'Completed' && hasRunning) {
    return conditionOf(pod, 'Ready')?.status === 'True'
      ? 'Running'
      : 'NotReady';
  }
  return reason;
}
