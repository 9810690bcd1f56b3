import {
  ApiError,
  badRequest,
  conflict,
  forbidden,
  invalid,
  notFound,
  qualified,
  unimplemented,
  unsupportedMediaType,
} from '../ApiError';
import { clone, isObject, Json } from '../json';
import { jsonMergePatch } from '../patch/jsonMergePatch';
import { jsonPatch } from '../patch/jsonPatch';
import { strategicMerge } from '../patch/strategicMerge';
import { apiVersionOf, ResourceType, storageOf } from '../resources';
import { decode } from '../schema/decode';
import { typeOfKind } from '../schema/model';
import { DeleteOptions } from '../store/deletion';
import { evict } from '../store/evict';
import { Registry, WriteOptions } from '../store/Registry';
import { KubernetesObject } from '../types';
import { presented, stored } from './versions';
import { flagIn, ResourcePath } from './requestInfo';
import { changedByScale, scaleOf } from './scale';

const APPLY = 'application/apply-patch+yaml';

export interface WriteRequest {
  path: ResourcePath;
  query: URLSearchParams;
  /** Of the request, without parameters. */
  contentType: string;
  /** Parsed; undefined when there was none. */
  body: any;
  /** Product of the User-Agent: the manager, if the client names none. */
  userAgent: string;
}

export function isApply({ contentType }: WriteRequest): boolean {
  return contentType === APPLY;
}

export interface WriteAnswer {
  status: number;
  object?: KubernetesObject;
  /** Instead of an object: a Status. */
  answer?: Json;
  warnings: string[];
}

const PATCH_OPTIONS = {
  group: 'meta.k8s.io',
  plural: 'patchoptions',
  kind: 'PatchOptions',
};

/** What clients change, by the verbs of the API. */
export class Writes {
  readonly #registry: Registry;

  static create(options: { registry: Registry }): Writes {
    return new Writes(options.registry);
  }

  private constructor(registry: Registry) {
    this.#registry = registry;
  }

  create(request: WriteRequest): WriteAnswer {
    const { path } = request;
    requireWritable(path.resource, 'create');
    const { object, warnings } = this.#read(request, request.body);
    const { namespace } = path;
    if (path.resource.namespaced) {
      object.metadata.namespace ??= namespace;
    }
    checkNamespace(object, namespace);
    return {
      status: 201,
      object: this.#registry.create(stored(object), writeOptions(request)),
      warnings,
    };
  }

