import http, { IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo, Socket } from 'node:net';
import { Application, ApplicationEvent } from '../argocd/types';

interface Stream {
  name?: string;
  token: string;
  response: ServerResponse;
}

interface Recorded {
  method: string;
  /** With its query. */
  path: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** An Argo CD below a path, with the habits and faults that tests need. */
export class FakeArgoCd {
  readonly applications = new Map<string, Application>();
  readonly requests: Recorded[] = [];
  /** Tokens that are accepted; log-ins add theirs. */
  readonly tokens = new Set(['static-token']);
  password = 'right';
  sessionLifeMs = 3_600_000;
  logIns = 0;
  /** Streams stay open and say nothing, and new ones too. */
  streamsAreSilent = false;
  /** Streams of a single Application lose what happens. */
  singleStreamsLoseEvents = false;
  /** Answers instead of the usual, where it gives something. `destroy` breaks the connection off. */
  fault: (
    request: Recorded,
  ) =>
    | { status: number; body: string; headers?: Record<string, string> }
    | 'destroy'
    | 'hang'
    | undefined = () => undefined;
  /** Answers wait for this. */
  pace: (request: Recorded) => Promise<void> | undefined = () => undefined;
  /** Streams begin with this, event by event. */
  opening: () => ApplicationEvent[] = () =>
    Array.from(this.applications.values(), one => ({
      type: 'ADDED',
      application: one,
    }));
  readonly #streams = new Set<Stream>();
  readonly #sockets = new Set<Socket>();
  #server?: http.Server;
  #port = 0;
  #version = 1;

  /** With a path and a slash at its end. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/tools/argocd/`;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  async start(): Promise<void> {
    const server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', chunk => chunks.push(chunk));
      request.on('end', () =>
        this.#answer(request, Buffer.concat(chunks).toString(), response),
      );
    });
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

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = new Promise(resolve => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  put(application: Application): void {
    const { name } = application.metadata;
    const type = this.applications.has(name) ? 'MODIFIED' : 'ADDED';
    this.#version += 1;
    const stored = {
      ...application,
      metadata: {
        ...application.metadata,
        resourceVersion: String(this.#version),
      },
    };
    this.applications.set(name, stored);
    this.#tell({ type, application: stored });
  }

  /** Tells once more what is known already. */
  repeat(name: string): void {
    const application = this.applications.get(name)!;
    this.#tell({ type: 'ADDED', application });
    this.#tell({ type: 'MODIFIED', application });
  }

  remove(name: string): void {
    const application = this.applications.get(name)!;
    this.applications.delete(name);
    this.#tell({ type: 'DELETED', application });
  }

  keepAlive(): void {
    for (const { response } of this.#streams) {
      if (response.headersSent) response.write(':\n');
    }
  }

  cutStreams(): void {
    for (const { response } of this.#streams) response.destroy();
    this.#streams.clear();
  }

  requestsTo(part: string): Recorded[] {
    return this.requests.filter(({ path }) => path.includes(part));
  }

  /** Tokens with which streams are open. */
  streamTokens(): string[] {
    return Array.from(this.#streams, ({ token }) => token);
  }

  #tell(event: ApplicationEvent) {
    if (this.streamsAreSilent) return;
    const { name } = event.application.metadata;
    for (const stream of this.#streams) {
      const isWanted = stream.name
        ? stream.name === name && !this.singleStreamsLoseEvents
        : true;
      if (isWanted) send(stream.response, event);
    }
  }

  async #answer(
    request: IncomingMessage,
    body: string,
    response: ServerResponse,
  ) {
    const { method = 'GET', headers } = request;
    const prefix = '/tools/argocd/api/v1';
    if (!request.url!.startsWith(prefix)) {
      reply(response, 404, { error: 'outside of the root path' });
      return;
    }
    const path = request.url!.slice(prefix.length);
    const recorded = { method, path, headers, body };
    this.requests.push(recorded);
    await this.pace(recorded);
    const fault = this.fault(recorded);
    if (fault === 'hang') return;
    if (fault === 'destroy') {
      request.socket.destroy();
      return;
    }
    if (fault) {
      response.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    }
    if (method !== 'GET' && headers['content-type'] !== 'application/json') {
      response.writeHead(415).end('Invalid content type');
      return;
    }
    if (path === '/session') {
      this.#logIn(body, response);
      return;
    }
    const token = headers.authorization?.replace('Bearer ', '') ?? '';
    if (!this.tokens.has(token)) {
      problem(response, 401, 16, 'no session information');
      return;
    }
    this.#answerKnown(new URL(path, 'http://x'), token, recorded, response);
  }

