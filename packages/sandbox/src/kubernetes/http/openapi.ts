import { createHash } from 'node:crypto';
import { Json } from '../json';
import { apiVersionOf, ResourceType } from '../resources';
import { Field, FieldShape, fieldsOf, typeOfKind } from '../schema/model';

const META_TYPES =
  /^(ObjectMeta|OwnerReference|ManagedFieldsEntry|LabelSelector|LabelSelectorRequirement|FieldSelectorRequirement|Condition|DeleteOptions|Preconditions)$/;
const GROUP_TYPES: Array<[RegExp, string]> = [
  [
    /^(Deployment|ReplicaSet|RollingUpdate|DaemonSet|StatefulSet|ControllerRevision)/,
    'apps.v1',
  ],
  [/^(PodDisruptionBudget|Eviction)/, 'policy.v1'],
  [/^HorizontalPodAutoscalerV1/, 'autoscaling.v1'],
  [/^(Ingress|HTTPIngress|ServiceBackendPort)/, 'networking.v1'],
  [/^(StorageClass|TopologySelector)/, 'storage.v1'],
  [
    /^(HorizontalPodAutoscaler|HPA|Metric|CrossVersion|(ContainerResource|External|Object|Pods|Resource)Metric)/,
    'autoscaling.v2',
  ],
  [
    /^(CronJob|Job|PodFailurePolicy|SuccessPolicy|UncountedTerminatedPods)/,
    'batch.v1',
  ],
  [/^EventV1/, 'events.v1'],
  [/^Scale(Spec|Status)?$/, 'autoscaling.v1'],
  [/^(AggregationRule|ClusterRole|PolicyRule|Role|Subject$)/, 'rbac.v1'],
  [
    /^(SelfSubject|SubjectAccess|ResourceAttributes|NonResourceAttributes|FieldSelectorAttributes|LabelSelectorAttributes)/,
    'authorization.v1',
  ],
];

function schemaName(type: string): string {
  if (META_TYPES.test(type)) {
    return `io.k8s.apimachinery.pkg.apis.meta.v1.${type}`;
  }
  const group =
    GROUP_TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? 'core.v1';
  return `io.k8s.api.${group}.${type
    .replace(/^EventV1/, 'Event')
    .replace(/^HorizontalPodAutoscalerV1/, 'HorizontalPodAutoscaler')}`;
}

function groupVersions(types: readonly ResourceType[]): string[] {
  return [...new Set(types.map(apiVersionOf))];
}

function pathOf(apiVersion: string): string {
  return apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
}

/** `/openapi/v3`: where the documents of the groups are. */
export function openApiIndex(types: readonly ResourceType[]): Json {
  const paths: Json = {};
  for (const apiVersion of groupVersions(types)) {
    const hash = createHash('sha256')
      .update(openApiText(types, apiVersion)!)
      .digest('hex')
      .slice(0, 32)
      .toUpperCase();
    paths[pathOf(apiVersion)] = {
      serverRelativeURL: `/openapi/v3/${pathOf(apiVersion)}?hash=${hash}`,
    };
  }
  return { paths };
}

const documents = new Map<string, string>();

/** The document of a group and version; undefined for one that is not served. */
export function openApiText(
  types: readonly ResourceType[],
  apiVersion: string,
): string | undefined {
  if (!groupVersions(types).includes(apiVersion)) {
    return undefined;
  }
  const mine = types.filter(each => apiVersionOf(each) === apiVersion);
  // Kinds that a cluster defines come and go; Kubernetes' own stay.
  const key = mine
    .map(each => `${apiVersion} ${each.kind} ${each.namespaced}`)
    .join();
  let text = documents.get(key);
  if (text === undefined) {
    text = JSON.stringify(openApiDocument(mine, apiVersion));
    documents.set(key, text);
  }
  return text;
}

