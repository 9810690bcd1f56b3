/** A kind as the API server serves it. */
export interface ResourceType {
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  namespaced: boolean;
  shortNames: string[];
  categories: string[];
  /** Always empty: it can be listed and watched as the portal does, and written by nobody. */
  emptyOnly: boolean;
  /** Worked out when it is asked for: it can be read, and neither watched nor written. */
  isComputed: boolean;
  /** Defined in the cluster by a CustomResourceDefinition. */
  isCustom: boolean;
  /** Status is written through its own subresource, and a write to the object itself leaves it alone. */
  hasStatus: boolean;
  hasScale: boolean;
  /** Kinds whose `metadata.generation` counts changes of the spec. */
  hasGeneration: boolean;
}

interface Row {
  gv: string;
  kind: string;
  plural: string;
  short?: string[];
  cluster?: boolean;
  all?: boolean;
  empty?: boolean;
  computed?: boolean;
  status?: boolean;
  scale?: boolean;
  generation?: boolean;
}

const rows: Row[] = [
  { gv: 'v1', kind: 'ConfigMap', plural: 'configmaps', short: ['cm'] },
  {
    gv: 'v1',
    kind: 'Endpoints',
    plural: 'endpoints',
    short: ['ep'],
    empty: true,
  },
  { gv: 'v1', kind: 'Event', plural: 'events', short: ['ev'] },
  {
    gv: 'v1',
    kind: 'LimitRange',
    plural: 'limitranges',
    short: ['limits'],
  },
  {
    gv: 'v1',
    kind: 'Namespace',
    plural: 'namespaces',
    short: ['ns'],
    cluster: true,
    status: true,
  },
  {
    gv: 'v1',
    kind: 'Node',
    plural: 'nodes',
    short: ['no'],
    cluster: true,
    status: true,
  },
  {
    gv: 'v1',
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    short: ['pvc'],
    status: true,
  },
  {
    gv: 'v1',
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    short: ['pv'],
    cluster: true,
    status: true,
  },
  {
    gv: 'v1',
    kind: 'Pod',
    plural: 'pods',
    short: ['po'],
    all: true,
    status: true,
    generation: true,
  },
  {
    gv: 'v1',
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    short: ['rc'],
    all: true,
    empty: true,
  },
  {
    gv: 'v1',
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    short: ['quota'],
    status: true,
  },
  { gv: 'v1', kind: 'Secret', plural: 'secrets' },
  {
    gv: 'v1',
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    short: ['sa'],
  },
  {
    gv: 'v1',
    kind: 'Service',
    plural: 'services',
    short: ['svc'],
    all: true,
    status: true,
  },
  {
    gv: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    short: ['crd', 'crds'],
    cluster: true,
    status: true,
    generation: true,
  },
  {
    gv: 'apps/v1',
    kind: 'ControllerRevision',
    plural: 'controllerrevisions',
  },
  {
    gv: 'apps/v1',
    kind: 'DaemonSet',
    plural: 'daemonsets',
    short: ['ds'],
    all: true,
    status: true,
    generation: true,
  },
  {
    gv: 'apps/v1',
    kind: 'Deployment',
    plural: 'deployments',
    short: ['deploy'],
    all: true,
    status: true,
    scale: true,
    generation: true,
  },
  {
    gv: 'apps/v1',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    short: ['rs'],
    all: true,
    status: true,
    scale: true,
    generation: true,
  },
  {
    gv: 'apps/v1',
    kind: 'StatefulSet',
    plural: 'statefulsets',
    short: ['sts'],
    all: true,
    status: true,
    scale: true,
    generation: true,
  },
  {
    gv: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    short: ['hpa'],
    all: true,
    status: true,
  },
  {
    gv: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    short: ['hpa'],
    all: true,
    status: true,
  },
  {
    gv: 'batch/v1',
    kind: 'CronJob',
    plural: 'cronjobs',
    short: ['cj'],
    all: true,
    status: true,
    generation: true,
  },
  {
    gv: 'batch/v1',
    kind: 'Job',
    plural: 'jobs',
    all: true,
    status: true,
    generation: true,
  },
  {
    gv: 'coordination.k8s.io/v1',
    kind: 'Lease',
    plural: 'leases',
    empty: true,
  },
  {
    gv: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    empty: true,
  },
  { gv: 'events.k8s.io/v1', kind: 'Event', plural: 'events', short: ['ev'] },
  {
    gv: 'metrics.k8s.io/v1beta1',
    kind: 'NodeMetrics',
    plural: 'nodes',
    cluster: true,
    computed: true,
  },
  {
    gv: 'metrics.k8s.io/v1beta1',
    kind: 'PodMetrics',
    plural: 'pods',
    computed: true,
  },
  {
    gv: 'networking.k8s.io/v1',
    kind: 'Ingress',
    plural: 'ingresses',
    short: ['ing'],
    status: true,
    generation: true,
  },
  {
    gv: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    short: ['netpol'],
    empty: true,
  },
  {
    gv: 'policy/v1',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    short: ['pdb'],
    status: true,
    generation: true,
  },
  {
    gv: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    cluster: true,
  },
  {
    gv: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    plural: 'clusterroles',
    cluster: true,
  },
  {
    gv: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    plural: 'rolebindings',
  },
  { gv: 'rbac.authorization.k8s.io/v1', kind: 'Role', plural: 'roles' },
  {
    gv: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    plural: 'storageclasses',
    short: ['sc'],
    cluster: true,
  },
];

/** Every kind that the sandbox serves. Order within a group is the server's order of preference. */
export const resourceTypes: readonly ResourceType[] = rows.map(row => {
  const slash = row.gv.indexOf('/');
  return {
    group: slash < 0 ? '' : row.gv.slice(0, slash),
    version: row.gv.slice(slash + 1),
    kind: row.kind,
    plural: row.plural,
    singular: row.computed ? '' : row.kind.toLowerCase(),
    namespaced: !row.cluster,
    shortNames: row.short ?? [],
    categories: row.all ? ['all'] : [],
    emptyOnly: row.empty ?? false,
    isComputed: row.computed ?? false,
    isCustom: false,
    hasStatus: row.status ?? false,
    hasScale: row.scale ?? false,
    hasGeneration: row.generation ?? false,
  };
});

export function apiVersionOf(resource: {
  group: string;
  version: string;
}): string {
  return resource.group
    ? `${resource.group}/${resource.version}`
    : resource.version;
}

const byKind = new Map(
  resourceTypes.map(type => [`${apiVersionOf(type)} ${type.kind}`, type]),
);
const byPlural = new Map(
  resourceTypes.map(type => [`${apiVersionOf(type)} ${type.plural}`, type]),
);

export function resourceOfKind(
  apiVersion: string,
  kind: string,
): ResourceType | undefined {
  return byKind.get(`${apiVersion} ${kind}`);
}

export function resourceOfPlural(
  apiVersion: string,
  plural: string,
): ResourceType | undefined {
  return byPlural.get(`${apiVersion} ${plural}`);
}

/**
 * Under which kind objects lie: events are one thing that two groups serve, autoscalers one that two versions do, every other kind lies under itself.
 */
export function storageOf(resource: ResourceType): ResourceType {
  if (resource.group === 'events.k8s.io') {
    return resourceOfKind('v1', 'Event')!;
  }
  return resource.group === 'autoscaling'
    ? resourceOfKind('autoscaling/v2', resource.kind)!
    : resource;
}
