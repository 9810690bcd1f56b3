import { Json } from '../json';
import { Registry } from '../store/Registry';
import { KubernetesObject } from '../types';

/** What a container's environment names and the cluster does not have, in the kubelet's words. */
export function missingReference(
  registry: Registry,
  pod: KubernetesObject,
  container: Json,
): string | undefined {
  for (const source of container.envFrom ?? []) {
    const problem =
      missing(registry, pod, 'ConfigMap', source.configMapRef) ??
      missing(registry, pod, 'Secret', source.secretRef);
    if (problem) {
      return problem;
    }
  }
  for (const { valueFrom } of container.env ?? []) {
    const problem =
      missing(registry, pod, 'ConfigMap', valueFrom?.configMapKeyRef) ??
      missing(registry, pod, 'Secret', valueFrom?.secretKeyRef);
    if (problem) {
      return problem;
    }
  }
  return undefined;
}

function missing(
  registry: Registry,
  pod: KubernetesObject,
  kind: 'ConfigMap' | 'Secret',
  reference: Json | undefined,
): string | undefined {
  if (!reference || reference.optional) {
    return undefined;
  }
  const { namespace } = pod.metadata;
  const object = registry.get({
    apiVersion: 'v1',
    kind,
    namespace,
    name: reference.name,
  });
  if (!object) {
    return `${kind.toLowerCase()} "${reference.name}" not found`;
  }
  const { key } = reference;
  if (
    key !== undefined &&
    object.data?.[key] === undefined &&
    object.binaryData?.[key] === undefined
  ) {
    return `couldn't find key ${key} in ${kind} ${namespace}/${reference.name}`;
  }
  return undefined;
}

/** Why a pod's volumes cannot be mounted, in the kubelet's words. */
export function missingVolume(
  registry: Registry,
  pod: KubernetesObject,
): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const references: Array<['ConfigMap' | 'Secret', Json | undefined]> = [
      ['ConfigMap', volume.configMap],
      [
        'Secret',
        volume.secret && {
          name: volume.secret.secretName,
          optional: volume.secret.optional,
        },
      ],
    ];
    for (const [kind, reference] of references) {
      const problem = missing(
        registry,
        pod,
        kind,
        reference && { ...reference, key: undefined },
      );
      if (problem) {
        return `MountVolume.SetUp failed for volume "${volume.name}" : ${problem}`;
      }
    }
  }
  return undefined;
}