function openApiDocument(
  types: readonly ResourceType[],
  apiVersion: string,
): Json {
  const schemas: Json = {};
  const paths: Json = {};
  const collect = (type: string) => {
    const name = schemaName(type);
    if (!schemas[name]) {
      schemas[name] = {};
      schemas[name] = typeSchema(type, collect);
    }
  };
  for (const resource of types) {
    const { group, version, kind, plural, namespaced } = resource;
    const gvk = { group, version, kind };
    const type = typeOfKind(apiVersion, kind);
    const name = type
      ? schemaName(type)
      : `io.k8s.api.${group.split('.')[0] || 'core'}.${version}.${kind}`;
    if (type) {
      collect(type);
    } else {
      schemas[name] = {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
      };
    }
    schemas[name] = {
      ...schemas[name],
      'x-kubernetes-group-version-kind': [gvk],
    };
    const base = `/${pathOf(apiVersion)}/${
      namespaced ? 'namespaces/{namespace}/' : ''
    }${plural}`;
    paths[base] = {
      get: operation('list', gvk, name),
      ...(resource.emptyOnly || resource.isComputed
        ? {}
        : { post: operation('post', gvk, name) }),
    };
    paths[`${base}/{name}`] = {
      get: operation('get', gvk, name),
      ...(resource.emptyOnly || resource.isComputed
        ? {}
        : {
            put: operation('put', gvk, name),
            patch: operation('patch', gvk, name),
            delete: operation('delete', gvk, name),
          }),
    };
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'unversioned' },
    paths,
    components: { schemas },
  };
}

const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

function operation(action: string, gvk: Json, name: string): Json {
  const schema = { $ref: `#/components/schemas/${name}` };
  const isWrite = ['post', 'put', 'patch'].includes(action);
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map(
    each => ({
      name: each,
      in: 'query',
      schema: { type: 'string', uniqueItems: true },
    }),
  );
  const contents =
    action === 'patch'
      ? Object.fromEntries(
          PATCH_TYPES.map(type => [type, { schema: { type: 'object' } }]),
        )
      : { '*/*': { schema } };
  return {
    ...(isWrite
      ? { parameters, requestBody: { content: contents, required: true } }
      : {}),
    responses: {
      200: { description: 'OK', content: { 'application/json': { schema } } },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  };
}

function typeSchema(type: string, collect: (type: string) => void): Json {
  const fields = [...(fieldsOf(type)?.values() ?? [])];
  const required = fields
    .filter(field => field.required)
    .map(field => field.name);
  return {
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(
      fields.map(field => [field.name, fieldSchema(field, collect)]),
    ),
  };
}

function fieldSchema(field: Field, collect: (type: string) => void): Json {
  const schema = shapeSchema(field.shape, collect);
  const strategies = [
    ...(field.mergeKey || field.mergeSet ? ['merge'] : []),
    ...(field.retainKeys ? ['retainKeys'] : []),
  ];
  return {
    ...schema,
    ...(strategies.length > 0
      ? { 'x-kubernetes-patch-strategy': strategies.join(',') }
      : {}),
    ...(field.mergeKey
      ? { 'x-kubernetes-patch-merge-key': field.mergeKey }
      : {}),
    ...(field.mapKeys
      ? {
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': field.mapKeys,
        }
      : {}),
  };
}

function shapeSchema(shape: FieldShape, collect: (type: string) => void): Json {
  switch (shape.is) {
    case 'list':
      return { type: 'array', items: shapeSchema(shape.of, collect) };
    case 'map':
      return {
        type: 'object',
        additionalProperties: shapeSchema(shape.of, collect),
      };
    case 'object':
      collect(shape.type);
      return {
        allOf: [{ $ref: `#/components/schemas/${schemaName(shape.type)}` }],
        default: {},
      };
    case 'any':
      return { type: 'object' };
    default:
      return scalarSchema(shape.scalar);
  }
}

function scalarSchema(scalar: string): Json {
  switch (scalar) {
    case 'integer':
      return { type: 'integer', format: 'int32' };
    case 'number':
    case 'boolean':
      return { type: scalar };
    case 'time':
      return { type: 'string', format: 'date-time' };
    case 'byte':
      return { type: 'string', format: 'byte' };
    case 'intOrString':
      return {
        oneOf: [{ type: 'integer' }, { type: 'string' }],
        format: 'int-or-string',
      };
    case 'quantity':
      return { oneOf: [{ type: 'string' }, { type: 'number' }] };
    default:
      return { type: 'string' };
  }
}
