/**
 * An object as the API server gives it. Only what all kinds have is typed: the rest is read defensively where rows are made of it.
 *
 * @internal
 */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    finalizers?: string[];
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: Array<{
      apiVersion: string;
      kind: string;
      name: string;
      uid: string;
      controller?: boolean;
    }>;
    managedFields?: Array<{
      manager?: string;
      operation?: string;
      apiVersion?: string;
      time?: string;
      subresource?: string;
    }>;
  };
  [field: string]: any;
}

/** @internal */
export function isKubernetesObject(value: unknown): value is KubernetesObject {
  const metadata = (value as KubernetesObject | undefined)?.metadata;
  return (
    typeof metadata === 'object' &&
    metadata !== null &&
    typeof metadata.name === 'string' &&
    typeof metadata.uid === 'string'
  );
}
