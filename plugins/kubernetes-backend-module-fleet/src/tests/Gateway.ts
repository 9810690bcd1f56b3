import http, { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import { AddressInfo } from 'node:net';

/** An API server that is there already, and an account that it takes. */
export interface Upstream {
  url: string;
  token: string;
}

/**
 * An API server with a doorkeeper of its own: whoever brings a token that is taken is let through to another API server. So a cluster can
 * be signed in to as a cloud does it, with all of its answers and watches.
 */
export class Gateway {
  readonly url: string;
  /** Every token that came, in order, each time that it is another than before. */
  readonly tokens: string[] = [];
  refused = 0;
  readonly #server: http.Server;
  readonly #takes: (token: string) => boolean;
  readonly #upstream: Upstream;

  /** @param options.takes - of callers without a token, it is asked for the empty one */
  static async start(options: {
    upstream: Upstream;
    takes: (token: string) => boolean;
    tls?: { key: string; cert: string };
    port?: number;
  }): Promise<Gateway> {
    const server = options.tls
      ? https.createServer(options.tls)
      : http.createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    return new Gateway(server, options);
  }

  private constructor(
    server: http.Server,
    options: Parameters<typeof Gateway.start>[0],
  ) {
    this.#server = server;
    this.#takes = options.takes;
    this.#upstream = options.upstream;
    const { port } = server.address() as AddressInfo;
    this.url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
    server.on('request', (request, response) =>
      this.#answer(request, response),
    );
  }

  /** Ends every answer that is under way. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { authorization, ...headers } = request.headers;
    const token = authorization?.replace(/^Bearer /, '') ?? '';
    if (this.tokens.at(-1) !== token) this.tokens.push(token);
    if (!this.#takes(token)) {
      this.refused += 1;
      const message = 'Unauthorized';
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ kind: 'Status', code: 401, reason: message, message }),
      );
      return;
    }
    const url = new URL(request.url!, this.#upstream.url);
    const forwarded = http.request(
      url,
      {
        method: request.method,
        headers: {
          ...headers,
          host: url.host,
          authorization: `Bearer ${this.#upstream.token}`,
        },
      },
      answer => {
        response.writeHead(answer.statusCode!, answer.headers);
        // A watch may have nothing to say for long.
        response.flushHeaders();
        answer.on('error', () => response.destroy());
        answer.pipe(response);
      },
    );
    forwarded.on('error', () => response.destroy());
    response.on('close', () => forwarded.destroy());
    request.pipe(forwarded);
  }
}
