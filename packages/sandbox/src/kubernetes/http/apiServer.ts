import { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { parse as parseYaml } from 'yaml';
import {
  basicCredentials,
  listen,
  Listener,
  readBody,
  urlOf,
} from '../../http/listen';
import {
  ApiError,
  badRequest,
  forbidden,
  noSuchPath,
  notFound,
  qualified,
  tooManyRequests,
  unauthorized,
  unimplemented,
  unsupportedMediaType,
} from '../ApiError';
import { ClusterOptions } from '../cluster';
import { ClusterFaults } from '../ClusterFaults';
import { storageOf } from '../resources';
import { Registry } from '../store/Registry';
import { reviewAccess } from './access';
import {
  aggregated,
  coreVersions,
  groupList,
  oneGroup,
  resourceList,
} from './discovery';
import { isWatch, Lists } from './Lists';
import { openApiIndex, openApiText } from './openapi';
import { PodLogs } from './PodLogs';
import { formOf, Representation } from './representation';
import { parseResourcePath, ResourcePath } from './requestInfo';
import { respond, respondError } from './respond';
import { scaleOf } from './scale';
import { Watches } from './Watches';
import { WriteAnswer, WriteRequest, Writes } from './Writes';

export interface ApiServerOptions extends ClusterOptions {
  registry: Registry;
  faults: ClusterFaults;
}

/** Serves a cluster's API on loopback. */
export async function startApiServer(
  options: ApiServerOptions,
): Promise<Listener> {
  const server = new ApiServer(options);
  const listener = await listen({
    port: options.port,
    part: `the Kubernetes API of ${options.name}`,
    handler: (request, response) => server.handle(request, response),
    isDown: () => options.faults.state().down,
  });
  return {
    ...listener,
    async close() {
      server.close();
      await listener.close();
    },
  };
}

class ApiServer {
  readonly #options: ApiServerOptions;
  readonly #lists: Lists;
  readonly #watches: Watches;
  readonly #writes: Writes;
  readonly #logs: PodLogs;
  readonly #hanging = new Set<ServerResponse>();
  readonly #stop: () => void;

  constructor(options: ApiServerOptions) {
    const { registry, faults } = options;
    this.#options = options;
    this.#lists = Lists.create({ storage: registry.storage });
    this.#watches = Watches.create({ storage: registry.storage, faults });
    this.#writes = Writes.create({ registry });
    this.#logs = PodLogs.create({ ...options, cluster: options.name });
    this.#stop = faults.subscribe(() => this.#releaseHanging());
  }

  close(): void {
    this.#stop();
    this.#watches.close();
  }

  async handle(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { latencyMs, hang } = this.#options.faults.state();
    if (hang) {
      this.#hanging.add(response);
      response.on('close', () => this.#hanging.delete(response));
      return;
    }
    if (latencyMs > 0) {
      await sleep(latencyMs);
    }
    try {
      await this.#route(request, response);
    } catch (error) {
      if (!(error instanceof ApiError) || response.headersSent) {
        throw error;
      }
      if (error.code === 501) {
        this.#options.unimplemented.count(
          `kubernetes ${error.status.details.kind}`,
        );
      }
      respondError(request, response, error);
    }
  }

  #releaseHanging(): void {
    if (!this.#options.faults.state().hang) {
      this.#hanging.forEach(response => response.socket?.destroy());
    }
  }

  async #route(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { path, segments, query } = urlOf(request);
    if (['/healthz', '/livez', '/readyz'].includes(path)) {
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      response.end('ok');
      return;
    }
    this.#authenticate(request);
    if (this.#options.faults.takeTooManyRequests()) {
      throw tooManyRequests();
    }
    const answer = this.#discover(request, path, segments);
    if (answer) {
      respond(request, response, 200, answer.text, answer.headers);
      return;
    }
    if (segments[0] !== 'api' && segments[0] !== 'apis') {
      throw unimplemented(`${request.method} ${path}`);
    }
    if (
      path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews' &&
      request.method === 'POST'
    ) {
      const body = await readObject(request);
      respond(
        request,
        response,
        201,
        JSON.stringify(reviewAccess(body.value, this.#options.faults)),
      );
      return;
    }
    const resourcePath = parseResourcePath(request.method!, segments);
    if (!resourcePath) {
      throw noSuchPath();
    }
    this.#authorize(request, resourcePath, query);
    await this.#serve(request, response, resourcePath, query);
  }

  #authenticate(request: IncomingMessage): void {
    // kubectl sends no bearer token over plain HTTP, but it does send what stands in the server's address.
    const given =
      /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ??
      basicCredentials(request)?.password;
    if (
      given !== this.#options.token ||
      this.#options.faults.state().expiredToken
    ) {
      throw unauthorized();
    }
  }

  #authorize(
    request: IncomingMessage,
    { resource, namespace, name, subresource }: ResourcePath,
    query: URLSearchParams,
  ): void {
    if (
      this.#options.faults.state().forbiddenKinds.includes(qualified(resource))
    ) {
      const verb = verbOf(request.method!, name, query);
      const scope = namespace
        ? ` in the namespace "${namespace}"`
        : ' at the cluster scope';
      throw forbidden(
        resource,
        name,
        `User "system:serviceaccount:switchyard:portal" cannot ${verb} resource "${
          resource.plural
        }${subresource ? `/${subresource}` : ''}" in API group "${
          resource.group
        }"${scope}`,
      );
    }
  }

  /** Everything that tells what the server can do. */
  #discover(
    request: IncomingMessage,
    path: string,
    segments: string[],
  ): { text: string; headers?: Record<string, string> } | undefined {
    if (request.method !== 'GET') {
      return undefined;
    }
    const json = (value: unknown) => ({ text: JSON.stringify(value) });
    if (path === '/version') {
      return json(versionOf(this.#options.version));
    }
    if (path === '/openapi/v3') {
      return json(openApiIndex());
    }
    if (segments[0] === 'openapi' && segments[1] === 'v3') {
      const text = openApiText(segments.slice(3).join('/'));
      if (!text) {
        throw noSuchPath();
      }
      return { text };
    }
    if (path === '/api' || path === '/apis') {
      const wanted = String(request.headers.accept ?? '');
      // Clients name several versions in the order in which they like them.
      const known =
        /g=apidiscovery\.k8s\.io;v=v2(;|,|$)/.test(wanted) &&
        /as=APIGroupDiscoveryList/.test(wanted);
      if (known) {
        return {
          ...json(aggregated(segments[0] as 'api' | 'apis')),
          headers: {
            'Content-Type':
              'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
          },
        };
      }
      return json(
        path === '/api'
          ? coreVersions(request.headers.host ?? '')
          : groupList(),
      );
    }
    if (segments[0] === 'apis' && segments.length === 2) {
      const group = oneGroup(segments[1]);
      if (!group) {
        throw noSuchPath();
      }
      return json(group);
    }
    if (segments.length === (segments[0] === 'api' ? 2 : 3)) {
      const resources = resourceList(segments.slice(1).join('/'));
      if (!resources) {
        throw noSuchPath();
      }
      return json(resources);
    }
    return undefined;
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    path: ResourcePath,
    query: URLSearchParams,
  ): Promise<void> {
    const { resource, namespace, name, subresource } = path;
    const representation = Representation.create({
      resource,
      form: subresource === 'log' ? 'object' : formOf(request),
      includeObject: query.get('includeObject') ?? undefined,
      now: () => this.#options.clock.now(),
    });
    if (request.method === 'GET' || request.method === 'HEAD') {
      if (subresource === 'log' && resource.kind === 'Pod') {
        this.#logs.serve(request, response, {
          namespace: namespace!,
          name: name!,
          query,
        });
      } else if (name !== undefined) {
        respond(request, response, 200, this.#get(path, representation));
      } else if (isWatch(query)) {
        this.#watches.serve({
          request,
          response,
          resource,
          namespace,
          query,
          representation,
        });
      } else {
        const { objects, metadata } = this.#lists.list(
          resource,
          namespace,
          query,
        );
        respond(request, response, 200, representation.list(objects, metadata));
      }
      return;
    }
    const write = await this.#readWrite(request, path, query);
    if (request.method === 'DELETE' && name === undefined) {
      const listed = this.#lists.list(resource, namespace, query);
      this.#writes.deleteAll(write, listed.objects);
      respond(
        request,
        response,
        200,
        representation.list(listed.objects, listed.metadata),
      );
      return;
    }
    const answer = this.#write(request, write);
    const text = answer.object
      ? representation.one(answer.object)
      : JSON.stringify(answer.answer);
    const warnings = answer.warnings.map(
      warning => `299 - ${JSON.stringify(warning)}`,
    );
    respond(
      request,
      response,
      answer.status,
      subresource === 'scale' ? JSON.stringify(answer.object) : text,
      {
        ...(warnings.length > 0 ? { Warning: warnings } : {}),
      },
    );
  }

  #get(
    { resource, namespace, name, subresource }: ResourcePath,
    representation: Representation,
  ): string {
    checkSubresource('GET', resource, subresource);
    const object = this.#options.registry.storage.get(
      storageOf(resource),
      namespace,
      name!,
    );
    if (!object) {
      throw notFound(resource, name!);
    }
    return subresource === 'scale'
      ? JSON.stringify(scaleOf(object))
      : representation.one(object);
  }

  #write(request: IncomingMessage, write: WriteRequest): WriteAnswer {
    const { resource, name, subresource } = write.path;
    const method = request.method!;
    if (subresource) {
      checkSubresource(method, resource, subresource);
    }
    if (method === 'POST' && name === undefined) {
      return this.#writes.create(write);
    }
    if (name !== undefined && method === 'PUT') {
      return this.#writes.update(write);
    }
    if (name !== undefined && method === 'PATCH') {
      return this.#writes.patch(write);
    }
    if (name !== undefined && method === 'DELETE' && !subresource) {
      return this.#writes.delete(write);
    }
    throw new ApiError({
      code: 405,
      reason: 'MethodNotAllowed',
      message:
        'the server does not allow this method on the requested resource',
    });
  }

  async #readWrite(
    request: IncomingMessage,
    path: ResourcePath,
    query: URLSearchParams,
  ): Promise<WriteRequest> {
    const { value, contentType } = await readObject(request);
    return {
      path,
      query,
      contentType,
      body: value,
      userAgent: String(request.headers['user-agent'] ?? 'unknown').split(
        '/',
      )[0],
    };
  }
}

