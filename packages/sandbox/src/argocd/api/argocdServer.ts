import { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen, Listener, readBody, urlOf } from '../../http/listen';
import { VerbCounts } from '../../http/VerbCounts';
import { ApiError } from './ApiError';
import {
  getApplication,
  getChartDetails,
  getResourceTree,
  getRevisionMetadata,
  getSyncWindows,
  listApplications,
} from './applicationRoutes';
import {
  createApplication,
  deleteApplication,
  patchApplication,
  putApplication,
  putSpec,
} from './applicationWrites';
import {
  getEvents,
  getManagedResources,
  getManifests,
  getServerSideDiff,
} from './comparisonRoutes';
import { CompressedAnswer } from './compression';
import { ApiContext, ApiRequest } from './context';
import {
  canI,
  createSession,
  getApplicationLinks,
  getDetailedProject,
  getProject,
  getProjectSyncWindows,
  getUserInfo,
  getVersion,
  listClusters,
  listProjects,
} from './otherRoutes';
import { parseFields } from './fields';
import { streamLogs } from './logRoute';
import {
  deleteResource,
  getResource,
  getResourceActions,
  getResourceLinks,
  patchResource,
  runResourceAction,
  runResourceActionV2,
} from './resourceRoutes';
import {
  STREAMED,
  streamApplications,
  streamResourceTree,
} from './streamRoute';
import {
  rollbackApplication,
  syncApplication,
  terminateOperation,
} from './syncRoutes';
import { tokenOf } from './token';

/** Answers what is sent as JSON, or {@link STREAMED} when the response is its own. */
type Route = (context: ApiContext, call: ApiRequest) => unknown;

/** `*` stands for one segment of the path, `**` for all that are left. */
const ROUTES: ReadonlyArray<
  readonly [method: string, path: string, route: Route]
> = [
  ['GET', '/api/version', getVersion],
  ['POST', '/api/v1/session', createSession],
  ['GET', '/api/v1/session/userinfo', getUserInfo],
  ['GET', '/api/v1/account/can-i/**', canI],
  ['GET', '/api/v1/stream/applications', streamApplications],
  ['GET', '/api/v1/stream/applications/*/resource-tree', streamResourceTree],
  ['GET', '/api/v1/applications', listApplications],
  ['POST', '/api/v1/applications', createApplication],
  ['GET', '/api/v1/applications/*', getApplication],
  ['PATCH', '/api/v1/applications/*', patchApplication],
  ['PUT', '/api/v1/applications/*', putApplication],
  ['DELETE', '/api/v1/applications/*', deleteApplication],
  ['PUT', '/api/v1/applications/*/spec', putSpec],
  ['GET', '/api/v1/applications/*/resource-tree', getResourceTree],
  ['GET', '/api/v1/applications/*/managed-resources', getManagedResources],
  ['GET', '/api/v1/applications/*/server-side-diff', getServerSideDiff],
  ['GET', '/api/v1/applications/*/manifests', getManifests],
  ['GET', '/api/v1/applications/*/events', getEvents],
  ['GET', '/api/v1/applications/*/links', getApplicationLinks],
  ['GET', '/api/v1/applications/*/logs', streamLogs],
  ['GET', '/api/v1/applications/*/pods/*/logs', streamLogs],
  ['GET', '/api/v1/applications/*/resource', getResource],
  ['POST', '/api/v1/applications/*/resource', patchResource],
  ['DELETE', '/api/v1/applications/*/resource', deleteResource],
  ['GET', '/api/v1/applications/*/resource/links', getResourceLinks],
  ['GET', '/api/v1/applications/*/resource/actions', getResourceActions],
  ['POST', '/api/v1/applications/*/resource/actions', runResourceAction],
  ['POST', '/api/v1/applications/*/resource/actions/v2', runResourceActionV2],
  ['GET', '/api/v1/applications/*/syncwindows', getSyncWindows],
  ['GET', '/api/v1/applications/*/revisions/*/metadata', getRevisionMetadata],
  ['GET', '/api/v1/applications/*/revisions/*/chartdetails', getChartDetails],
  ['POST', '/api/v1/applications/*/sync', syncApplication],
  ['POST', '/api/v1/applications/*/rollback', rollbackApplication],
  ['DELETE', '/api/v1/applications/*/operation', terminateOperation],
  ['GET', '/api/v1/projects', listProjects],
  ['GET', '/api/v1/projects/*', getProject],
  ['GET', '/api/v1/projects/*/detailed', getDetailedProject],
  ['GET', '/api/v1/projects/*/syncwindows', getProjectSyncWindows],
  ['GET', '/api/v1/clusters', listClusters],
];

