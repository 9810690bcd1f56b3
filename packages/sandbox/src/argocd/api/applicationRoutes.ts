import { resourceTree } from '../resourceTree';
import { isActive } from '../syncWindows';
import { Application, SyncWindow } from '../types';
import { Caller } from './AccessControl';
import { ApiError } from './ApiError';
import {
  ApiContext,
  ApiRequest,
  findApplication,
  projectOf,
  rbacName,
} from './context';
import { isWanted, parseFields, pickFromList } from './fields';
import { parseLabelSelector } from './labelSelector';

/** Applications that a list or stream request asks for and its caller may see. */
export function applicationFilter(
  context: ApiContext,
  caller: Caller,
  query: URLSearchParams,
): (application: Application) => boolean {
  const projects = [
    ...query.getAll('projects'),
    ...query.getAll('project'),
  ].filter(Boolean);
  const name = query.get('name');
  const repo = query.get('repo');
  const namespace = query.get('appNamespace');
  const matches = parseLabelSelector(query.get('selector') ?? '');
  return application =>
    (!name || application.metadata.name === name) &&
    (projects.length === 0 || projects.includes(application.spec.project)) &&
    (!repo || application.spec.source.repoURL === repo) &&
    (!namespace || application.metadata.namespace === namespace) &&
    matches(application.metadata.labels) &&
    context.access.may(caller, 'applications', 'get', rbacName(application));
}

export function listApplications(
  context: ApiContext,
  { query, caller }: ApiRequest,
): unknown {
  const isAsked = applicationFilter(context, caller(), query);
  const found = context.applications.list().filter(isAsked);
  const fields = parseFields(query.get('fields'));
  const resourceVersion = context.applications.resourceVersion;
  if (!fields) {
    // An empty list is null, as Go writes it.
    return {
      metadata: { resourceVersion },
      items: found.length > 0 ? found.map(withoutResourceHealth) : null,
    };
  }
  const isMetadataWanted =
    isWanted(fields, 'metadata.resourceVersion') ||
    isWanted(fields, 'metadata');
  return {
    ...(isMetadataWanted ? { metadata: { resourceVersion } } : {}),
    items:
      found.length > 0
        ? found.map(application =>
            pickFromList(withoutResourceHealth(application), fields),
          )
        : null,
  };
}

export async function getApplication(
  context: ApiContext,
  { parameters, query, caller }: ApiRequest,
): Promise<unknown> {
  const [name] = parameters;
  const project = projectOf(query);
  const who = caller();
  const find = () =>
    findApplication(context, who, {
      name,
      action: 'get',
      project,
      namespace: query.get('appNamespace') ?? undefined,
    });
  const application = find();
  const refresh = query.get('refresh');
  if (refresh === null) {
    return application;
  }
  await context.controller.refresh(
    name,
    refresh === 'hard' ? 'hard' : 'normal',
  );
  return find();
}

export function getResourceTree(
  context: ApiContext,
  { parameters, query, caller }: ApiRequest,
): unknown {
  const application = findApplication(context, caller(), {
    name: parameters[0],
    action: 'get',
    project: projectOf(query),
  });
  const surroundings = context.controller.managedOf(application);
  if (!surroundings) {
    throw new ApiError(
      'internal',
      `error getting cached app resource tree: cluster of ${application.metadata.name} is not known`,
    );
  }
  return resourceTree(
    surroundings.store,
    surroundings.managed.of(application.metadata.name),
  );
}

export function getSyncWindows(
  context: ApiContext,
  { parameters, query, caller }: ApiRequest,
): unknown {
  const application = findApplication(context, caller(), {
    name: parameters[0],
    action: 'get',
    project: projectOf(query),
  });
  const now = context.clock.now();
  const assigned = context.projects.windowsFor(application);
  const active = assigned.filter(window => isActive(window, now));
  return {
    ...(active.length > 0 ? { activeWindows: active.map(shownWindow) } : {}),
    ...(assigned.length > 0
      ? { assignedWindows: assigned.map(shownWindow) }
      : {}),
    canSync: context.projects.canSync(application, { manual: true, now }),
  };
}

export async function getRevisionMetadata(
  context: ApiContext,
  { parameters, query, caller }: ApiRequest,
): Promise<unknown> {
  const [name, revision] = parameters;
  const application = findApplication(context, caller(), {
    name,
    action: 'get',
    project: projectOf(query),
  });
  const repository = context.manifests.repositoryOf(application.spec.source);
  const sha = await repository.resolve(revision);
  const [commit] = sha ? await repository.log({ revision: sha, limit: 1 }) : [];
  if (!commit) {
    throw new ApiError(
      'unknown',
      `failed to get revision metadata: unable to resolve '${revision}' to a commit SHA`,
    );
  }
  return {
    author: `${commit.author.name} <${commit.author.email}>`,
    date: `${commit.at.slice(0, 19)}Z`,
    message: commit.message,
    signatureInfo: '',
  };
}

export function shownWindow({
  kind,
  schedule,
  duration,
  manualSync = false,
}: SyncWindow) {
  return { kind, schedule, duration, manualSync };
}

/** In lists the health of each resource is left out: the server looks it up for single Applications and streams only. */
function withoutResourceHealth(application: Application): Application {
  const { resources } = application.status;
  return resources
    ? {
        ...application,
        status: {
          ...application.status,
          resources: resources.map(({ health: _, ...resource }) => resource),
        },
      }
    : application;
}
