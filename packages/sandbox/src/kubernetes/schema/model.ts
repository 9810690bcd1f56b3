import { typeTable } from './typeTable';

/** What a field holds. */
export type FieldShape =
  | { is: 'scalar'; scalar: Scalar }
  | { is: 'any' }
  | { is: 'object'; type: string }
  | { is: 'list'; of: FieldShape }
  | { is: 'map'; of: FieldShape };

export type Scalar =
  | 'string'
  | 'byte'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'time'
  | 'intOrString'
  | 'quantity';

export interface Field {
  name: string;
  required: boolean;
  shape: FieldShape;
  /** List of objects that a strategic merge patch merges by this key. */
  mergeKey?: string;
  /** List of scalars that a strategic merge patch unites. */
  mergeSet?: boolean;
  /** A patch says with `$retainKeys` which members stay. */
  retainKeys?: boolean;
  /** Keys by which managedFields names an item; the merge key if not given. */
  mapKeys?: string[];
  /** Members have no owners of their own: who writes one owns the whole. */
  atomic?: boolean;
}

const SCALARS: readonly string[] = [
  'string',
  'byte',
  'integer',
  'number',
  'boolean',
  'time',
  'intOrString',
  'quantity',
];

/** `x-kubernetes-patch-merge-key` of Kubernetes' types. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  'PodSpec.containers': 'name',
  'PodSpec.initContainers': 'name',
  'PodSpec.ephemeralContainers': 'name',
  'PodSpec.volumes': 'name',
  'PodSpec.imagePullSecrets': 'name',
  'PodSpec.hostAliases': 'ip',
  'PodSpec.topologySpreadConstraints': 'topologyKey',
  'PodSpec.schedulingGates': 'name',
  'PodSpec.resourceClaims': 'name',
  'Container.ports': 'containerPort',
  'Container.env': 'name',
  'Container.volumeMounts': 'mountPath',
  'Container.volumeDevices': 'devicePath',
  'EphemeralContainer.ports': 'containerPort',
  'EphemeralContainer.env': 'name',
  'EphemeralContainer.volumeMounts': 'mountPath',
  'EphemeralContainer.volumeDevices': 'devicePath',
  'PodStatus.conditions': 'type',
  'PodStatus.podIPs': 'ip',
  'PodStatus.resourceClaimStatuses': 'name',
  'ServiceSpec.ports': 'port',
  'ServiceStatus.conditions': 'type',
  'ServiceAccount.secrets': 'name',
  'ObjectMeta.ownerReferences': 'uid',
  'DeploymentStatus.conditions': 'type',
  'ReplicaSetStatus.conditions': 'type',
  'JobStatus.conditions': 'type',
  'NodeStatus.conditions': 'type',
  'NodeStatus.addresses': 'type',
  'NamespaceStatus.conditions': 'type',
  'DaemonSetStatus.conditions': 'type',
  'StatefulSetStatus.conditions': 'type',
  'PersistentVolumeClaimStatus.conditions': 'type',
  'PodDisruptionBudgetStatus.conditions': 'type',
};

const MERGE_SETS = new Set(['ObjectMeta.finalizers', 'NodeSpec.podCIDRs']);
const RETAIN_KEYS = new Set([
  'DeploymentSpec.strategy',
  'PodSpec.volumes',
  'PodSpec.resourceClaims',
]);
const MAP_KEYS: Readonly<Record<string, string[]>> = {
  'Container.ports': ['containerPort', 'protocol'],
  'ServiceSpec.ports': ['port', 'protocol'],
  'PodSpec.topologySpreadConstraints': ['topologyKey', 'whenUnsatisfiable'],
};

/** `x-kubernetes-map-type: atomic` of Kubernetes' types. */
const ATOMIC_TYPES = new Set([
  'ConfigMapKeySelector',
  'CrossVersionObjectReference',
  'FileKeySelector',
  'LabelSelector',
  'LocalObjectReference',
  'NodeSelector',
  'NodeSelectorTerm',
  'ObjectFieldSelector',
  'ObjectReference',
  'OwnerReference',
  'ResourceFieldSelector',
  'RoleRef',
  'ScopeSelector',
  'SecretKeySelector',
  'SecretReference',
  'ServiceBackendPort',
  'TopologySelectorTerm',
  'TypedLocalObjectReference',
]);
const ATOMIC_FIELDS = new Set(['PodSpec.nodeSelector', 'ServiceSpec.selector']);

/** Whether what has this shape is owned as a whole. */
export function isAtomic(shape: FieldShape): boolean {
  return shape.is === 'object' && ATOMIC_TYPES.has(shape.type);
}

const parsed = new Map<string, ReadonlyMap<string, Field>>();

/** Fields of a type of the table by name; undefined for a type that it does not have. */
export function fieldsOf(type: string): ReadonlyMap<string, Field> | undefined {
  let fields = parsed.get(type);
  if (!fields && Object.hasOwn(typeTable, type)) {
    fields = parseFields(type, typeTable[type]);
    parsed.set(type, fields);
  }
  return fields;
}

/** Kinds that two groups or versions have with different fields. */
const RENAMED: Readonly<Record<string, string>> = {
  'events.k8s.io/v1 Event': 'EventV1',
  'autoscaling/v1 HorizontalPodAutoscaler': 'HorizontalPodAutoscalerV1',
};

/** Name in the table of what an apiVersion and kind stand for: `Pod`, and `EventV1` for the Event of events.k8s.io. */
export function typeOfKind(
  apiVersion: string,
  kind: string,
): string | undefined {
  const type = RENAMED[`${apiVersion} ${kind}`] ?? kind;
  const isBuiltIn =
    !apiVersion.includes('.') || apiVersion.includes('.k8s.io/');
  return isBuiltIn && Object.hasOwn(typeTable, type) ? type : undefined;
}

function parseFields(type: string, line: string): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  for (const word of line.split(' ').filter(Boolean)) {
    const colon = word.indexOf(':');
    const marked = colon < 0 ? word : word.slice(0, colon);
    const required = marked.endsWith('!');
    const name = required ? marked.slice(0, -1) : marked;
    const path = `${type}.${name}`;
    const shape: FieldShape =
      colon < 0
        ? { is: 'scalar', scalar: 'string' }
        : parseShape(word.slice(colon + 1));
    fields.set(name, {
      name,
      required,
      shape,
      atomic: ATOMIC_FIELDS.has(path) || isAtomic(shape),
      mergeKey: MERGE_KEYS[path],
      mergeSet: MERGE_SETS.has(path),
      retainKeys: RETAIN_KEYS.has(path),
      mapKeys:
        MAP_KEYS[path] ?? (MERGE_KEYS[path] ? [MERGE_KEYS[path]] : undefined),
    });
  }
  if (type === 'ResourceRequirements') {
    for (const name of ['limits', 'requests']) {
      fields.set(name, {
        ...fields.get(name)!,
        shape: { is: 'map', of: { is: 'scalar', scalar: 'quantity' } },
      });
    }
  }
  return fields;
}

function parseShape(word: string): FieldShape {
  if (word.startsWith('[')) {
    return { is: 'list', of: parseShape(word.slice(1, -1)) };
  }
  if (word.startsWith('{')) {
    return { is: 'map', of: parseShape(word.slice(1, -1)) };
  }
  if (word === 'any') {
    return { is: 'any' };
  }
  return SCALARS.includes(word)
    ? { is: 'scalar', scalar: word as Scalar }
    : { is: 'object', type: word };
}
