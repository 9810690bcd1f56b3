import {
  IncomingMessage,
  Server,
  ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import {
  AuthService,
  BackstageCredentials,
  BackstageUserPrincipal,
  LoggerService,
} from '@backstage/backend-plugin-api';
import {
  TERMINAL_PROTOCOL,
  TERMINAL_TICKET_PREFIX,
  TERMINAL_TOKEN_PREFIX,
} from '@switchyard/backstage-plugin-deploys-common';
import { RequestHandler } from 'express';
import { WebSocket, WebSocketServer } from 'ws';

const PATH = '/api/deploys/v1/terminal';
/** Pieces that are pasted; a browser cuts larger ones. */
const MESSAGE_LIMIT_BYTES = 64 * 1024;
/** The keys of an issuer may have to be asked for first. */
const ADMIT_MS = 10_000;

/** Who came, and with which ticket. Nothing of it has been checked but the token and where the page is from. */
export interface Visitor {
  socket: WebSocket;
  ticket: string;
  credentials: BackstageCredentials<BackstageUserPrincipal>;
}

/**
 * Where web sockets of sessions come in. Backstage has no way to be told of them, so the door stands at the server itself, as that of signals does;
 * it is set up by the first request of this plugin, and shared with whoever else listens there.
 */
export class Door {
  readonly #auth: AuthService;
  readonly #origins: readonly string[];
  readonly #logger: LoggerService;
  readonly #enter: (visitor: Visitor) => void;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MESSAGE_LIMIT_BYTES,
    perMessageDeflate: false,
    // Only the name: what else was offered is not to be read by anybody.
    handleProtocols: () => TERMINAL_PROTOCOL,
  });
  readonly #servers = new Map<Server, (...args: any[]) => void>();
  readonly #admitMs: number;
  /** Sockets that are neither sessions nor refused yet, or were given to the routes. */
  readonly #held = new Set<Socket>();
  #closed = false;

  static create(options: {
    auth: AuthService;
    /** Of pages that may open sessions. */
    origins: readonly string[];
    logger: LoggerService;
    enter(visitor: Visitor): void;
    /** Replaced by tests. */
    admitMs?: number;
  }): Door {
    return new Door(options);
  }

  private constructor(options: {
    auth: AuthService;
    origins: readonly string[];
    logger: LoggerService;
    enter(visitor: Visitor): void;
    admitMs?: number;
  }) {
    this.#auth = options.auth;
    this.#origins = options.origins;
    this.#logger = options.logger;
    this.#enter = options.enter;
    this.#admitMs = options.admitMs ?? ADMIT_MS;
  }

  /** Sets the door up at the server through which a request came. */
  readonly middleware: RequestHandler = (req, _res, next) => {
    const { server } = req.socket as Socket & { server?: Server };
    if (server && !this.#servers.has(server) && !this.#closed) {
      const onUpgrade = (
        request: IncomingMessage,
        socket: Duplex,
        head: Buffer,
      ) => this.#upgrade(server, request, socket as Socket, head);
      this.#servers.set(server, onUpgrade);
      server.on('upgrade', onUpgrade);
    }
    next();
  };

  close(): void {
    this.#closed = true;
    for (const [server, listener] of this.#servers) {
      server.off('upgrade', listener);
    }
    this.#servers.clear();
    for (const socket of this.#held) socket.destroy();
  }

  #upgrade(
    server: Server,
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
  ): void {
    if (request.url?.split('?')[0] !== PATH) {
      // Without this door Node would have handed it to the routes, where others wait for their first one.
      if (server.listenerCount('upgrade') === 1) {
        const response = new ServerResponse(request);
        response.shouldKeepAlive = false;
        response.assignSocket(socket);
        response.on('finish', () => socket.end());
        this.#handOver(socket);
        server.emit('request', request, response);
      }
      return;
    }
    const onError = () => socket.destroy();
    socket.on('error', onError);
    this.#held.add(socket);
    socket.once('close', () => this.#held.delete(socket));
    this.#admitInTime(request, socket)
      .then(admitted => {
        if (typeof admitted === 'number') {
          refuse(socket, admitted);
          return;
        }
        if (socket.destroyed) return;
        socket.off('error', onError);
        this.#held.delete(socket);
        this.#webSockets.handleUpgrade(request, socket, head, webSocket =>
          this.#enter({ socket: webSocket, ...admitted }),
        );
      })
      .catch(error => {
        this.#logger.error('A session could not be let in', {
          error: String(error),
        });
        refuse(socket, 500);
      });
  }

  /** Nobody reads from it any more, and the server has forgotten it: without this its end would never be noticed. */
  #handOver(socket: Socket): void {
    this.#held.add(socket);
    socket.once('close', () => this.#held.delete(socket));
    socket.once('end', () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.resume();
  }

  /** Whoever has a socket and no answer keeps it: an issuer that hangs must not make that for ever. */
  async #admitInTime(
    request: IncomingMessage,
    socket: Socket,
  ): Promise<Omit<Visitor, 'socket'> | number> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<number>(resolve => {
      timer = setTimeout(() => resolve(503), this.#admitMs);
      socket.once('close', () => resolve(503));
    });
    try {
      return await Promise.race([this.#admit(request), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Who it is, or the status of a refusal. */
  async #admit(
    request: IncomingMessage,
  ): Promise<Omit<Visitor, 'socket'> | number> {
    // A page of another site could use a browser that is signed in, and what browsers do not send was not sent by one.
    if (!this.#origins.includes(request.headers.origin ?? '')) return 403;
    const offered = String(request.headers['sec-websocket-protocol'] ?? '')
      .split(',')
      .map(each => each.trim());
    const valueOf = (prefix: string) =>
      offered.find(each => each.startsWith(prefix))?.slice(prefix.length);
    const ticket = valueOf(TERMINAL_TICKET_PREFIX);
    const encoded = valueOf(TERMINAL_TOKEN_PREFIX);
    const token = encoded && Buffer.from(encoded, 'base64url').toString('utf8');
    if (!offered.includes(TERMINAL_PROTOCOL) || !ticket || !token) return 400;
    const credentials = await authenticatePerson(this.#auth, token);
    return credentials ? { ticket, credentials } : 401;
  }
}

/** Undefined for a token that is not valid, or is not a person's. */
export async function authenticatePerson(
  auth: AuthService,
  token: string,
): Promise<BackstageCredentials<BackstageUserPrincipal> | undefined> {
  try {
    const credentials = await auth.authenticate(token);
    return auth.isPrincipal(credentials, 'user') ? credentials : undefined;
  } catch {
    return undefined;
  }
}

function refuse(socket: Socket, status: number): void {
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    () => socket.destroy(),
  );
}
