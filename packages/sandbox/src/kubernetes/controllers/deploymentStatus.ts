import { deepEqual, Json } from '../json';
import { KubernetesObject } from '../types';
import { withoutZeros } from './pods';
import { RolloutLimits } from './rollout';

export type Condition = Json;

/** Sets a condition; one of the same status and reason stays as it is, one of the same status keeps its transition time. */
export function setCondition(
  conditions: Condition[],
  condition: { type: string; status: string; reason: string; message: string },
  now: string,
): Condition[] {
  const current = conditions.find(({ type }) => type === condition.type);
  if (
    current &&
    current.status === condition.status &&
    current.reason === condition.reason
  ) {
    return conditions;
  }
  const lastTransitionTime =
    current?.status === condition.status ? current.lastTransitionTime : now;
  return [
    ...conditions.filter(({ type }) => type !== condition.type),
    { ...condition, lastTransitionTime, lastUpdateTime: now },
  ];
}

export interface StatusInput {
  deployment: KubernetesObject;
  newSet: KubernetesObject | undefined;
  sets: KubernetesObject[];
  limits: RolloutLimits;
  now: string;
  /** World milliseconds without progress are over the deadline. */
  isOverdue: boolean;
}

const total = (
  sets: KubernetesObject[],
  count: (set: KubernetesObject) => number | undefined,
) => sets.reduce((sum, set) => sum + (count(set) ?? 0), 0);

/** A Deployment's status, from its ReplicaSets and from what it was. */
export function deploymentStatus(input: StatusInput): Json {
  const { deployment, newSet, sets, now } = input;
  const before: Json = deployment.status ?? {};
  const available = total(sets, set => set.status?.availableReplicas);
  const wanted = total(sets, set => set.spec.replicas);
  const counts = {
    observedGeneration: deployment.metadata.generation,
    replicas: total(sets, set => set.status?.replicas),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: total(sets, set => set.status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wanted - available),
  };
  const isAvailable =
    available >= input.limits.replicas - input.limits.maxUnavailable;
  let conditions = setCondition(
    before.conditions ?? [],
    isAvailable
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
    now,
  );
  conditions = withProgress(conditions, counts, input);
  const failure = sets
    .flatMap(set => set.status?.conditions ?? [])
    .find((condition: Condition) => condition.type === 'ReplicaFailure');
  conditions = failure
    ? setCondition(
        conditions,
        { ...failure, type: 'ReplicaFailure' } as any,
        now,
      )
    : conditions.filter(({ type }) => type !== 'ReplicaFailure');
  const status: Json = { ...withoutZeros(counts), conditions };
  if (before.collisionCount) {
    status.collisionCount = before.collisionCount;
  }
  return deepEqual(status, before) ? before : status;
}

function withProgress(
  conditions: Condition[],
  counts: Json,
  input: StatusInput,
): Condition[] {
  const { deployment, newSet, now } = input;
  if (deployment.spec.progressDeadlineSeconds === 2147483647) {
    return conditions.filter(({ type }) => type !== 'Progressing');
  }
  const current = conditions.find(({ type }) => type === 'Progressing');
  const isCompleted =
    counts.replicas === counts.updatedReplicas &&
    current?.reason === 'NewReplicaSetAvailable';
  if (isCompleted) {
    return conditions;
  }
  const subject = newSet
    ? `ReplicaSet "${newSet.metadata.name}"`
    : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, counts)) {
    return setCondition(
      conditions,
      {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: `${subject} has successfully progressed.`,
      },
      now,
    );
  }
  if (hasProgressed(deployment.status ?? {}, counts)) {
    const next = {
      type: 'Progressing',
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: `${subject} is progressing.`,
      lastUpdateTime: now,
      lastTransitionTime:
        current?.status === 'True' ? current.lastTransitionTime : now,
    };
    return [...conditions.filter(({ type }) => type !== 'Progressing'), next];
  }
  if (input.isOverdue) {
    return setCondition(
      conditions,
      {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: `${subject} has timed out progressing.`,
      },
      now,
    );
  }
  return conditions;
}

/** All pods are of the new template, and all are available. */
export function isComplete(
  deployment: KubernetesObject,
  status: Json,
): boolean {
  const { replicas } = deployment.spec;
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function hasProgressed(before: Json, after: Json): boolean {
  const old = (status: Json) =>
    (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}
