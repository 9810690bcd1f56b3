import { ContainerRow, ObjectRow } from '../../rows';
import { KubernetesObject } from '../kubernetesObject';

const ENTITY_ANNOTATIONS = [
  'switchyard/entity-ref',
  'backstage.io/entity-ref',
] as const;

/** What all rows have. @internal */
export function objectRow(
  object: KubernetesObject,
  options: { cluster: string },
): ObjectRow {
  const { metadata } = object;
  const controller = metadata.ownerReferences?.find(owner => owner.controller);
  return {
    cluster: options.cluster,
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion ?? '',
    labels: metadata.labels ?? {},
    createdAt: metadata.creationTimestamp ?? '',
    ...(metadata.deletionTimestamp && {
      deletedAt: metadata.deletionTimestamp,
    }),
    ...(controller && {
      owner: {
        kind: controller.kind,
        name: controller.name,
        uid: controller.uid,
      },
    }),
  };
}

/** The entity that an object's own annotations name: its consent. @internal */
export function entityRefOf(
  annotations: Readonly<Record<string, string>> | undefined,
): string | undefined {
  for (const name of ENTITY_ANNOTATIONS) {
    const value = annotations?.[name];
    if (value) return value;
  }
  return undefined;
}

/** Containers of a pod template. @internal */
export function templateContainers(
  podSpec: any,
): Array<{ name: string; image: string; kind: ContainerRow['kind'] }> {
  const containers = [];
  for (const container of podSpec?.initContainers ?? []) {
    containers.push({
      name: container.name,
      image: container.image ?? '',
      kind: initKind(container),
    });
  }
  for (const container of podSpec?.containers ?? []) {
    containers.push({
      name: container.name,
      image: container.image ?? '',
      kind: 'container' as const,
    });
  }
  return containers;
}

/** An init container that is started again runs beside the others: a sidecar. @internal */
export function initKind(container: {
  restartPolicy?: string;
}): 'init' | 'sidecar' {
  return container.restartPolicy === 'Always' ? 'sidecar' : 'init';
}

/** A number that the API leaves out when it is zero. @internal */
export function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
