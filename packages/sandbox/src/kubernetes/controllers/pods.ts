import { WorldClock } from '../../world/clock';
import { Json } from '../json';
import { KubernetesObject } from '../types';

export function conditionOf(
  object: KubernetesObject,
  type: string,
): Json | undefined {
  return object.status?.conditions?.find(
    (condition: Json) => condition.type === type,
  );
}

export function isReady(pod: KubernetesObject): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

/** Neither ended nor on its way out: what a controller counts. */
export function isActive(pod: KubernetesObject): boolean {
  return !hasEnded(pod) && !pod.metadata.deletionTimestamp;
}

export function hasEnded(pod: KubernetesObject): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** World milliseconds until a ready pod counts as available; 0 if it does, undefined if it is not ready. */
export function untilAvailable(
  pod: KubernetesObject,
  minReadySeconds: number,
  {
    clock,
    readySince,
  }: { clock: WorldClock; readySince: ReadonlyMap<string, number> },
): number | undefined {
  if (!isReady(pod)) {
    return undefined;
  }
  const exact = readySince.get(pod.metadata.uid!);
  const readyMs =
    exact === undefined
      ? clock.since(conditionOf(pod, 'Ready')!.lastTransitionTime)
      : clock.elapsed() - exact;
  return Math.max(0, minReadySeconds * 1000 - readyMs);
}

export function controllerOf(
  object: KubernetesObject,
): { kind: string; name: string; uid: string } | undefined {
  return object.metadata.ownerReferences?.find(owner => owner.controller);
}

export function ownerReference(owner: KubernetesObject): Json {
  return {
    apiVersion: owner.apiVersion,
    blockOwnerDeletion: true,
    controller: true,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
  };
}

/** A new pod as its controller makes it from a template. */
export function podFromTemplate(
  owner: KubernetesObject,
  template: Json,
  namePrefix: string,
): KubernetesObject {
  const { metadata = {}, spec } = template;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: namePrefix,
      namespace: owner.metadata.namespace,
      ...(metadata.labels ? { labels: metadata.labels } : {}),
      ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
      ...(metadata.finalizers ? { finalizers: metadata.finalizers } : {}),
      ownerReferences: [ownerReference(owner) as any],
    },
    spec,
  };
}

/** Members that are 0 are left out, as Go does with `omitempty`. */
export function withoutZeros<T extends Json>(status: T): T {
  return Object.fromEntries(
    Object.entries(status).filter(
      ([, value]) => value !== 0 && value !== undefined,
    ),
  ) as T;
}
