import { Json } from '../json';
import { resourceOfKind } from '../resources';
import { Registry } from '../store/Registry';
import { KubernetesObject } from '../types';

/** The variables that a process in the container sees, with the values of Secrets and ConfigMaps. */
export function containerEnvironment(
  registry: Registry,
  pod: KubernetesObject,
  container: Json,
): Record<string, string> {
  const dataOf = (kind: 'ConfigMap' | 'Secret', name: string) => {
    const object = registry.storage.get(
      resourceOfKind('v1', kind)!,
      pod.metadata.namespace,
      name,
    );
    return Object.fromEntries(
      Object.entries<string>(object?.data ?? {}).map(([key, value]) => [
        key,
        kind === 'Secret'
          ? Buffer.from(value, 'base64').toString('utf8')
          : value,
      ]),
    );
  };
  const environment: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOSTNAME: pod.metadata.name,
    HOME: '/root',
  };
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ??
    []) {
    const data = configMapRef
      ? dataOf('ConfigMap', configMapRef.name)
      : dataOf('Secret', secretRef?.name);
    for (const [key, value] of Object.entries(data)) {
      environment[`${prefix}${key}`] = value;
    }
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const secret = valueFrom?.secretKeyRef;
    const map = valueFrom?.configMapKeyRef;
    const field = valueFrom?.fieldRef?.fieldPath;
    environment[name] =
      value ??
      (secret && dataOf('Secret', secret.name)[secret.key]) ??
      (map && dataOf('ConfigMap', map.name)[map.key]) ??
      (field && fieldOf(pod, field)) ??
      '';
  }
  return environment;
}

function fieldOf(pod: KubernetesObject, path: string): string {
  const value = path
    .split('.')
    .reduce<any>((object, key) => object?.[key], pod);
  return String(value ?? '');
}
