import http from 'node:http';
import https from 'node:https';
import { TransportError, toTransportError } from './TransportError';

/**
 * A server that we talk to: base address (a path prefix is kept) and the agent that holds its connections.
 *
 * @internal
 */
export interface HttpEndpoint {
  readonly base: URL;
  readonly agent: http.Agent | https.Agent;
  /**
   * For requests that change something: an agent that keeps no connection. A kept one may have been closed by the other side just now,
   * and then nobody knows whether the request arrived.
   */
  readonly freshAgent?: http.Agent | https.Agent;
}

/** @internal */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the endpoint's base, with every segment and query value encoded. */
  path: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  /** For TCP and TLS together. */
  connectTimeoutMs: number;
  /** From the request to the answer's header. */
  answerTimeoutMs: number;
}

/**
 * Sends a request and resolves with the answer's header, its body still to be read. Redirects are not followed: a token would go
 * with them.
 *
 * Node's own client instead of `fetch`: a cluster that hangs must be told from one that is slow to connect, and custom CAs and client
 * certificates need an agent.
 *
 * @throws TransportError, and the signal's reason when it aborts
 * @internal
 */
export async function openResponse(
  endpoint: HttpEndpoint,
  request: HttpRequest,
): Promise<http.IncomingMessage> {
  let wasKept = false;
  const send = () =>
    sendOnce(endpoint, request, reused => {
      wasKept = reused;
    });
  try {
    return await send();
  } catch (error) {
    // The other side had closed a connection that we had kept: nothing is wrong with it.
    const isStale =
      wasKept && error instanceof TransportError && error.reason === 'broken';
    if (!isStale || request.method !== 'GET') throw error;
    return send();
  }
}

function sendOnce(
  endpoint: HttpEndpoint,
  request: HttpRequest,
  onSocket: (reused: boolean) => void,
): Promise<http.IncomingMessage> {
  const { signal } = request;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    let connected = false;
    let connectTimer: NodeJS.Timeout | undefined;
    const url = new URL(
      endpoint.base.pathname.replace(/\/+$/, '') + request.path,
      endpoint.base,
    );
    const client = url.protocol === 'https:' ? https : http;
    const outgoing = client.request(url, {
      method: request.method,
      headers: {
        ...request.headers,
        ...(request.body !== undefined && {
          'content-length': Buffer.byteLength(request.body),
        }),
      },
      agent:
        request.method === 'GET'
          ? endpoint.agent
          : endpoint.freshAgent ?? endpoint.agent,
    });

    const answerTimer = setTimeout(() => {
      outgoing.destroy(
        new TransportError({
          reason: 'silent',
          message: 'does not answer',
          mayHaveBeenReceived: connected,
        }),
      );
    }, request.answerTimeoutMs);
    const onAbort = () => outgoing.destroy(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });

    const settle = () => {
      clearTimeout(answerTimer);
      clearTimeout(connectTimer);
    };
    outgoing.once('socket', socket => {
      onSocket(outgoing.reusedSocket);
      if (!socket.connecting) {
        // A kept connection: whether the other side had closed it already cannot be known.
        connected = true;
        return;
      }
      connectTimer = setTimeout(() => {
        outgoing.destroy(
          new TransportError({
            reason: 'connect',
            message: 'does not answer',
            mayHaveBeenReceived: false,
          }),
        );
      }, request.connectTimeoutMs);
      socket.once(client === https ? 'secureConnect' : 'connect', () => {
        connected = true;
        clearTimeout(connectTimer);
      });
    });
    outgoing.once('response', response => {
      settle();
      signal.removeEventListener('abort', onAbort);
      const onAbortBody = () => response.destroy(signal.reason);
      signal.addEventListener('abort', onAbortBody, { once: true });
      response.once('close', () =>
        signal.removeEventListener('abort', onAbortBody),
      );
      // While nobody reads yet, a broken connection must not become an uncaught error.
      response.on('error', () => {});
      resolve(response);
    });
    outgoing.on('error', error => {
      settle();
      signal.removeEventListener('abort', onAbort);
      reject(
        signal.aborted ? signal.reason : toTransportError(error, { connected }),
      );
    });
    outgoing.end(request.body);
  });
}