  /** Asks the budget of a pod before it goes. */
  evict(request: WriteRequest): WriteAnswer {
    const { path, body } = request;
    const { namespace, name } = path;
    const eviction: Json = isObject(body) ? body : {};
    if (eviction.metadata?.name && eviction.metadata.name !== name) {
      throw badRequest('name in URL does not match name in Eviction object');
    }
    evict(
      this.#registry,
      { namespace: namespace!, name: name! },
      deleteOptions({ ...request, body: eviction.deleteOptions }),
    );
    return {
      status: 201,
      answer: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        code: 201,
      },
      warnings: [],
    };
  }

  update(request: WriteRequest): WriteAnswer {
    const { path } = request;
    requireWritable(path.resource, 'update');
    if (path.subresource === 'scale') {
      return this.#scale(request, () => request.body);
    }
    const { object, warnings } = this.#read(request, request.body);
    object.metadata.namespace ??= path.namespace;
    checkNamespace(object, path.namespace);
    if (object.metadata.name !== path.name) {
      throw badRequest(
        `the name of the object (${object.metadata.name}) does not match the name on the URL (${path.name})`,
      );
    }
    return {
      status: 200,
      object: this.#registry.update(stored(object), writeOptions(request)),
      warnings,
    };
  }

  patch(request: WriteRequest): WriteAnswer {
    const { path, contentType, body } = request;
    requireWritable(path.resource, 'patch');
    if (isApply(request)) {
      return this.#apply(request);
    }
    if (request.query.has('force')) {
      throw invalid(PATCH_OPTIONS, '', [
        {
          reason: 'FieldValueForbidden',
          field: 'force',
          message: 'Forbidden: may not be specified for non-apply patch',
        },
      ]);
    }
    const before = this.#live(path);
    if (path.subresource === 'scale') {
      return this.#scale(request, scale =>
        this.#patched(scale, contentType, body, 'Scale'),
      );
    }
    const type = typeOfKind(apiVersionOf(path.resource), before.kind);
    const shown = presented(path.resource, before);
    const patched = this.#patched(
      shown,
      contentType,
      body,
      type,
    ) as KubernetesObject;
    patched.metadata = { ...patched.metadata };
    if (patched.metadata?.name !== path.name) {
      throw badRequest(
        `the name of the object (${patched.metadata?.name}) does not match the name on the URL (${path.name})`,
      );
    }
    const asked = patched.metadata.resourceVersion;
    if (asked && asked !== before.metadata.resourceVersion) {
      throw conflict(path.resource, path.name!);
    }
    const { object, warnings } = this.#read(request, patched);
    return {
      status: 200,
      object: this.#registry.update(stored(object), writeOptions(request)),
      warnings,
    };
  }

  delete(request: WriteRequest): WriteAnswer {
    const { path } = request;
    requireWritable(path.resource, 'delete');
    const resource = storageOf(path.resource);
    const { object, gone } = this.#registry.delete(
      resource,
      path.namespace,
      path.name!,
      deleteOptions(request),
    );
    if (!gone) {
      return { status: 200, object, warnings: [] };
    }
    return {
      status: 200,
      answer: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: {
          name: path.name,
          ...(path.resource.group ? { group: path.resource.group } : {}),
          kind: path.resource.plural,
          uid: object.metadata.uid,
        },
      },
      warnings: [],
    };
  }

  /** Deletes what a list found. */
  deleteAll(request: WriteRequest, objects: readonly KubernetesObject[]): void {
    requireWritable(request.path.resource, 'deletecollection');
    const resource = storageOf(request.path.resource);
    for (const { metadata } of objects) {
      this.#registry.delete(
        resource,
        metadata.namespace,
        metadata.name,
        deleteOptions(request),
      );
    }
  }

  /** Server-side apply: makes the object where it is not there. */
  #apply(request: WriteRequest): WriteAnswer {
    const { path, query, body } = request;
    const { resource, subresource } = path;
    if (subresource === 'scale') {
      throw unimplemented(`server-side apply ${qualified(resource)}/scale`);
    }
    if (!query.get('fieldManager')) {
      throw invalid(PATCH_OPTIONS, '', [
        {
          reason: 'FieldValueRequired',
          field: 'fieldManager',
          message: 'Required value: is required for apply patch',
        },
      ]);
    }
    if (!isObject(body) || !body.apiVersion || !body.kind) {
      const given = isObject(body) ? body : {};
      throw badRequest(
        `invalid object type: ${given.apiVersion ?? '/'}, Kind=${
          given.kind ?? ''
        }`,
      );
    }
    if (body.metadata?.managedFields) {
      throw badRequest('metadata.managedFields must be nil');
    }
    const { object, unknown } = this.#decode(request, {
      ...body,
      metadata: { name: path.name, ...body.metadata },
    });
    if (unknown.length > 0) {
      throw untypedPatch(path, body, unknown);
    }
    if (object.metadata.name !== path.name) {
      throw badRequest(
        `the name of the object (${object.metadata.name}) does not match the name on the URL (${path.name})`,
      );
    }
    if (resource.namespaced) {
      object.metadata.namespace ??= path.namespace;
    }
    checkNamespace(object, path.namespace);
    const { status, ...rest } = object;
    let config: Json = resource.hasStatus ? rest : object;
    if (subresource === 'status') {
      config = { ...identified(rest), ...(status ? { status } : {}) };
    }
    const { isNew, object: applied } = this.#registry.apply(
      stored(config as KubernetesObject),
      { ...writeOptions(request), force: flagIn(query, 'force') },
    );
    return { status: isNew ? 201 : 200, object: applied, warnings: [] };
  }

  #live({ resource, namespace, name }: ResourcePath): KubernetesObject {
    const object = this.#registry.storage.get(
      storageOf(resource),
      namespace,
      name!,
    );
    if (!object) {
      throw notFound(resource, name!);
    }
    return object;
  }

  #scale(request: WriteRequest, change: (scale: Json) => Json): WriteAnswer {
    const before = this.#live(request.path);
    const object = this.#registry.update(
      changedByScale(before, change(scaleOf(before)), request.path.resource),
      {
        ...writeOptions(request),
        subresource: 'scale',
      },
    );
    return {
      status: 200,
      object: scaleOf(object) as KubernetesObject,
      warnings: [],
    };
  }

  #patched(
    before: Json,
    contentType: string,
    body: unknown,
    type: string | undefined,
  ): Json {
    const patched = applyPatch(before, contentType, body, type);
    if (!isObject(patched)) {
      throw badRequest('the patch does not make an object');
    }
    return patched;
  }

  /** Reads what a client sent as the kind that the path names. Unknown fields are refused, warned of or dropped as the client asks. */
  #read(
    request: WriteRequest,
    body: unknown,
  ): { object: KubernetesObject; warnings: string[] } {
    const { resource } = request.path;
    const { object, unknown } = this.#decode(request, body);
    const mode = request.query.get('fieldValidation') ?? 'Warn';
    const problems = unknown.map(path => `unknown field "${path}"`);
    if (mode === 'Strict' && problems.length > 0) {
      const { kind, version } = resource;
      throw badRequest(
        `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${problems.join(
          ', ',
        )}`,
      );
    }
    if (!object.metadata.name && !object.metadata.generateName) {
      throw invalid(resource, '', [
        {
          reason: 'FieldValueRequired',
          field: 'metadata.name',
          message: 'Required value: name or generateName is required',
        },
      ]);
    }
    return { object, warnings: mode === 'Warn' ? problems : [] };
  }

  #decode(
    { path: { resource } }: WriteRequest,
    body: unknown,
  ): { object: KubernetesObject; unknown: string[] } {
    if (!isObject(body)) {
      throw badRequest('the body of the request is not an object');
    }
    const expected = apiVersionOf(resource);
    const kind = body.kind ?? resource.kind;
    const apiVersion = body.apiVersion ?? expected;
    if (
      kind !== resource.kind ||
      (apiVersion !== expected &&
        apiVersion !== apiVersionOf(storageOf(resource)))
    ) {
      throw badRequest(
        `the API version in the data (${apiVersion}, Kind=${kind}) does not match the expected API version (${expected}, Kind=${resource.kind})`,
      );
    }
    const type = typeOfKind(apiVersion, kind);
    const given = { ...body, kind, apiVersion };
    // What a custom resource has is its own affair.
    const decoded = type
      ? decode(given, type)
      : { object: clone(given) as any, unknown: [] };
    decoded.object.metadata ??= {};
    return decoded;
  }
}

