import { isDeepStrictEqual } from 'node:util';
import { jsonMergePatch } from '../../kubernetes/patch/jsonMergePatch';
import { jsonPatch } from '../../kubernetes/patch/jsonPatch';
import { UnknownRevisionError } from '../ManifestSource';
import { newApplication } from '../newApplication';
import { timestamp } from '../OperationRunner';
import { RenderError } from '../render/manifests';
import { sourcesOf } from '../sources';
import { globMatches } from '../syncWindows';
import { Application, keyOfApplication } from '../types';
import { ApiError } from './ApiError';
import {
  ApiContext,
  ApiRequest,
  applicationOf,
  checkBody,
  findApplication,
  needRight,
} from './context';

/**
 * `POST /applications`. An Application that is there already and is asked for exactly as it is, is answered; any other of the name is refused, as nobody
 * asks for an upsert here.
 */
export async function createApplication(
  context: ApiContext,
  call: ApiRequest,
): Promise<unknown> {
  const who = call.caller();
  const manifest = (await call.body()) as unknown as Pick<
    Application,
    'metadata' | 'spec'
  >;
  if (!manifest.spec?.project) {
    throw new ApiError(
      'invalidArgument',
      'error creating application: application is nil in request',
    );
  }
  const wanted = newApplication(
    {
      metadata: manifest.metadata,
      spec: withoutNulls(manifest.spec) as Application['spec'],
    },
    context.clock.now(),
  );
  needRight(context, who, {
    resource: 'applications',
    action: 'create',
    application: wanted,
  });
  if (!context.projects.get(wanted.spec.project)) {
    throw new ApiError(
      'invalidArgument',
      `app is not allowed in project "${wanted.spec.project}", or the project does not exist`,
    );
  }
  if (call.query.get('validate') !== 'false') {
    await needValid(context, wanted, wanted);
  }
  needPermitted(context, wanted);
  const existing = context.applications.get(keyOfApplication(wanted));
  if (existing) {
    if (isDeepStrictEqual(partsOf(existing), partsOf(wanted))) return existing;
    throw new ApiError(
      'invalidArgument',
      'existing application spec is different, use upsert flag to force update',
    );
  }
  context.applications.add(wanted);
  if (context.faults.takeDroppedCreation()) {
    call.request.socket.destroy();
    return undefined;
  }
  return context.applications.get(keyOfApplication(wanted))!;
}

function partsOf({ metadata, spec }: Application): unknown {
  const { labels, annotations, finalizers = [] } = metadata;
  // As text and back: what was cloned is of another realm under Jest.
  return JSON.parse(
    JSON.stringify({ spec, labels, annotations, finalizers }),
  ) as unknown;
}

/** What the project lets Applications be made of, and where they may go. */
function needPermitted(context: ApiContext, application: Application): void {
  const { spec, metadata } = application;
  const { sourceRepos, destinations } = context.projects.get(
    spec.project,
  )!.spec;
  const refuse = (message: string) =>
    new ApiError(
      'invalidArgument',
      `application spec for ${metadata.name} is invalid: InvalidSpecError: ${message}`,
    );
  for (const { repoURL } of sourcesOf(spec)) {
    if (!sourceRepos.some(pattern => globMatches(pattern, repoURL))) {
      throw refuse(
        `application repo ${repoURL} is not permitted in project '${spec.project}'`,
      );
    }
  }
  const { server, name, namespace = '' } = spec.destination;
  const cluster = context.clusters.find(
    each => each.server === server || each.name === name,
  );
  if (!cluster) {
    throw new ApiError(
      'invalidArgument',
      `application destination spec for ${
        metadata.name
      } is invalid: there are no clusters with this name: ${name ?? server}`,
    );
  }
  const isPermitted = destinations.some(
    each =>
      (globMatches(each.server ?? '', cluster.server) ||
        globMatches(each.name ?? '', cluster.name)) &&
      globMatches(each.namespace ?? '', namespace),
  );
  if (!isPermitted) {
    throw refuse(
      `application destination server '${cluster.server}' and namespace '${namespace}' do not match any of the allowed destinations in project '${spec.project}'`,
    );
  }
}

