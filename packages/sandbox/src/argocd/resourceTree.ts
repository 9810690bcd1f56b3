import { ClusterStore, KubernetesObject } from '../kubernetes/types';
import { healthOf } from './health';
import { groupOf, Health, keyText, keyOf, versionOf } from './types';

export interface ResourceNode {
  group?: string;
  version: string;
  kind: string;
  namespace?: string;
  name: string;
  uid: string;
  parentRefs?: Array<{
    group?: string;
    kind: string;
    namespace?: string;
    name: string;
    uid: string;
  }>;
  info?: Array<{ name: string; value: string }>;
  networkingInfo?: {
    labels?: Record<string, string>;
    targetLabels?: Record<string, string>;
  };
  resourceVersion?: string;
  images?: string[];
  health?: Health;
  createdAt?: string;
}

export interface ResourceTree {
  nodes: ResourceNode[];
  hosts: Array<{ name: string; systemInfo?: unknown }>;
  shardsCount: number;
}

/** Kinds that other objects own. */
const OWNED_KINDS = [
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'AnalysisRun' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
];

/** The live objects of an Application and all that they own. */
export function resourceTree(
  store: ClusterStore,
  roots: readonly KubernetesObject[],
): ResourceTree {
  const owned = ownedObjects(store, roots);
  const nodes: ResourceNode[] = [];
  const hosts = new Set<string>();
  const seen = new Set<string>();
  const add = (object: KubernetesObject, parent?: KubernetesObject) => {
    const uid = object.metadata.uid ?? keyText(keyOf(object));
    if (seen.has(uid)) {
      return;
    }
    seen.add(uid);
    nodes.push(nodeOf(object, parent));
    if (object.kind === 'Pod' && object.spec?.nodeName) {
      hosts.add(object.spec.nodeName);
    }
    for (const child of owned.get(uid) ?? []) {
      add(child, object);
    }
  };
  for (const root of roots) {
    add(root);
  }
  return {
    nodes,
    hosts: [...hosts].sort().map(name => hostOf(store, name)),
    shardsCount: 1,
  };
}

/** Images of the pods of a tree, sorted: old ones and those of hooks too, for as long as their pods are there. */
export function imagesOf(tree: ResourceTree): string[] {
  return [...new Set(tree.nodes.flatMap(node => node.images ?? []))].sort();
}

function ownedObjects(
  store: ClusterStore,
  roots: readonly KubernetesObject[],
): Map<string, KubernetesObject[]> {
  const namespaces = new Set(
    roots
      .map(root => root.metadata.namespace)
      .filter((namespace): namespace is string => Boolean(namespace)),
  );
  const owned = new Map<string, KubernetesObject[]>();
  for (const namespace of namespaces) {
    for (const kind of OWNED_KINDS) {
      for (const object of store.list({ ...kind, namespace })) {
        for (const owner of object.metadata.ownerReferences ?? []) {
          const siblings = owned.get(owner.uid);
          if (siblings) {
            siblings.push(object);
          } else {
            owned.set(owner.uid, [object]);
          }
        }
      }
    }
  }
  return owned;
}

function nodeOf(
  object: KubernetesObject,
  parent: KubernetesObject | undefined,
): ResourceNode {
  const { metadata } = object;
  return {
    ...reference(object),
    version: versionOf(object),
    ...(parent ? { parentRefs: [reference(parent)] } : {}),
    ...details(object),
    resourceVersion: metadata.resourceVersion,
    health: healthOf(object),
    createdAt: metadata.creationTimestamp,
  };
}

function reference(object: KubernetesObject) {
  const group = groupOf(object);
  return {
    ...(group ? { group } : {}),
    kind: object.kind,
    ...(object.metadata.namespace
      ? { namespace: object.metadata.namespace }
      : {}),
    name: object.metadata.name,
    uid: object.metadata.uid ?? '',
  };
}

function details(
  object: KubernetesObject,
): Pick<ResourceNode, 'info' | 'networkingInfo' | 'images'> {
  if (object.kind === 'Service' && object.spec?.selector) {
    return { networkingInfo: { targetLabels: object.spec.selector } };
  }
  if (object.kind === 'ReplicaSet') {
    const revision =
      object.metadata.annotations?.['deployment.kubernetes.io/revision'];
    return revision
      ? { info: [{ name: 'Revision', value: `Rev:${revision}` }] }
      : {};
  }
  if (object.kind !== 'Pod') {
    return {};
  }
  const containers: Array<{ image: string }> = [
    ...(object.spec?.initContainers ?? []),
    ...(object.spec?.containers ?? []),
  ];
  const statuses: Array<{ ready?: boolean; restartCount?: number }> =
    object.status?.containerStatuses ?? [];
  const restarts = statuses.reduce(
    (sum, status) => sum + (status.restartCount ?? 0),
    0,
  );
  return {
    images: [...new Set(containers.map(container => container.image))],
    networkingInfo: { labels: object.metadata.labels },
    info: [
      { name: 'Status Reason', value: podReason(object) },
      { name: 'Node', value: object.spec?.nodeName ?? '' },
      {
        name: 'Containers',
        value: `${statuses.filter(status => status.ready).length}/${
          (object.spec?.containers ?? []).length
        }`,
      },
      ...(restarts > 0
        ? [{ name: 'Restart Count', value: String(restarts) }]
        : []),
    ],
  };
}

function podReason(object: KubernetesObject): string {
  if (object.metadata.deletionTimestamp) {
    return 'Terminating';
  }
  const statuses = [
    ...(object.status?.initContainerStatuses ?? []),
    ...(object.status?.containerStatuses ?? []),
  ];
  const waiting = statuses
    .map(({ state }) => state?.waiting?.reason)
    .find(reason => reason && reason !== 'PodInitializing');
  return waiting ?? object.status?.reason ?? object.status?.phase ?? 'Unknown';
}

function hostOf(
  store: ClusterStore,
  name: string,
): ResourceTree['hosts'][number] {
  const node = store.get({ apiVersion: 'v1', kind: 'Node', name });
  return {
    name,
    ...(node?.status?.nodeInfo ? { systemInfo: node.status.nodeInfo } : {}),
  };
}
