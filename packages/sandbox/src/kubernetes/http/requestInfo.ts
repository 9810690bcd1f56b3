import { badRequest, noSuchPath, unimplemented } from '../ApiError';
import { ResourceType } from '../resources';
import { ResourceTypes } from '../ResourceTypes';

/** What a path of the API is about. */
export interface ResourcePath {
  resource: ResourceType;
  namespace?: string;
  name?: string;
  subresource?: string;
}

/** Groups that Kubernetes has: what of them the sandbox lacks is not implemented, what is in no group does not exist. */
const KNOWN_GROUPS = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
]);

/**
 * Reads the path below `/api/v1` and `/apis/<group>/<version>`. Undefined for a path of the group itself (its discovery).
 *
 * @param types - of the cluster
 * @throws ApiError 501 for a resource that Kubernetes has and the sandbox does not, 404 for a group that no server has
 */
export function parseResourcePath(
  method: string,
  segments: string[],
  types: Pick<ResourceTypes, 'ofPlural'>,
): ResourcePath | undefined {
  const isCore = segments[0] === 'api';
  const apiVersion = isCore ? segments[1] : `${segments[1]}/${segments[2]}`;
  const rest = segments.slice(isCore ? 2 : 3);
  if (rest.length === 0) {
    return undefined;
  }
  if (rest[0] === 'watch' || rest[0] === 'proxy') {
    throw unimplemented(
      `${method} /${segments.slice(0, isCore ? 2 : 3).join('/')}/${rest[0]}/…`,
    );
  }
  let namespace: string | undefined;
  if (
    rest[0] === 'namespaces' &&
    rest.length > 2 &&
    !['status', 'finalize'].includes(rest[2])
  ) {
    namespace = rest[1];
    rest.splice(0, 2);
  }
  const [plural, name, subresource, ...more] = rest;
  const resource = types.ofPlural(apiVersion, plural);
  if (!resource || more.length > 0) {
    if (!isCore && !KNOWN_GROUPS.has(segments[1])) {
      throw noSuchPath();
    }
    throw unimplemented(
      `${method} ${plural}${isCore ? '' : `.${segments[1]}/${segments[2]}`}${
        subresource ? `/${subresource}` : ''
      }`,
    );
  }
  if (resource.namespaced && name !== undefined && namespace === undefined) {
    throw noSuchPath();
  }
  if (!resource.namespaced && namespace !== undefined) {
    throw noSuchPath();
  }
  return { resource, namespace, name, subresource };
}

/** A number of a query. Throws 400 for what is none. */
export function numberIn(
  query: URLSearchParams,
  name: string,
): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') {
    return undefined;
  }
  if (!/^-?\d+$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  }
  return Number(text);
}

/** `1` and `true` as Kubernetes reads them. */
export function flagIn(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text !== null && text !== '0' && text !== 'false';
}
