import {
  createServer,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http';
import { AddressInfo, Socket } from 'node:net';

/** Where a part of the sandbox listens. All parts listen on loopback only. */
export interface Listener {
  port: number;
  /** `127.0.0.1:5001` */
  host: string;
  /** `http://127.0.0.1:5001` */
  url: string;
  /** Ends open connections, streams included, and stops listening. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** 0 takes any free port. */
  port: number;
  /** For the sentence that is shown when the port is taken: "the registry". */
  part: string;
  handler(
    request: IncomingMessage,
    response: ServerResponse,
  ): void | Promise<void>;
  /** Takes requests that ask for another protocol. Without it they are answered as if they did not. */
  upgrade?(
    request: IncomingMessage,
    response: ServerResponse,
    head: Buffer,
  ): void | Promise<void>;
  /** While this answers true, connections are cut as if nothing listened. */
  isDown?(): boolean;
}

/** Thrown when the port that a part had at an earlier start is taken by another program. */
export class PortInUseError extends Error {
  constructor(part: string, port: number) {
    super(
      `Port ${port} on 127.0.0.1, on which ${part} of this sandbox listened before, is in use by another program: stop that program, or start with a new folder.`,
    );
    this.name = 'PortInUseError';
  }
}

const requestsOfProcess = new Map<string, number>();

/** What the fleet asks every few seconds to hear whether a server is alive: it says nothing about what pages cost. */
const HEARTBEAT_PATH = '/version';

/** How many requests each part of this process has got, heartbeats not counted. */
export function countRequests(): Record<string, number> {
  return Object.fromEntries(requestsOfProcess);
}

/** Listens on 127.0.0.1. A handler that throws answers 500; its error never ends the process. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const sockets = new Set<Socket>();
  const handle = (
    request: IncomingMessage,
    response: ServerResponse,
    answer: () => void | Promise<void>,
  ) => {
    if (options.isDown?.()) {
      request.socket.destroy();
      return;
    }
    if (request.url !== HEARTBEAT_PATH) {
      const { part } = options;
      requestsOfProcess.set(part, (requestsOfProcess.get(part) ?? 0) + 1);
    }
    Promise.resolve()
      .then(answer)
      .catch(error => {
        if (response.headersSent || request.socket.destroyed) {
          request.socket.destroy();
          return;
        }
        response.writeHead(500, { 'Content-Type': 'text/plain' });
        response.end(
          `The sandbox failed: ${
            error instanceof Error ? error.stack : String(error)
          }\n`,
        );
      });
  };
  const server: Server = createServer((request, response) =>
    handle(request, response, () => options.handler(request, response)),
  );
  const { upgrade } = options;
  if (upgrade) {
    server.on('upgrade', (request, socket, head) => {
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(socket as Socket);
      response.on('finish', () => socket.end());
      handle(request, response, () => upgrade(request, response, head));
    });
  }
  // Watches and streams are quiet for minutes.
  server.requestTimeout = 0;
  server.headersTimeout = 60_000;
  server.keepAliveTimeout = 30_000;
  server.on('connection', socket => {
    if (options.isDown?.()) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new PortInUseError(options.part, options.port)
          : error,
      ),
    );
    server.listen({ port: options.port, host: '127.0.0.1' }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) {
          socket.destroy();
        }
      }),
  };
}

/** The path and query of a request. The path keeps its percent-encoding, so that `%2F` in a name stays in its segment. */
export function urlOf(request: IncomingMessage): {
  path: string;
  segments: string[];
  query: URLSearchParams;
} {
  const raw = request.url ?? '/';
  const mark = raw.indexOf('?');
  const path = mark < 0 ? raw : raw.slice(0, mark);
  return {
    path,
    segments: path.split('/').filter(Boolean).map(decodeSegment),
    query: new URLSearchParams(mark < 0 ? '' : raw.slice(mark + 1)),
  };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    ...headers,
  });
  response.end(text);
}

/** User and password of a `Basic` authorization header. */
export function basicCredentials(
  request: IncomingMessage,
): { username: string; password: string } | undefined {
  const match = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? '');
  if (!match) {
    return undefined;
  }
  const text = Buffer.from(match[1], 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0
    ? undefined
    : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
