import { readBytes, readText, readWholeLines } from '../../http/body';
import { openResponse } from '../../http/request';
import { retryAfterMsOf } from '../../http/retryAfter';
import { ServerAddress, ServerEndpoint } from '../ServerEndpoint';
import { SourceRequest } from './types';

const REFUSAL_LIMIT_BYTES = 64 * 1024;

/** An answer whose bytes are still to be read: one of `refusal`, `page` and `lines` is there. @internal */
export interface OpenSource {
  statusCode: number;
  retryAfterMs?: number;
  /** What came with a status other than 200. */
  refusal?: string;
  page?: Buffer;
  /** Whole lines, as many as came at once. */
  lines?: AsyncGenerator<Buffer>;
}

/**
 * Opens what is read, and holds the connections to the API servers for it. It can do its work in any thread.
 *
 * @internal
 */
export class Sources {
  readonly #endpoints = new Map<string, ServerEndpoint>();

  /** @throws TransportError, and the signal's reason */
  async open(request: SourceRequest, signal: AbortSignal): Promise<OpenSource> {
    const { server, clientCert, path, headers, shape, limits } = request;
    const response = await openResponse(
      this.#endpoint(server).showing(clientCert),
      {
        method: 'GET',
        path,
        headers,
        signal,
        connectTimeoutMs: request.connectTimeoutMs,
        answerTimeoutMs: request.answerTimeoutMs,
      },
    );
    const statusCode = response.statusCode!;
    if (statusCode !== 200) {
      const limitBytes = REFUSAL_LIMIT_BYTES;
      return {
        statusCode,
        retryAfterMs: retryAfterMsOf(response),
        refusal: await readText(response, { ...limits, limitBytes, signal }),
      };
    }
    return shape === 'page'
      ? { statusCode, page: await readBytes(response, { ...limits, signal }) }
      : { statusCode, lines: readWholeLines(response, { ...limits, signal }) };
  }

  /** Closes all connections to a server. */
  leave(server: ServerAddress): void {
    const key = keyOf(server);
    this.#endpoints.get(key)?.close();
    this.#endpoints.delete(key);
  }

  #endpoint(server: ServerAddress): ServerEndpoint {
    const key = keyOf(server);
    let endpoint = this.#endpoints.get(key);
    if (!endpoint) {
      endpoint = new ServerEndpoint(server);
      this.#endpoints.set(key, endpoint);
    }
    return endpoint;
  }
}

function keyOf({ name, url, caData, skipTLSVerify }: ServerAddress): string {
  return JSON.stringify([name, url, caData, skipTLSVerify]);
}
