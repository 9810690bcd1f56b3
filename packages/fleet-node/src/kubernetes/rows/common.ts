import { ContainerRow, ObjectRow } from '../../rows';
import { internRecord, internString } from '../../store/intern';
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
    cluster: internString(options.cluster),
    apiVersion: internString(object.apiVersion),
    kind: internString(object.kind),
    namespace: internString(metadata.namespace ?? ''),
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion ?? '',
    labels: internRecord(metadata.labels ?? {}),
    // Times have seconds: all pods of a rollout share a few.
    createdAt: internString(metadata.creationTimestamp ?? ''),
    ...(metadata.deletionTimestamp && {
      deletedAt: metadata.deletionTimestamp,
    }),
    ...(controller && {
      owner: internRecord({
        kind: controller.kind,
        name: controller.name,
        uid: controller.uid,
      }) as ObjectRow['owner'],
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
      name: internString(container.name),
      image: internString(container.image ?? ''),
      kind: initKind(container),
    });
  }
  for (const container of podSpec?.containers ?? []) {
    containers.push({
      name: internString(container.name),
      image: internString(container.image ?? ''),
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
