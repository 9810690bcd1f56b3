import { IncomingMessage } from 'node:http';
import {
  ApiError,
  badRequest,
  forbidden,
  qualified,
  unauthorized,
} from '../ApiError';
import type { ClusterOptions } from '../cluster';
import { ClusterFaults } from '../ClusterFaults';
import { isObject, Json } from '../json';
import { Authorizer } from '../rbac/Authorizer';
import { Attributes, ClusterUser, MASTERS, userOf } from '../rbac/types';
import { Storage } from '../store/Storage';
import { isWatch } from './Lists';
import { ResourcePath } from './requestInfo';

/** Who asks, and whether they may. */
export class Access {
  readonly #users: ReadonlyMap<string, ClusterUser>;
  readonly #authorizer: Authorizer;
  readonly #faults: ClusterFaults;
  readonly #audit: ClusterOptions['audit'];

  static create(options: {
    storage: Storage;
    /** Of the cluster's administrator. */
    token: string;
    /** Others by their tokens. */
    users?: Readonly<Record<string, ClusterUser>>;
    faults: ClusterFaults;
    audit?: ClusterOptions['audit'];
  }): Access {
    return new Access(options);
  }

  private constructor(options: Parameters<typeof Access.create>[0]) {
    const { storage, faults, token, users = {}, audit } = options;
    this.#users = new Map([
      ...Object.entries(users),
      [token, userOf('kubernetes-admin', MASTERS)],
    ]);
    this.#authorizer = Authorizer.create({ storage });
    this.#faults = faults;
    this.#audit = audit;
  }

  authenticate(request: IncomingMessage): ClusterUser {
    const given = /^Bearer\s+(\S+)$/i.exec(
      request.headers.authorization ?? '',
    )?.[1];
    const user = this.#users.get(given ?? '');
    if (!user || this.#faults.state().expiredToken) {
      throw unauthorized();
    }
    return user;
  }

  /** Throws 403 in the words of an API server. */
  authorize(user: ClusterUser, wanted: Attributes): void {
    if (this.#isForbiddenByFault(wanted)) {
      throw refusal(user, wanted);
    }
    const { allowed } = this.#authorizer.decide(user, wanted);
    this.#audit?.(user.name, textOf(wanted), allowed);
    if (!allowed) {
      throw refusal(user, wanted);
    }
  }

  /** Answers a SelfSubjectAccessReview. */
  reviewAccess(user: ClusterUser, review: unknown): Json {
    const spec = specOf(review, 'SelfSubjectAccessReview');
    const wanted = attributesOfReview(spec);
    return {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: { creationTimestamp: null },
      spec,
      status: this.#isForbiddenByFault(wanted)
        ? { allowed: false }
        : this.#authorizer.decide(user, wanted),
    };
  }

  /** Answers a SelfSubjectRulesReview. */
  reviewRules(user: ClusterUser, review: unknown): Json {
    const spec = specOf(review, 'SelfSubjectRulesReview');
    if (!spec.namespace) {
      throw badRequest('no namespace on request');
    }
    const rules = this.#authorizer.rules(user, spec.namespace);
    return {
      kind: 'SelfSubjectRulesReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: { creationTimestamp: null },
      spec: {},
      status: {
        resourceRules: rules
          .filter(({ resources }) => resources)
          .map(({ verbs, apiGroups, resources, resourceNames }) => ({
            verbs,
            apiGroups,
            resources,
            ...(resourceNames ? { resourceNames } : {}),
          })),
        nonResourceRules: rules
          .filter(({ nonResourceURLs }) => nonResourceURLs)
          .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
        incomplete: false,
      },
    };
  }

  #isForbiddenByFault(wanted: Attributes): boolean {
    if ('path' in wanted) {
      return false;
    }
    const { group, resource, subresource } = wanted;
    const kind = qualified({ group, plural: resource });
    return this.#faults
      .state()
      .forbiddenKinds.some(
        each => each === kind || each === `${kind}/${subresource}`,
      );
  }
}

/** What a request for objects is about. */
export function attributesOf(
  method: string,
  { resource, namespace, name, subresource }: ResourcePath,
  query: URLSearchParams,
): Attributes {
  return {
    verb: verbOf(method, name, query),
    group: resource.group,
    resource: resource.plural,
    subresource,
    // A namespace is in itself, so that a Role in it may be about it.
    namespace: resource.kind === 'Namespace' ? name : namespace,
    name,
  };
}

function verbOf(
  method: string,
  name: string | undefined,
  query: URLSearchParams,
): string {
  if (method === 'GET' && name === undefined) {
    return isWatch(query) ? 'watch' : 'list';
  }
  const verbs: Record<string, string> = {
    GET: 'get',
    HEAD: 'get',
    POST: 'create',
    PUT: 'update',
    PATCH: 'patch',
  };
  return verbs[method] ?? (name === undefined ? 'deletecollection' : 'delete');
}

function attributesOfReview(spec: Json): Attributes {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (nonResourceAttributes) {
    const { verb = '', path = '' } = nonResourceAttributes;
    return { verb, path };
  }
  const {
    verb = '',
    group = '',
    resource = '',
    subresource,
    namespace,
    name,
  } = resourceAttributes ?? {};
  return { verb, group, resource, subresource, namespace, name };
}

function specOf(review: unknown, kind: string): Json {
  if (!isObject(review) || !isObject(review.spec)) {
    throw badRequest(`${kind} has no spec`);
  }
  return review.spec;
}

function textOf(wanted: Attributes): string {
  if ('path' in wanted) {
    return `${wanted.verb} ${wanted.path}`;
  }
  const { verb, group, resource: plural, subresource } = wanted;
  return `${verb} ${qualified({ group, plural })}${
    subresource ? `/${subresource}` : ''
  }`;
}

function refusal(user: ClusterUser, wanted: Attributes): ApiError {
  if ('path' in wanted) {
    const { verb, path } = wanted;
    return new ApiError({
      code: 403,
      reason: 'Forbidden',
      message: `forbidden: User "${user.name}" cannot ${verb} path "${path}"`,
      details: {},
    });
  }
  const { verb, group, resource, subresource, namespace, name } = wanted;
  const scope = namespace
    ? `in the namespace "${namespace}"`
    : 'at the cluster scope';
  return forbidden(
    { group, plural: resource, kind: resource },
    name,
    `User "${user.name}" cannot ${verb} resource "${resource}${
      subresource ? `/${subresource}` : ''
    }" in API group "${group}" ${scope}`,
  );
}