function identified({
  apiVersion,
  kind,
  metadata: { name, namespace, uid, resourceVersion },
}: Omit<KubernetesObject, 'status'>): Json {
  const metadata = { name, namespace, uid, resourceVersion };
  return { apiVersion, kind, metadata: clone(metadata) };
}

/** An apply is refused for a field that the type does not have, whatever validation is asked for. */
function untypedPatch(
  { namespace, name }: ResourcePath,
  { apiVersion, kind }: Json,
  unknown: string[],
): ApiError {
  const problems = unknown.map(
    field => `.${field}: field not declared in schema`,
  );
  const all =
    problems.length === 1
      ? problems[0]
      : `errors:\n${problems.map(problem => `  ${problem}`).join('\n')}`;
  return new ApiError({
    code: 500,
    message: `failed to create typed patch object (${
      namespace ? `${namespace}/` : ''
    }${name}; ${apiVersion}, Kind=${kind}): ${all}`,
  });
}

function applyPatch(
  before: Json,
  contentType: string,
  body: unknown,
  type: string | undefined,
): unknown {
  switch (contentType) {
    case 'application/json-patch+json':
      return jsonPatch(before, body);
    case 'application/merge-patch+json':
      return jsonMergePatch(before, body);
    case 'application/strategic-merge-patch+json':
      if (type === undefined) {
        // Custom resources have no merge keys.
        throw unsupportedMediaType(contentType, [
          'application/json-patch+json',
          'application/merge-patch+json',
        ]);
      }
      return strategicMerge(before, isObject(body) ? body : {}, type);
    default:
      throw unsupportedMediaType(contentType, [
        'application/json-patch+json',
        'application/merge-patch+json',
        'application/strategic-merge-patch+json',
        APPLY,
      ]);
  }
}

function requireWritable(resource: ResourceType, verb: string): void {
  if (resource.emptyOnly || resource.isComputed) {
    throw unimplemented(`${verb} ${qualified(resource)}`);
  }
}

function checkNamespace(
  object: KubernetesObject,
  namespace: string | undefined,
): void {
  if (namespace !== undefined && object.metadata.namespace !== namespace) {
    throw badRequest(
      `the namespace of the provided object does not match the namespace sent on the request`,
    );
  }
}

function writeOptions({ path, query, userAgent }: WriteRequest): WriteOptions {
  const dryRun = query.get('dryRun');
  if (dryRun !== null && dryRun !== 'All') {
    throw new ApiError({
      code: 400,
      reason: 'BadRequest',
      message: `invalid dryRun value: ${dryRun}`,
    });
  }
  return {
    manager: query.get('fieldManager') || userAgent,
    dryRun: dryRun === 'All',
    ...(path.subresource ? { subresource: path.subresource } : {}),
  };
}

function deleteOptions({ path, query, body }: WriteRequest): DeleteOptions {
  const given: Json = isObject(body) ? body : {};
  const seconds =
    given.gracePeriodSeconds ??
    (query.has('gracePeriodSeconds')
      ? Number(query.get('gracePeriodSeconds'))
      : undefined);
  const orphans =
    given.orphanDependents ??
    (query.has('orphanDependents')
      ? query.get('orphanDependents') === 'true'
      : undefined);
  // Without a word the pods of a Job stay, for the sake of clients that are older than the policy.
  const usual = path.resource.kind === 'Job' ? 'Orphan' : 'Background';
  const policy =
    given.propagationPolicy ??
    query.get('propagationPolicy') ??
    policyOf(orphans) ??
    usual;
  if (!['Background', 'Foreground', 'Orphan'].includes(policy)) {
    throw forbidden(
      path.resource,
      path.name,
      `invalid propagationPolicy: ${policy}`,
    );
  }
  const dryRun = Array.isArray(given.dryRun)
    ? given.dryRun.includes('All')
    : query.get('dryRun') === 'All';
  return {
    ...(seconds === undefined ? {} : { gracePeriodSeconds: seconds }),
    propagation: policy,
    ...(given.preconditions ? { preconditions: given.preconditions } : {}),
    dryRun,
  };
}

/** What older clients say instead of a policy. */
function policyOf(orphans: boolean | undefined): string | undefined {
  if (orphans === undefined) {
    return undefined;
  }
  return orphans ? 'Orphan' : 'Background';
}