export interface ArgocdServerOptions {
  port: number;
  context: ApiContext;
  unimplemented: VerbCounts;
  faults: {
    isDown(): boolean;
    /** Real milliseconds before anything is answered. */ delayMs(): number;
  };
}

/** Argo CD's HTTP API: what the product calls of it, as version 3.5 answers. */
export async function startArgocdServer(
  options: ArgocdServerOptions,
): Promise<Listener> {
  return listen({
    port: options.port,
    part: 'Argo CD',
    isDown: () => options.faults.isDown(),
    handler: (request, response) => handle(request, response, options),
  });
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: ArgocdServerOptions,
): Promise<void> {
  await sleep(options.faults.delayMs());
  const { segments, query } = urlOf(request);
  // The first thing that Argo CD looks at, before it asks who calls.
  if (
    request.method !== 'GET' &&
    request.method !== 'HEAD' &&
    request.headers['content-type']?.toLowerCase() !== 'application/json'
  ) {
    response.writeHead(415, {
      'Content-Type': 'text/plain; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end('Invalid content type\n');
    return;
  }
  const call = (parameters: readonly string[]): ApiRequest => ({
    request,
    response,
    parameters,
    query,
    body: () => jsonBody(request),
    textBody: () => jsonText(request),
    caller: () => options.context.access.callerOf(tokenOf(request)),
  });
  const [status, answer] = await answerOf(request, segments, call, options);
  if (answer !== STREAMED && !request.socket.destroyed) {
    new CompressedAnswer(request, response, status, {
      'Content-Type': 'application/json',
    }).end(JSON.stringify(answer));
  }
}

async function answerOf(
  request: IncomingMessage,
  segments: readonly string[],
  call: (parameters: readonly string[]) => ApiRequest,
  options: ArgocdServerOptions,
): Promise<[status: number, body: unknown]> {
  try {
    for (const [method, pattern, route] of ROUTES) {
      const parameters =
        method === request.method ? match(pattern, segments) : undefined;
      if (parameters) {
        return [200, await route(options.context, call(parameters))];
      }
    }
    const named = segments.map((segment, index) =>
      index === 3 && segments[2] === 'applications' ? '{name}' : segment,
    );
    const verb = `argocd ${request.method} /${named.join('/')}`;
    options.unimplemented.count(verb);
    throw new ApiError(
      'unimplemented',
      `Not implemented in the sandbox: ${verb}`,
    );
  } catch (error) {
    if (error instanceof ApiError) {
      return [error.status, errorBody(error, segments, call([]).query)];
    }
    throw error;
  }
}

/** Streams have errors of another shape, which `fields` reduces to nothing. */
function errorBody(
  error: ApiError,
  segments: readonly string[],
  query: URLSearchParams,
): unknown {
  const isStream = segments[2] === 'stream';
  if (!isStream && segments[segments.length - 1] !== 'logs') {
    return error.body();
  }
  return isStream && parseFields(query.get('fields')) ? {} : error.streamBody();
}

function match(
  pattern: string,
  segments: readonly string[],
): string[] | undefined {
  const wanted = pattern.split('/').filter(Boolean);
  const parameters: string[] = [];
  for (const [index, part] of wanted.entries()) {
    if (part === '**') {
      return [...parameters, ...segments.slice(index)];
    }
    const segment = segments[index];
    if (segment === undefined || (part !== '*' && part !== segment)) {
      return undefined;
    }
    if (part === '*') {
      parameters.push(segment);
    }
  }
  return segments.length === wanted.length ? parameters : undefined;
}

async function jsonBody(
  request: IncomingMessage,
): Promise<Record<string, unknown>> {
  const text = await jsonText(request);
  const value: unknown = text === '' ? {} : JSON.parse(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new ApiError(
    'invalidArgument',
    'json: cannot unmarshal value into Go value of type application.Request',
  );
}

async function jsonText(request: IncomingMessage): Promise<string> {
  const text = (await readBody(request)).toString('utf8').trim();
  try {
    if (text !== '') {
      JSON.parse(text);
    }
    return text;
  } catch {
    throw new ApiError(
      'invalidArgument',
      `invalid character '${text[0]}' looking for beginning of value`,
    );
  }
}
