import { KubernetesObject, ObjectIdentity } from './types';

/** Under which name an object is found. */
export function identityOf(object: KubernetesObject): ObjectIdentity {
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: object.metadata.namespace,
    name: object.metadata.name,
  };
}

/** `storefront/orders`: key of an object within its kind. */
export function keyOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
