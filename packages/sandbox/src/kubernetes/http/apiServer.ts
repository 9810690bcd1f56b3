import { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen, Listener, urlOf } from '../../http/listen';
import {
  ApiError,
  badRequest,
  noSuchPath,
  notFound,
  qualified,
  tooManyRequests,
  unimplemented,
} from '../ApiError';
import { ClusterOptions } from '../cluster';
import { ClusterFaults } from '../ClusterFaults';
import { PodExec } from '../exec/PodExec';
import { MetricsApi } from '../metrics/MetricsApi';
import { UsageMeter } from '../metrics/UsageMeter';
import { ResourceType, storageOf } from '../resources';
import { ClusterUser } from '../rbac/types';
import { Registry } from '../store/Registry';
import { Access, attributesOf } from './Access';
import { discover } from './discover';
import { isWatch, Lists, matcherOf } from './Lists';
import { PodLogs } from './PodLogs';
import { readObject } from './readObject';
import { formOf, Representation } from './representation';
import { parseResourcePath, ResourcePath } from './requestInfo';
import { respond, respondError } from './respond';
import { readReview } from './reviewProtobuf';
import { scaleOf } from './scale';
import { Watches } from './Watches';
import { isApply, WriteAnswer, WriteRequest, Writes } from './Writes';

export interface ApiServerOptions extends ClusterOptions {
  registry: Registry;
  meter: UsageMeter;
  faults: ClusterFaults;
}

class ApiServer {
  readonly #options: ApiServerOptions;
  readonly #access: Access;
  readonly #lists: Lists;
  readonly #watches: Watches;
  readonly #writes: Writes;
  readonly #logs: PodLogs;
  readonly #exec: PodExec;
  readonly #metrics: MetricsApi;
  readonly #hanging = new Set<ServerResponse>();
  readonly #stop: () => void;

