import { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { HttpEndpoint } from './request';
import { TransportError, toTransportError } from './TransportError';

/** @internal */
export interface WebSocketRequest {
  /** Below the endpoint's base, with every segment and query value encoded. */
  path: string;
  /** Offered in this order. */
  protocols: string[];
  headers: Record<string, string>;
  signal: AbortSignal;
  /** For connecting, and for the answer to the handshake. */
  timeoutMs: number;
  /** Largest message that is taken. */
  limitBytes: number;
}

/**
 * Opens a web socket. Resolves with it, paused, or with the answer where the server refuses; redirects are a refusal.
 *
 * @throws TransportError, and the signal's reason when it aborts
 * @internal
 */
export function openWebSocket(
  endpoint: HttpEndpoint,
  request: WebSocketRequest,
): Promise<WebSocket | IncomingMessage> {
  const { signal } = request;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const url = new URL(
      endpoint.base.pathname.replace(/\/+$/, '') + request.path,
      endpoint.base,
    );
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url, request.protocols, {
      // One that keeps connections hands them over with the upgrade.
      agent: endpoint.agent,
      headers: request.headers,
      perMessageDeflate: false,
      maxPayload: request.limitBytes,
    });
    let connected = false;
    // Replaced once there is something to clean up.
    let settle = () => {};
    const fail = (error: unknown) => {
      settle();
      reject(error);
      socket.terminate();
    };
    const onAbort = () => fail(signal.reason);
    const timer = setTimeout(
      () =>
        fail(
          new TransportError({
            reason: connected ? 'silent' : 'connect',
            message: 'does not answer',
            mayHaveBeenReceived: connected,
          }),
        ),
      request.timeoutMs,
    );
    settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('open', () => {
      settle();
      // What comes along with the handshake would be lost until the caller listens.
      socket.pause();
      resolve(socket);
    });
    socket.once('upgrade', () => {
      connected = true;
    });
    socket.once('unexpected-response', (_, response) => {
      settle();
      response.on('error', () => {});
      resolve(response);
    });
    // Stays: while nobody else listens, a broken connection must not become an uncaught error.
    socket.on('error', error => {
      settle();
      reject(toTransportError(error, { connected }));
    });
  });
}
