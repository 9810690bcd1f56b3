import { isActive } from '../syncWindows';
import { ApiError, permissionDenied } from './ApiError';
import { ApiContext, ApiRequest, applicationOf } from './context';
import { tokenOf } from './token';

export const VERSION = 'v3.5.1+8e1f4d2';

/** `POST /session`: a login with user name and password. */
export async function createSession(
  context: ApiContext,
  { response, body }: ApiRequest,
): Promise<unknown> {
  const { username, password } = await body();
  const token = context.access.logIn(username, password);
  response.setHeader(
    'Set-Cookie',
    `argocd.token=${token}; path=/; SameSite=lax; httpOnly`,
  );
  return { token };
}

/** `GET /session/userinfo` never fails: without a good token it says nothing. */
export function getUserInfo(
  context: ApiContext,
  { request }: ApiRequest,
): unknown {
  try {
    const { account } = context.access.callerOf(tokenOf(request));
    return { loggedIn: true, username: account.name, iss: 'argocd' };
  } catch (error) {
    if (error instanceof ApiError) {
      return {};
    }
    throw error;
  }
}

export function canI(
  context: ApiContext,
  { parameters, caller }: ApiRequest,
): unknown {
  const [resource, action, ...object] = parameters;
  return {
    value: context.access.may(caller(), resource, action, object.join('/'))
      ? 'yes'
      : 'no',
  };
}

/** `GET /api/version`: everybody learns the version, who is logged in learns more. */
export function getVersion(
  context: ApiContext,
  { request }: ApiRequest,
): unknown {
  try {
    context.access.callerOf(tokenOf(request));
  } catch {
    return { Version: VERSION };
  }
  return {
    Version: VERSION,
    BuildDate: '2026-10-14T09:12:44Z',
    GitCommit: '8e1f4d2c1b7a90f3e5d6c7b8a9f0e1d2c3b4a596',
    GitTreeState: 'clean',
    GoVersion: 'go1.25.3',
    Compiler: 'gc',
    Platform: 'linux/amd64',
    KustomizeVersion: 'v5.7.1 2025-07-23T12:45:29Z',
    HelmVersion: 'v3.18.6+gb76a950',
    KubectlVersion: 'v0.34.0',
  };
}

export function listProjects(
  context: ApiContext,
  { caller }: ApiRequest,
): unknown {
  const who = caller();
  const items = context.projects
    .list()
    .filter(project =>
      context.access.may(who, 'projects', 'get', project.metadata.name),
    );
  return {
    metadata: { resourceVersion: context.applications.resourceVersion },
    items: items.length > 0 ? items : null,
  };
}

export function getProject(context: ApiContext, call: ApiRequest): unknown {
  return findProject(context, call);
}

export function getDetailedProject(
  context: ApiContext,
  call: ApiRequest,
): unknown {
  const project = findProject(context, call);
  return {
    globalProjects: null,
    project,
    repositories: null,
    clusters: context.clusters.map(({ name, server }) => ({ name, server })),
  };
}

/** Windows of a project that are active now. */
export function getProjectSyncWindows(
  context: ApiContext,
  call: ApiRequest,
): unknown {
  const now = context.clock.now();
  return {
    windows: (findProject(context, call).spec.syncWindows ?? []).filter(
      window => isActive(window, now),
    ),
  };
}

export function listClusters(
  context: ApiContext,
  { caller }: ApiRequest,
): unknown {
  const who = caller();
  const items = context.clusters
    .filter(cluster =>
      context.access.may(who, 'clusters', 'get', cluster.server),
    )
    // Argo CD goes on saying Successful for minutes after a cluster went down.
    .map(({ name, server, version }) => ({
      name,
      server,
      config: { tlsClientConfig: { insecure: false } },
      connectionState: { status: 'Successful', message: '', attemptedAt: null },
      info: {
        serverVersion: version,
        applicationsCount: 0,
        cacheInfo: {},
        connectionState: {
          status: 'Successful',
          message: '',
          attemptedAt: null,
        },
      },
    }));
  return { metadata: {}, items: items.length > 0 ? items : null };
}

/** `GET …/links`: links are configured in Argo CD; here there are none. */
export function getApplicationLinks(
  context: ApiContext,
  call: ApiRequest,
): unknown {
  applicationOf(context, call);
  return { items: [] };
}

function findProject(context: ApiContext, { parameters, caller }: ApiRequest) {
  const [name] = parameters;
  if (!context.access.may(caller(), 'projects', 'get', name)) {
    throw permissionDenied();
  }
  const project = context.projects.get(name);
  if (!project) {
    throw new ApiError(
      'notFound',
      `appprojects.argoproj.io "${name}" not found`,
    );
  }
  return project;
}