/** `PATCH /applications/{name}`: the patch comes as a text. Of what it changes, spec, labels, annotations and finalizers are kept. */
export async function patchApplication(
  context: ApiContext,
  call: ApiRequest,
): Promise<unknown> {
  const who = call.caller();
  const body = await call.body();
  checkBody(body, 'ApplicationPatchRequest', {
    patch: 'string',
    patchType: 'string',
    appNamespace: 'string',
    project: 'string',
  });
  const application = findApplication(context, who, {
    name: call.parameters[0],
    action: 'get',
    project: body.project as string | undefined,
    namespace: body.appNamespace as string | undefined,
  });
  needRight(context, who, {
    resource: 'applications',
    action: 'update',
    application,
  });
  const patched = patchedWith(
    application,
    String(body.patch ?? ''),
    String(body.patchType ?? ''),
  );
  return store(context, application, patched);
}

/** `PUT /applications/{name}/spec` */
export async function putSpec(
  context: ApiContext,
  call: ApiRequest,
): Promise<unknown> {
  const application = applicationOf(context, call, 'update');
  const spec = (await call.body()) as unknown as Application['spec'];
  const validate = call.query.get('validate') !== 'false';
  return (await store(context, application, { ...application, spec }, validate))
    .spec;
}

/** `PUT /applications/{name}` */
export async function putApplication(
  context: ApiContext,
  call: ApiRequest,
): Promise<unknown> {
  const application = applicationOf(context, call, 'update');
  const given = (await call.body()) as unknown as Application;
  const validate = call.query.get('validate') !== 'false';
  return store(context, application, given, validate);
}

/** `DELETE /applications/{name}`: with `cascade`, which is the default, its objects go too. */
export function deleteApplication(
  context: ApiContext,
  call: ApiRequest,
): unknown {
  const application = applicationOf(context, call, 'delete');
  context.applications.markDeleted(keyOfApplication(application), {
    at: timestamp(context.clock.now()),
    cascade: call.query.get('cascade') !== 'false',
  });
  return {};
}

function patchedWith(
  application: Application,
  patch: string,
  type: string,
): Application {
  if (!['', 'json', 'merge'].includes(type)) {
    throw new ApiError(
      'invalidArgument',
      `Patch type '${type}' is not supported`,
    );
  }
  try {
    const change = JSON.parse(patch) as unknown;
    return (
      type === 'merge'
        ? jsonMergePatch(application, change)
        : jsonPatch(application, change)
    ) as Application;
  } catch (error) {
    throw new ApiError(
      'unknown',
      `error ${
        type === 'merge' ? 'calculating merge' : 'decoding json'
      } patch: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function store(
  context: ApiContext,
  before: Application,
  after: Application,
  validate = true,
): Promise<Application> {
  if (validate) {
    await needValid(context, before, after);
  }
  return context.applications.update(keyOfApplication(before), draft => {
    draft.spec = withoutNulls(after.spec) as Application['spec'];
    draft.metadata.labels = after.metadata.labels ?? {};
    draft.metadata.annotations = after.metadata.annotations ?? {};
    if (after.metadata.finalizers) {
      draft.metadata.finalizers = after.metadata.finalizers;
    } else {
      delete draft.metadata.finalizers;
    }
  });
}

/** Project, destination and manifests are tried before anything is stored. */
async function needValid(
  context: ApiContext,
  before: Application,
  after: Application,
): Promise<void> {
  const refuse = (message: string) =>
    new ApiError(
      'invalidArgument',
      `application spec for ${before.metadata.name} is invalid: InvalidSpecError: ${message}`,
    );
  const { spec } = after;
  if (!context.projects.get(spec.project)) {
    throw new ApiError(
      'invalidArgument',
      `application references project ${spec.project} which does not exist`,
    );
  }
  if (!spec.destination?.server && !spec.destination?.name) {
    throw refuse('Destination server missing from app spec');
  }
  try {
    const revisions = await context.manifests.resolveAll(spec);
    await context.manifests.render({ ...before, spec }, revisions);
  } catch (error) {
    if (error instanceof RenderError || error instanceof UnknownRevisionError) {
      throw refuse(
        `Unable to generate manifests in ${spec.source?.path ?? ''}: ${
          error.message
        }`,
      );
    }
    throw error;
  }
}

/** As Go reads it: a member that is null is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutNulls);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null)
      .map(([key, each]) => [key, withoutNulls(each)]),
  );
}
