import { Json } from '../json';
import { KubernetesObject } from '../types';

/** Phase and message of a Rollout, by the rules that its kubectl plugin and Argo CD share. */
export function phaseOf({ spec, status }: KubernetesObject): {
  phase: 'Healthy' | 'Progressing' | 'Paused' | 'Degraded';
  message?: string;
} {
  const progressing = status.conditions.find(
    (each: Json) => each.type === 'Progressing',
  );
  if (
    progressing &&
    ['RolloutAborted', 'ProgressDeadlineExceeded'].includes(progressing.reason)
  ) {
    return {
      phase: 'Degraded',
      message: `${progressing.reason}: ${progressing.message}`,
    };
  }
  const [pause] = status.pauseConditions ?? [];
  if (pause || spec.paused) {
    return { phase: 'Paused', message: pause?.reason ?? 'manually paused' };
  }
  const { updatedReplicas = 0, availableReplicas = 0 } = status;
  const waiting = (message: string) => ({
    phase: 'Progressing' as const,
    message,
  });
  if (updatedReplicas < spec.replicas) {
    return waiting('more replicas need to be updated');
  }
  if (availableReplicas < updatedReplicas) {
    return waiting('updated replicas are still becoming available');
  }
  if (spec.strategy.blueGreen) {
    const { activeSelector } = status.blueGreen;
    if (activeSelector !== status.currentPodHash) {
      return waiting('active service cutover pending');
    }
    return activeSelector === status.stableRS
      ? { phase: 'Healthy' }
      : waiting('waiting for analysis to complete');
  }
  if ((status.replicas ?? 0) > updatedReplicas) {
    return waiting('old replicas are pending termination');
  }
  return status.stableRS === status.currentPodHash
    ? { phase: 'Healthy' }
    : waiting('waiting for all steps to complete');
}

export interface ConditionsInput {
  before: readonly Json[];
  now: string;
  isAvailable: boolean;
  isPaused: boolean;
  isCompleted: boolean;
  isHealthy: boolean;
  revision: number;
  /** Name of the set that is rolled out. */
  newSet: string;
  /** Why it was aborted; empty if by a person. */
  abort?: string;
  isOverdue: boolean;
}

/** The conditions that the controller writes, each with the time since when it is so. */
export function conditionsOf(input: ConditionsInput): Json[] {
  const { revision, newSet } = input;
  const wanted: Array<[string, boolean, string, string]> = [
    input.isAvailable
      ? [
          'Available',
          true,
          'AvailableReason',
          'Rollout has minimum availability',
        ]
      : [
          'Available',
          false,
          'AvailableReason',
          'Rollout does not have minimum availability',
        ],
    ['Paused', input.isPaused, 'RolloutPaused', 'Rollout is paused'],
    input.isHealthy
      ? ['Healthy', true, 'RolloutHealthy', 'Rollout is healthy']
      : ['Healthy', false, 'RolloutHealthy', 'Rollout is not healthy'],
    input.isCompleted
      ? [
          'Completed',
          true,
          'RolloutCompleted',
          `Rollout completed update to revision ${revision}`,
        ]
      : [
          'Completed',
          false,
          'RolloutCompleted',
          `Rollout not completed, started update to revision ${revision}`,
        ],
    progressOf(input, newSet),
  ];
  return wanted.map(([type, isTrue, reason, message]) => {
    const known = input.before.find(each => each.type === type);
    const status = isTrue ? 'True' : 'False';
    if (
      known?.status === status &&
      known.reason === reason &&
      known.message === message
    ) {
      return known;
    }
    return {
      type,
      status,
      reason,
      message,
      lastTransitionTime:
        known?.status === status ? known.lastTransitionTime : input.now,
      lastUpdateTime: input.now,
    };
  });
}

function progressOf(
  input: ConditionsInput,
  newSet: string,
): [string, boolean, string, string] {
  if (input.abort !== undefined) {
    return [
      'Progressing',
      false,
      'RolloutAborted',
      `Rollout aborted update to revision ${input.revision}${
        input.abort ? `: ${input.abort}` : ''
      }`,
    ];
  }
  if (input.isPaused) {
    return ['Progressing', true, 'RolloutPaused', 'Rollout is paused'];
  }
  if (input.isCompleted && input.isHealthy) {
    return [
      'Progressing',
      true,
      'NewReplicaSetAvailable',
      `ReplicaSet "${newSet}" has successfully progressed.`,
    ];
  }
  return input.isOverdue
    ? [
        'Progressing',
        false,
        'ProgressDeadlineExceeded',
        `ReplicaSet "${newSet}" has timed out progressing.`,
      ]
    : [
        'Progressing',
        true,
        'ReplicaSetUpdated',
        `ReplicaSet "${newSet}" is progressing.`,
      ];
}