function checkSubresource(
  method: string,
  resource: ResourcePath['resource'],
  subresource: string | undefined,
): void {
  const known = { status: resource.hasStatus, scale: resource.hasScale };
  if (subresource && !known[subresource as keyof typeof known]) {
    throw unimplemented(`${method} ${qualified(resource)}/${subresource}`);
  }
}

function verbOf(
  method: string,
  name: string | undefined,
  query: URLSearchParams,
): string {
  if (method === 'GET') {
    return name === undefined ? (isWatch(query) ? 'watch' : 'list') : 'get';
  }
  const verbs: Record<string, string> = {
    POST: 'create',
    PUT: 'update',
    PATCH: 'patch',
  };
  return verbs[method] ?? (name === undefined ? 'deletecollection' : 'delete');
}

async function readObject(
  request: IncomingMessage,
): Promise<{ value: any; contentType: string }> {
  const contentType = String(
    request.headers['content-type'] ?? 'application/json',
  )
    .split(';')[0]
    .trim();
  let bytes = await readBody(request);
  if (request.headers['content-encoding'] === 'gzip') {
    bytes = gunzipSync(bytes);
  }
  if (bytes.length === 0) {
    return { value: undefined, contentType };
  }
  if (/protobuf|cbor/.test(contentType)) {
    throw unsupportedMediaType(contentType, [
      'application/json',
      'application/yaml',
    ]);
  }
  try {
    const text = bytes.toString('utf8');
    return {
      value: /yaml/.test(contentType) ? parseYaml(text) : JSON.parse(text),
      contentType,
    };
  } catch (error) {
    throw badRequest(
      `couldn't get version/kind; json parse error: ${
        (error as Error).message
      }`,
    );
  }
}

function versionOf(version: string): Record<string, string> {
  const [major, minor] = version.split('.');
  return {
    major,
    minor,
    gitVersion: `v${version}`,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '2026-06-16T12:00:00Z',
    goVersion: 'go1.24.4',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}
