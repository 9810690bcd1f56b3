import http, { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import { AddressInfo, Socket } from 'node:net';
import {
  pathOfGroup,
  pathOfResource,
  WATCHED_KINDS,
} from '../kubernetes/kinds';
import { KubernetesObject } from '../kubernetes/kubernetesObject';
import { ResourceName } from '../types';

interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubernetesObject;
  version: number;
}

interface Watch {
  path: string;
  response: ServerResponse;
}

/** An API server with the faults that tests need. Not a model of Kubernetes: what is put is what is there. */
export class FakeApiServer {
  /** Bearer tokens that are accepted. */
  readonly tokens = new Set(['token-1']);
  /** Paths that are answered with 403, or with another status. */
  readonly refused = new Map<string, number>();
  readonly unknownPaths = new Set<string>();
  /** Kinds besides those that every server has: a plural and a kind may be installed and removed. */
  readonly definitions = new Map<string, ResourceName & { kind: string }>();
  /** Method and address of every request, oldest first. */
  readonly requests: string[] = [];
  /** Accepts requests and says nothing, also on open watches. */
  hangs = false;
  /** Pages after the first are not answered before this resolves. */
  laterPages: Promise<void> = Promise.resolve();
  /** History before this version is gone. */
  compactedTo = 0;
  /** Asked before everything else, credentials too: whether it has answered. */
  fault: (request: IncomingMessage, response: ServerResponse) => boolean = () =>
    false;
  /** Certificate and key, from the next start on. */
  tls?: https.ServerOptions;
  /** By path: what answers instead of what follows from the objects. */
  readonly handlers = new Map<string, http.RequestListener>();
  log: (query: URLSearchParams) => { status: number; body: string } = () => ({
    status: 404,
    body: '{"message":"no log"}',
  });
  readonly #objects = new Map<string, Map<string, KubernetesObject>>();
  readonly #history: Array<WatchEvent & { path: string }> = [];
  readonly #watches = new Set<Watch>();
  readonly #sockets = new Set<Socket>();
  #version = 100;
  #server?: http.Server;
  #port = 0;