  #answerKnown(
    url: URL,
    token: string,
    { method }: Recorded,
    response: ServerResponse,
  ) {
    const segments = url.pathname.split('/').slice(1).map(decodeURIComponent);
    const name = url.searchParams.get('name') ?? undefined;
    if (segments[0] === 'stream') {
      const stream = { name, token, response };
      this.#streams.add(stream);
      response.once('close', () => this.#streams.delete(stream));
      if (this.streamsAreSilent) return;
      for (const event of this.opening()) {
        if (!name || event.application.metadata.name === name) {
          send(response, event);
        }
      }
      return;
    }
    if (segments.length === 1) {
      const items = Array.from(this.applications.values()).filter(
        ({ metadata }) => (name ?? metadata.name) === metadata.name,
      );
      reply(response, 200, { items: items.length > 0 ? items : null });
      return;
    }
    if (segments[0] === 'projects') {
      reply(response, 200, {
        metadata: { name: segments[1] },
        spec: {
          syncWindows: [
            { kind: 'deny', schedule: '0 18 * * 5', duration: '62h' },
          ],
        },
      });
      return;
    }
    const application = this.applications.get(segments[1]);
    if (!application) {
      const project = url.searchParams.get('project');
      if (project) {
        problem(response, 404, 5, 'applications.argoproj.io not found');
      } else {
        problem(response, 403, 7, 'permission denied');
      }
    } else if (segments[2] === 'sync' && method === 'POST') {
      reply(response, 200, { ...application, operation: { sync: {} } });
    } else if (segments[2] === 'operation' && method === 'DELETE') {
      reply(response, 200, {});
    } else if (segments[2] === 'syncwindows') {
      reply(response, 200, { activeWindows: null });
    } else if (segments[2] === 'resource-tree') {
      reply(response, 200, { nodes: [{ kind: 'Pod', name: 'p', uid: 'u' }] });
    } else if (segments[2] === 'managed-resources') {
      const deployment = { kind: 'Deployment', spec: { replicas: 2 } };
      const common = { group: 'apps', kind: 'Deployment', namespace: 'ns' };
      reply(response, 200, {
        items: [
          {
            ...common,
            name: 'changed',
            liveState: '{}',
            normalizedLiveState: JSON.stringify(deployment),
            predictedLiveState: JSON.stringify({ ...deployment, spec: {} }),
          },
          { ...common, name: 'new', targetState: '{}', liveState: 'null' },
        ],
      });
    } else if (segments[2] === 'revisions') {
      reply(response, 200, { author: 'dana', message: 'Ship it' });
    } else {
      reply(response, 200, application);
    }
  }

  #logIn(body: string, response: ServerResponse) {
    this.logIns += 1;
    if (JSON.parse(body).password !== this.password) {
      problem(response, 401, 16, 'Invalid username or password');
      return;
    }
    const exp = (Date.now() + this.sessionLifeMs) / 1000;
    const payload = Buffer.from(JSON.stringify({ exp, n: this.logIns }));
    const token = `h.${payload.toString('base64url')}.s`;
    this.tokens.add(token);
    reply(response, 200, { token });
  }
}

/** The header goes out with the first event, not before: as Argo CD does it. */
function send(response: ServerResponse, event: ApplicationEvent) {
  if (!response.headersSent) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
  }
  response.write(`data: ${JSON.stringify({ result: event })} \n\n`);
}

function reply(response: ServerResponse, status: number, body: unknown) {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify(body));
}

function problem(
  response: ServerResponse,
  status: number,
  code: number,
  message: string,
) {
  reply(response, status, { error: message, code, message });
}
