import { Json } from '../json';
import { apiVersionOf, ResourceType } from '../resources';

/** What the cluster serves. */
type Types = readonly ResourceType[];

const READ_VERBS = ['get', 'list', 'watch'];
const ALL_VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

function verbsOf(resource: ResourceType): string[] {
  if (resource.isComputed) {
    return ['get', 'list'];
  }
  return resource.emptyOnly ? READ_VERBS : ALL_VERBS;
}

interface Subresource {
  name: string;
  kind: string;
  group?: string;
  version?: string;
  verbs: string[];
}

function subresourcesOf(resource: ResourceType): Subresource[] {
  const result: Subresource[] = [];
  if (resource.kind === 'Pod') {
    result.push(
      { name: 'ephemeralcontainers', kind: 'Pod', verbs: ['patch', 'update'] },
      {
        name: 'eviction',
        kind: 'Eviction',
        group: 'policy',
        version: 'v1',
        verbs: ['create'],
      },
      { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
      { name: 'log', kind: 'Pod', verbs: ['get'] },
    );
  }
  if (resource.hasScale) {
    result.push({
      name: 'scale',
      kind: 'Scale',
      group: 'autoscaling',
      version: 'v1',
      verbs: ['get', 'patch', 'update'],
    });
  }
  if (resource.hasStatus) {
    result.push({
      name: 'status',
      kind: resource.kind,
      verbs: ['get', 'patch', 'update'],
    });
  }
  return result;
}

/** The group that reviews are asked in; it has no objects. */
const REVIEW_GROUP = { group: 'authorization.k8s.io', version: 'v1' };
const REVIEWS = ['SelfSubjectAccessReview', 'SelfSubjectRulesReview'].map(
  kind => ({
    kind,
    singular: kind.toLowerCase(),
    plural: `${kind.toLowerCase()}s`,
  }),
);

function groups(types: Types): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { group, version } of [...types, REVIEW_GROUP]) {
    const versions = found.get(group) ?? [];
    found.set(
      group,
      versions.includes(version) ? versions : [...versions, version],
    );
  }
  return found;
}

function groupVersion(group: string, version: string): string {
  return group ? `${group}/${version}` : version;
}

/** `/api` */
export function coreVersions(address: string): Json {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [
      { clientCIDR: '0.0.0.0/0', serverAddress: address },
    ],
  };
}

/** `/apis` */
export function groupList(types: Types): Json {
  const items = [...groups(types)]
    .filter(([group]) => group !== '')
    .map(([group, versions]) => groupEntry(group, versions));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: items };
}

function groupEntry(name: string, versions: string[]): Json {
  const all = versions.map(version => ({
    groupVersion: groupVersion(name, version),
    version,
  }));
  return { name, versions: all, preferredVersion: all[0] };
}

/** `/apis/<group>`; undefined for a group that is not served. */
export function oneGroup(types: Types, name: string): Json | undefined {
  const versions = name ? groups(types).get(name) : undefined;
  return (
    versions && {
      kind: 'APIGroup',
      apiVersion: 'v1',
      ...groupEntry(name, versions),
    }
  );
}

/** `/api/v1` and `/apis/<group>/<version>`; undefined for a version that is not served. */
export function resourceList(
  types: Types,
  apiVersion: string,
): Json | undefined {
  const resources = types
    .filter(resource => apiVersionOf(resource) === apiVersion)
    .flatMap(resource => [
      {
        name: resource.plural,
        singularName: resource.singular,
        namespaced: resource.namespaced,
        kind: resource.kind,
        verbs: verbsOf(resource),
        ...(resource.shortNames.length > 0
          ? { shortNames: resource.shortNames }
          : {}),
        ...(resource.categories.length > 0
          ? { categories: resource.categories }
          : {}),
      },
      ...subresourcesOf(resource).map(({ name, ...rest }) => ({
        name: `${resource.plural}/${name}`,
        singularName: '',
        namespaced: resource.namespaced,
        ...rest,
      })),
    ]);
  if (apiVersion === 'authorization.k8s.io/v1') {
    resources.push(
      ...REVIEWS.map(({ plural, singular, kind }) => ({
        name: plural,
        singularName: singular,
        namespaced: false,
        kind,
        verbs: ['create'],
      })),
    );
  }
  return resources.length > 0
    ? {
        kind: 'APIResourceList',
        apiVersion: 'v1',
        groupVersion: apiVersion,
        resources,
      }
    : undefined;
}

/** Everything in one answer, as `/api` and `/apis` give it to those who ask for `APIGroupDiscoveryList`. */
export function aggregated(types: Types, root: 'api' | 'apis'): Json {
  const items = [...groups(types)]
    .filter(([group]) => (group === '') === (root === 'api'))
    .map(([group, versions]) => ({
      metadata: { ...(group ? { name: group } : {}), creationTimestamp: null },
      versions: versions.map(version => ({
        version,
        freshness: 'Current',
        resources: aggregatedResources(types, group, version),
      })),
    }));
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items,
  };
}

function aggregatedResources(
  types: Types,
  group: string,
  version: string,
): Json[] {
  const responseKind = (kind: string) => ({ group, version, kind });
  const resources: Json[] = types
    .filter(
      resource => resource.group === group && resource.version === version,
    )
    .map(resource => ({
      resource: resource.plural,
      responseKind: responseKind(resource.kind),
      scope: resource.namespaced ? 'Namespaced' : 'Cluster',
      singularResource: resource.singular,
      verbs: verbsOf(resource),
      ...(resource.shortNames.length > 0
        ? { shortNames: resource.shortNames }
        : {}),
      ...(resource.categories.length > 0
        ? { categories: resource.categories }
        : {}),
      subresources: subresourcesOf(resource).map(each => ({
        subresource: each.name,
        responseKind: {
          group: each.group ?? group,
          version: each.version ?? version,
          kind: each.kind,
        },
        verbs: each.verbs,
      })),
    }));
  if (group === REVIEW_GROUP.group) {
    resources.push(
      ...REVIEWS.map(({ plural, singular, kind }) => ({
        resource: plural,
        responseKind: responseKind(kind),
        scope: 'Cluster',
        singularResource: singular,
        verbs: ['create'],
      })),
    );
  }
  return resources;
}