  get url(): string {
    return `${this.tls ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const answer: http.RequestListener = (request, response) =>
      this.#answer(request, response);
    const server = this.tls
      ? https.createServer(this.tls, answer)
      : http.createServer(answer);
    server.on('connection', socket => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>(resolve =>
      server.listen(this.#port, '127.0.0.1', resolve),
    );
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Connections are refused until it is started again; objects stay. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    this.#watches.clear();
    const closed = new Promise(resolve => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  put(kind: string, object: Record<string, any>): KubernetesObject {
    const path = this.#pathOf(kind);
    this.#version += 1;
    const objects = this.#objectsAt(path);
    const { metadata } = object;
    const stored = {
      ...object,
      metadata: { ...metadata, resourceVersion: String(this.#version) },
    } as KubernetesObject;
    const type = objects.has(metadata.uid) ? 'MODIFIED' : 'ADDED';
    objects.set(metadata.uid, stored);
    this.#record(path, type, stored);
    return stored;
  }

  remove(kind: string, uid: string): void {
    const path = this.#pathOf(kind);
    const object = this.#objectsAt(path).get(uid);
    if (!object) throw new Error(`There is no ${kind} ${uid}`);
    this.#objectsAt(path).delete(uid);
    this.#version += 1;
    this.#record(path, 'DELETED', {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#version) },
    });
  }

  /** Forgets all history: who was not connected must list again. */
  compact(): void {
    this.#version += 1;
    this.compactedTo = this.#version;
  }

  /** Ends all open watches, as API servers do now and then. */
  endWatches(): void {
    for (const { response } of this.#watches) response.end();
    this.#watches.clear();
  }

  bookmark(kind: string): string {
    this.#version += 1;
    const object = { metadata: { resourceVersion: String(this.#version) } };
    this.#send(this.#pathOf(kind), { type: 'BOOKMARK', object });
    return object.metadata.resourceVersion;
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  /** A definition comes: from now on the kind can be asked for. */
  define(resource: ResourceName, kind: string): void {
    this.definitions.set(pathOfResource(resource), { ...resource, kind });
  }

  /** A definition goes, and its objects with it. */
  undefine(resource: ResourceName): void {
    const path = pathOfResource(resource);
    this.definitions.delete(path);
    this.#objects.delete(path);
    for (const watch of this.#watches) {
      if (watch.path === path) watch.response.end();
    }
  }

  #pathOf(kind: string): string {
    for (const [path, definition] of this.definitions) {
      if (definition.kind === kind) return path;
    }
    return WATCHED_KINDS.find(each => each.kind === kind)!.path;
  }

  /** What is served of a group, if it is one. */
  #discovery(path: string): object | undefined {
    const served = Array.from(this.definitions.values()).filter(
      each => pathOfGroup(each) === path,
    );
    if (served.length === 0) return undefined;
    return {
      kind: 'APIResourceList',
      resources: served.flatMap(({ plural, kind }) => [
        { name: plural, kind, namespaced: true, verbs: ['list', 'watch'] },
        { name: `${plural}/status`, kind, namespaced: true, verbs: ['get'] },
      ]),
    };
  }

  requestsTo(kind: string): string[] {
    const path = this.#pathOf(kind);
    return this.requests.filter(each => each.split('?')[0] === path);
  }

  watchesOf(kind: string): number {
    const path = this.#pathOf(kind);
    return Array.from(this.#watches).filter(watch => watch.path === path)
      .length;
  }

  #record(path: string, type: WatchEvent['type'], object: KubernetesObject) {
    this.#history.push({ path, type, object, version: this.#version });
    this.#send(path, { type, object });
  }

  #send(path: string, event: unknown) {
    if (this.hangs) return;
    for (const watch of this.#watches) {
      if (watch.path === path) {
        watch.response.write(`${JSON.stringify(event)}\n`);
      }
    }
  }

  #objectsAt(path: string): Map<string, KubernetesObject> {
    let objects = this.#objects.get(path);
    if (!objects) {
      objects = new Map();
      this.#objects.set(path, objects);
    }
    return objects;
  }

  #answer(request: IncomingMessage, response: ServerResponse) {
    if (this.hangs) return;
    const url = new URL(request.url!, this.url);
    const namespaced = /^(.+)\/namespaces\/([^/]+)(\/[^/]+)$/.exec(
      url.pathname,
    );
    const path = namespaced ? namespaced[1] + namespaced[3] : url.pathname;
    this.requests.push(`${url.pathname}${url.search}`);
    if (this.fault(request, response)) return;
    const handler = this.handlers.get(url.pathname) ?? this.handlers.get(path);
    const token = request.headers.authorization?.replace('Bearer ', '');
    if (!token || !this.tokens.has(token)) {
      refuse(response, 401, 'Unauthorized');
    } else if (handler) {
      handler(request, response);
    } else if (path === '/version') {
      reply(response, { gitVersion: 'v1.34.0' });
    } else if (path.endsWith('/log')) {
      const { status, body } = this.log(url.searchParams);
      response.writeHead(status).end(body);
    } else if (this.refused.has(path)) {
      refuse(response, this.refused.get(path)!, 'Forbidden');
    } else if (this.#discovery(path)) {
      reply(response, this.#discovery(path));
    } else if (
      this.unknownPaths.has(path) ||
      !(
        this.definitions.has(path) ||
        WATCHED_KINDS.some(kind => kind.path === path)
      )
    ) {
      refuse(response, 404, 'NotFound');
    } else if (url.searchParams.get('watch') === 'true') {
      this.#watch(
        path,
        Number(url.searchParams.get('resourceVersion')),
        response,
      );
    } else {
      this.#list(path, namespaced?.[2], url.searchParams, response);
    }
  }

  async #list(
    path: string,
    namespace: string | undefined,
    query: URLSearchParams,
    response: ServerResponse,
  ) {
    const limit = Number(query.get('limit') ?? 500);
    const [at, place] = (query.get('continue') ?? '').split('-').map(Number);
    const start = place ?? 0;
    const version = at || this.#version;
    const all = this.#objectsAsOf(path, version).filter(
      ({ metadata }) =>
        (namespace === undefined || metadata.namespace === namespace) &&
        (query.get('labelSelector') ?? '')
          .split(',')
          .filter(Boolean)
          .map(pair => pair.split('='))
          .every(([name, value]) => metadata.labels?.[name] === value),
    );
    if (start > 0) await this.laterPages;
    const items = all
      .slice(start, start + limit)
      // As in real lists, items do not say what they are.
      .map(({ apiVersion, kind, ...item }) => item);
    const next =
      start + limit < all.length ? `${version}-${start + limit}` : undefined;
    reply(response, {
      metadata: { resourceVersion: String(version), continue: next },
      items,
    });
  }

  /** Later pages of a list show what was when it began. */
  #objectsAsOf(path: string, version: number): KubernetesObject[] {
    const objects = new Map<string, KubernetesObject>();
    for (const event of this.#history) {
      if (event.path !== path || event.version > version) continue;
      const { uid } = event.object.metadata;
      if (event.type === 'DELETED') objects.delete(uid);
      else objects.set(uid, event.object);
    }
    return Array.from(objects.values());
  }

  #watch(path: string, since: number, response: ServerResponse) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (since < this.compactedTo) {
      const object = { kind: 'Status', code: 410, reason: 'Expired' };
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    for (const event of this.#history) {
      if (event.path === path && event.version > since) {
        const { type, object } = event;
        response.write(`${JSON.stringify({ type, object })}\n`);
      }
    }
    const watch = { path, response };
    this.#watches.add(watch);
    response.once('close', () => this.#watches.delete(watch));
  }
}

function reply(response: ServerResponse, body: unknown) {
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify(body));
}

function refuse(response: ServerResponse, code: number, reason: string) {
  response
    .writeHead(code, { 'content-type': 'application/json' })
    .end(JSON.stringify({ kind: 'Status', code, reason, message: reason }));
}
