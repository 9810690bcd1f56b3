import { Json } from './json';

/** What an API server answers instead of an object: the `Status` that clients print and act upon. */
export class ApiError extends Error {
  readonly status: Json;
  readonly code: number;
  readonly headers: Record<string, string>;

  constructor(options: {
    code: number;
    /** None where the server itself does not know. */
    reason?: string;
    message: string;
    details?: Json;
    headers?: Record<string, string>;
  }) {
    super(options.message);
    this.name = 'ApiError';
    this.code = options.code;
    this.headers = options.headers ?? {};
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: options.message,
      ...(options.reason ? { reason: options.reason } : {}),
      ...(options.details ? { details: options.details } : {}),
      code: options.code,
    };
  }
}

/** Names of a resource as messages spell them: `deployments.apps`, `pods`. */
export interface ResourceNames {
  group: string;
  plural: string;
  kind: string;
}

export function qualified(resource: { group: string; plural: string }): string {
  return resource.group
    ? `${resource.plural}.${resource.group}`
    : resource.plural;
}

function detailsOf(
  resource: ResourceNames,
  name: string | undefined,
  extra: Json = {},
): Json {
  return {
    ...(name ? { name } : {}),
    ...(resource.group ? { group: resource.group } : {}),
    kind: resource.plural,
    ...extra,
  };
}

export function notFound(resource: ResourceNames, name: string): ApiError {
  return new ApiError({
    code: 404,
    reason: 'NotFound',
    message: `${qualified(resource)} "${name}" not found`,
    details: detailsOf(resource, name),
  });
}

/** A path that the server does not serve. */
export function noSuchPath(): ApiError {
  return new ApiError({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  });
}

export function alreadyExists(resource: ResourceNames, name: string): ApiError {
  return new ApiError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualified(resource)} "${name}" already exists`,
    details: detailsOf(resource, name),
  });
}

export function conflict(
  resource: ResourceNames,
  name: string,
  why?: string,
): ApiError {
  const cause =
    why ??
    'the object has been modified; please apply your changes to the latest version and try again';
  return new ApiError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualified(
      resource,
    )} "${name}": ${cause}`,
    details: detailsOf(resource, name),
  });
}

/** A server-side apply that would take fields from others. */
export function applyConflict(
  message: string,
  causes: ReadonlyArray<{ message: string; field: string }>,
): ApiError {
  return new ApiError({
    code: 409,
    reason: 'Conflict',
    message,
    details: {
      causes: causes.map(cause => ({
        reason: 'FieldManagerConflict',
        ...cause,
      })),
    },
  });
}

export interface FieldProblem {
  /** FieldValueRequired, FieldValueInvalid, FieldValueNotSupported … */
  reason: string;
  field: string;
  /** As Kubernetes words it, without the field: `Required value`. */
  message: string;
}

export function invalid(
  resource: ResourceNames,
  name: string,
  problems: FieldProblem[],
): ApiError {
  const texts = problems.map(({ field, message }) => `${field}: ${message}`);
  const all = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const { group, kind } = resource;
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    message: `${
      group ? `${kind}.${group}` : kind
    } "${name}" is invalid: ${all}`,
    details: {
      name,
      ...(group ? { group } : {}),
      kind,
      causes: problems.map(problem => ({
        reason: problem.reason,
        message: problem.message,
        field: problem.field,
      })),
    },
  });
}

export function badRequest(message: string): ApiError {
  return new ApiError({ code: 400, reason: 'BadRequest', message });
}

export function forbidden(
  resource: ResourceNames,
  name: string | undefined,
  why: string,
): ApiError {
  return new ApiError({
    code: 403,
    reason: 'Forbidden',
    message: `${qualified(resource)}${
      name ? ` "${name}"` : ''
    } is forbidden: ${why}`,
    details: detailsOf(resource, name),
  });
}

export function unauthorized(): ApiError {
  return new ApiError({
    code: 401,
    reason: 'Unauthorized',
    message: 'Unauthorized',
  });
}

export function gone(message: string): ApiError {
  return new ApiError({ code: 410, reason: 'Expired', message });
}

export function tooManyRequests(): ApiError {
  return new ApiError({
    code: 429,
    reason: 'TooManyRequests',
    message: 'Too many requests, please try again later.',
    details: { retryAfterSeconds: 1 },
    headers: { 'Retry-After': '1' },
  });
}

export function unsupportedMediaType(
  given: string,
  accepted: string[],
): ApiError {
  return new ApiError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(
      ', ',
    )} (got ${given})`,
  });
}

/** Kubernetes has it and the sandbox does not. @param verb - as it is counted: `create statefulsets.apps` */
export function unimplemented(verb: string): ApiError {
  return new ApiError({
    code: 501,
    reason: 'NotImplemented',
    message: `The sandbox does not implement: ${verb}`,
    details: { kind: verb },
  });
}