  constructor(options: ApiServerOptions) {
    const { registry, faults } = options;
    this.#options = options;
    this.#access = Access.create({ ...options, storage: registry.storage });
    this.#lists = Lists.create({ storage: registry.storage });
    this.#watches = Watches.create({ storage: registry.storage, faults });
    this.#writes = Writes.create({ registry });
    this.#logs = PodLogs.create({ ...options, cluster: options.name });
    this.#exec = PodExec.create(options);
    this.#metrics = MetricsApi.create({
      ...options,
      storage: registry.storage,
    });
    this.#stop = faults.subscribe(() => {
      this.#releaseHanging();
      if (faults.state().down) this.#exec.cut();
    });
  }

  close(): void {
    this.#stop();
    this.#watches.close();
    this.#exec.cut();
  }

  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    /** What followed a request for another protocol. */
    head?: Buffer,
  ): Promise<void> {
    takeTokenOfPath(request);
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
      await this.#route(request, response, head);
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
    head: Buffer | undefined,
  ): Promise<void> {
    const { path, segments, query } = urlOf(request);
    if (['/healthz', '/livez', '/readyz'].includes(path)) {
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      response.end('ok');
      return;
    }
    const user = this.#access.authenticate(request);
    if (this.#options.faults.takeTooManyRequests()) {
      throw tooManyRequests();
    }
    const method = request.method!;
    const answer = discover(request, path, segments, {
      version: this.#options.version,
      types: this.#served(),
    });
    if (answer) {
      this.#access.authorize(user, { verb: method.toLowerCase(), path });
      respond(request, response, 200, answer.text, answer.headers);
      return;
    }
    if (segments[0] !== 'api' && segments[0] !== 'apis') {
      throw unimplemented(`${request.method} ${path}`);
    }
    if (method === 'POST' && segments.length === 4) {
      const [, group, version, plural] = segments;
      if (group === 'authorization.k8s.io' && version === 'v1') {
        await this.#review(request, response, user, plural);
        return;
      }
    }
    const resourcePath = parseResourcePath(method, segments, {
      ofPlural: (apiVersion, plural) => this.#servedType(apiVersion, plural),
    });
    if (!resourcePath) {
      throw noSuchPath();
    }
    this.#access.authorize(user, attributesOf(method, resourcePath, query));
    if (resourcePath.resource.kind === 'Pod' && isExec(resourcePath)) {
      if (!head) {
        throw badRequest('Upgrade request required');
      }
      if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
        throw unimplemented(`${request.method} pods/exec over SPDY`);
      }
      this.#exec.serve(request, response, head, {
        namespace: resourcePath.namespace!,
        name: resourcePath.name!,
        query,
      });
      return;
    }
    await this.#serve(request, response, resourcePath, query, user);
  }

  #served(): ResourceType[] {
    const { metricsGone } = this.#options.faults.state();
    return this.#options.registry.types
      .all()
      .filter(type => !type.isComputed || !metricsGone);
  }

  #servedType(apiVersion: string, plural: string): ResourceType | undefined {
    const type = this.#options.registry.types.ofPlural(apiVersion, plural);
    return type?.isComputed && this.#options.faults.state().metricsGone
      ? undefined
      : type;
  }

  /** Answers what somebody asks about their own rights. */
  async #review(
    request: IncomingMessage,
    response: ServerResponse,
    user: ClusterUser,
    resource: string,
  ): Promise<void> {
    const group = 'authorization.k8s.io';
    this.#access.authorize(user, { verb: 'create', group, resource });
    const { value } = await readObject(request, readReview);
    let review;
    if (resource === 'selfsubjectaccessreviews') {
      review = this.#access.reviewAccess(user, value);
    } else if (resource === 'selfsubjectrulesreviews') {
      review = this.#access.reviewRules(user, value);
    } else {
      throw unimplemented(`create ${resource}.${group}`);
    }
    respond(request, response, 201, JSON.stringify(review));
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    path: ResourcePath,
    query: URLSearchParams,
    user: ClusterUser,
  ): Promise<void> {
    const { resource, namespace, name, subresource } = path;
    const representation = Representation.create({
      resource,
      form: subresource === 'log' ? 'object' : formOf(request),
      includeObject: query.get('includeObject') ?? undefined,
      now: () => this.#options.clock.now(),
    });
    if (request.method === 'GET' || request.method === 'HEAD') {
      if (resource.isComputed) {
        this.#serveMetrics(request, response, path, query, representation);
      } else if (subresource === 'log' && resource.kind === 'Pod') {
        this.#logs.serve(response, {
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
    if (isApply(write) && !this.#isLive(path)) {
      // An apply that makes an object needs the right to make it too.
      this.#access.authorize(user, attributesOf('POST', path, query));
    }
    const answer = this.#write(request, write);
    if (request.method === 'PATCH' && (await this.#losesAnswer(request)))
      return;
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

  /** Holds the answer to a patch back, or cuts it off. */
  async #losesAnswer({ socket }: IncomingMessage): Promise<boolean> {
    const { faults } = this.#options;
    await sleep(faults.state().heldPatchMs);
    if (!faults.takeDroppedPatch()) return false;
    socket.destroy();
    return true;
  }

  #serveMetrics(
    request: IncomingMessage,
    response: ServerResponse,
    { resource, namespace, name, subresource }: ResourcePath,
    query: URLSearchParams,
    representation: Representation,
  ): void {
    if (isWatch(query) || subresource) {
      throw methodNotAllowed();
    }
    const text =
      name === undefined
        ? representation.list(
            this.#metrics
              .list(resource)
              .filter(matcherOf(resource, namespace, query)),
            {},
          )
        : representation.one(this.#metrics.get(resource, namespace, name));
    respond(request, response, 200, text);
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
    if (subresource === 'eviction' && method === 'POST') {
      return this.#writes.evict(write);
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
    throw methodNotAllowed();
  }

  #isLive({ resource, namespace, name }: ResourcePath): boolean {
    const { storage } = this.#options.registry;
    return storage.get(storageOf(resource), namespace, name!) !== undefined;
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

/** Serves a cluster's API on loopback. */
export async function startApiServer(
  options: ApiServerOptions,
): Promise<Listener> {
  const server = new ApiServer(options);
  const listener = await listen({
    port: options.port,
    part: `the Kubernetes API of ${options.name}`,
    handler: (request, response) => server.handle(request, response),
    upgrade: (request, response, head) =>
      server.handle(request, response, head),
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

/**
 * kubectl sends no credential over plain HTTP. What it does keep is the path of the server's address, so the token may stand there; not as user and
 * password, which it refuses in the address of a web socket.
 */
function takeTokenOfPath(request: IncomingMessage): void {
  const [, token, path] = /^\/token\/([^/?]+)(\/.*)$/.exec(request.url!) ?? [];
  if (token !== undefined) {
    request.headers.authorization = `Bearer ${token}`;
    request.url = path;
  }
}

function isExec({ name, subresource }: ResourcePath): boolean {
  return name !== undefined && subresource === 'exec';
}

function methodNotAllowed(): ApiError {
  return new ApiError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
  });
}

function checkSubresource(
  method: string,
  resource: ResourcePath['resource'],
  subresource: string | undefined,
): void {
  const known = {
    status: resource.hasStatus,
    scale: resource.hasScale,
    ephemeralcontainers: resource.kind === 'Pod',
    eviction: resource.kind === 'Pod' && method === 'POST',
  };
  if (subresource && !known[subresource as keyof typeof known]) {
    throw unimplemented(`${method} ${qualified(resource)}/${subresource}`);
  }
}
