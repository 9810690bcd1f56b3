import { IncomingMessage } from 'node:http';
import { noSuchPath } from '../ApiError';
import { ResourceType } from '../resources';
import {
  aggregated,
  coreVersions,
  groupList,
  oneGroup,
  resourceList,
} from './discovery';
import { openApiIndex, openApiText } from './openapi';

export interface DiscoveryAnswer {
  text: string;
  headers?: Record<string, string>;
}

/**
 * Everything that tells what the server can do: version, groups, resources, OpenAPI. Undefined for a path that is about objects.
 *
 * @param cluster - its version (`1.34.2`) and what it serves
 */
export function discover(
  request: IncomingMessage,
  path: string,
  segments: string[],
  cluster: { version: string; types: readonly ResourceType[] },
): DiscoveryAnswer | undefined {
  if (request.method !== 'GET') {
    return undefined;
  }
  const { types } = cluster;
  if (path === '/version') {
    return json(versionOf(cluster.version));
  }
  if (segments[0] === 'openapi' && segments[1] === 'v3') {
    const text =
      segments.length === 2
        ? JSON.stringify(openApiIndex(types))
        : openApiText(types, segments.slice(3).join('/'));
    return { text: found(text) };
  }
  if (path === '/api' || path === '/apis') {
    return root(request, types, segments[0] as 'api' | 'apis');
  }
  if (segments[0] === 'apis' && segments.length === 2) {
    return json(found(oneGroup(types, segments[1])));
  }
  if (
    (segments[0] === 'api' && segments.length === 2) ||
    (segments[0] === 'apis' && segments.length === 3)
  ) {
    return json(found(resourceList(types, segments.slice(1).join('/'))));
  }
  return undefined;
}

function json(value: unknown): DiscoveryAnswer {
  return { text: JSON.stringify(value) };
}

function found<T>(value: T | undefined): T {
  if (value === undefined) {
    throw noSuchPath();
  }
  return value;
}

function root(
  request: IncomingMessage,
  types: readonly ResourceType[],
  name: 'api' | 'apis',
): DiscoveryAnswer {
  const accepted = String(request.headers.accept ?? '');
  if (
    /g=apidiscovery\.k8s\.io;v=v2(;|,|$)/.test(accepted) &&
    accepted.includes('as=APIGroupDiscoveryList')
  ) {
    return {
      ...json(aggregated(types, name)),
      headers: {
        'Content-Type':
          'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
      },
    };
  }
  return json(
    name === 'api'
      ? coreVersions(request.headers.host ?? '')
      : groupList(types),
  );
}

function versionOf(version: string): Record<string, string> {
  const [major, minor] = version.split('.');
  return {
    major,
    minor,
    gitVersion: `v${version}`,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '2026-06-16T12:00:00Z',
    goVersion: 'go1.24.4',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}
