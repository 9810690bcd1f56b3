import { ObjectOrigin } from '../rows';
import { KubernetesObject } from './kubernetesObject';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Takes managedFields and last-applied out of the object (which is changed) and answers what rules need of them.
 * Together they are often half of an object, and no screen shows them.
 *
 * @internal
 */
export function slimObject(object: KubernetesObject): ObjectOrigin {
  const { metadata } = object;
  const managers = (metadata.managedFields ?? []).map(field => ({
    manager: field.manager ?? '',
    operation: field.operation ?? '',
    apiVersion: field.apiVersion ?? '',
    ...(field.time && { time: field.time }),
    ...(field.subresource && { subresource: field.subresource }),
  }));
  delete metadata.managedFields;

  const lastApplied = metadata.annotations?.[LAST_APPLIED];
  if (lastApplied === undefined) return { managers };
  delete metadata.annotations![LAST_APPLIED];
  const lastAppliedApiVersion = apiVersionOf(lastApplied);
  return { managers, ...(lastAppliedApiVersion && { lastAppliedApiVersion }) };
}

function apiVersionOf(manifest: string): string | undefined {
  // kubectl sorts the keys, so it stands first: no need to parse kilobytes of JSON at each change of an object.
  const first = /^\{"apiVersion":"([^"\\]+)"/.exec(manifest);
  if (first) return first[1];
  try {
    const { apiVersion } = JSON.parse(manifest);
    return typeof apiVersion === 'string' ? apiVersion : undefined;
  } catch {
    return undefined;
  }
}
