import { setTimeout as sleep } from 'node:timers/promises';
import { RenderError } from '../render/manifests';
import { ResourceTree, resourceTree } from '../resourceTree';
import { isMultiSource, sourcesOf } from '../sources';
import { isActive } from '../syncWindows';
import {
  Application,
  ApplicationSource,
  keyOfApplication,
  SyncWindow,
} from '../types';
import { Caller } from './AccessControl';
import { ApiError } from './ApiError';
import {
  ApiContext,
  ApiRequest,
  applicationOf,
  rbacName,
  surroundingsOf,
} from './context';
import { isWanted, parseFields, pickFromList } from './fields';
import { parseLabelSelector } from './labelSelector';

/** Applications that a list or stream request asks for. */
export function queryFilter(
  query: URLSearchParams,
): (application: Pick<Application, 'metadata' | 'spec'>) => boolean {
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
    (!repo ||
      sourcesOf(application.spec).some(source => source.repoURL === repo)) &&
    (!namespace || application.metadata.namespace === namespace) &&
    matches(application.metadata.labels);
}

/** Of these, the ones that its caller may see. */
export function applicationFilter(
  context: ApiContext,
  caller: Caller,
  query: URLSearchParams,
): (application: Application) => boolean {
  const isAsked = queryFilter(query);
  return application =>
    isAsked(application) &&
    context.access.may(caller, 'applications', 'get', rbacName(application));
}

/** Of several of one name, in different namespaces, a list has one: projects, repositories and rights are asked about only then. */
function candidates(
  context: ApiContext,
  query: URLSearchParams,
): Application[] {
  const all = context.applications.list();
  if (!query.get('name')) return all;
  const first = ['name', 'appNamespace', 'selector'];
  const isNamed = queryFilter(
    new URLSearchParams([...query].filter(([key]) => first.includes(key))),
  );
  return all.filter(isNamed).slice(0, 1);
}

export async function listApplications(
  context: ApiContext,
  { query, caller }: ApiRequest,
): Promise<unknown> {
  const isAsked = applicationFilter(context, caller(), query);
  // All of them are gone through, whoever asks for which.
  await sleep(context.faults.listDelayMs(context.applications.list().length));
  const found = candidates(context, query).filter(isAsked);
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
  call: ApiRequest,
): Promise<unknown> {
  const application = applicationOf(context, call);
  const refresh = call.query.get('refresh');
  if (refresh === null) {
    return application;
  }
  await context.controller.refresh(
    keyOfApplication(application),
    refresh === 'hard' ? 'hard' : 'normal',
  );
  return applicationOf(context, call);
}

export function getResourceTree(
  context: ApiContext,
  call: ApiRequest,
): unknown {
  return treeOf(context, applicationOf(context, call));
}

export function treeOf(
  context: ApiContext,
  application: Application,
): ResourceTree {
  const { store, managed } = surroundingsOf(context, application);
  return resourceTree(store, managed.of(keyOfApplication(application)));
}

export function getSyncWindows(context: ApiContext, call: ApiRequest): unknown {
  const application = applicationOf(context, call);
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
  call: ApiRequest,
): Promise<unknown> {
  const source = askedSource(applicationOf(context, call), call.query);
  const [, revision] = call.parameters;
  if (source.chart) {
    throw new ApiError('unknown', `revision ${revision} must be resolved`);
  }
  const repository = context.manifests.repositoryOf(source);
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

export function getChartDetails(
  context: ApiContext,
  call: ApiRequest,
): unknown {
  const application = applicationOf(context, call);
  const source = askedSource(application, call.query);
  if (!source.chart) {
    throw new ApiError(
      'unknown',
      `no chart found for application: ${application.metadata.name}`,
    );
  }
  try {
    const { description, home, maintainers } = context.manifests.chartOf(
      source,
      call.parameters[1],
    );
    return {
      description,
      ...(home ? { home } : {}),
      ...(maintainers.length > 0 ? { maintainers } : {}),
    };
  } catch (error) {
    if (error instanceof RenderError) {
      throw new ApiError(
        'unknown',
        `helm client: error pulling chart: ${error.message}`,
      );
    }
    throw error;
  }
}

/** The source that `sourceIndex` names; of what was deployed with `versionId`, where one is given. */
function askedSource(
  application: Application,
  query: URLSearchParams,
): ApplicationSource {
  const version = query.get('versionId');
  const sourced =
    version === null
      ? application.spec
      : application.status.history?.find(({ id }) => id === Number(version));
  if (!sourced) {
    throw new ApiError(
      'unknown',
      `error getting app source by source index and version ID: revision not found using version ID ${version}`,
    );
  }
  const index = Number(query.get('sourceIndex') ?? 0);
  const source = sourcesOf(sourced)[isMultiSource(sourced) ? index : 0];
  if (!source) {
    throw new ApiError(
      'unknown',
      `error getting app source by source index and version ID: source index ${index} not found`,
    );
  }
  return source;
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
