import { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { openWebSocket } from '../http/openWebSocket';
import { openResponse } from '../http/request';
import { Backoff } from '../http/backoff';
import { readText } from '../http/body';
import { retryAfterMsOf } from '../http/retryAfter';
import { TransportError } from '../http/TransportError';
import { withSignal } from '../http/withSignal';
import { FleetCluster } from '../types';
import { ClusterCredential, CredentialCache } from './CredentialCache';
import { CredentialError } from './CredentialError';
import { toKubernetesApiError } from './KubernetesApiError';
import { Reading, Source, SourceRequest } from './reading/types';
import { addressOf, ServerEndpoint } from './ServerEndpoint';
import { KubernetesTimings } from './timings';

/** A page of 200 pods is 2 MB. Larger ones are asked for again with fewer objects: parsed at once, they would hold up the portal. */
const LIST_LIMIT_BYTES = 32 * 1024 * 1024;
const LINE_LIMIT_BYTES = 16 * 1024 * 1024;
const ERROR_LIMIT_BYTES = 64 * 1024;

/** @internal */
export type Query = Record<string, string | undefined>;

interface SendOptions {
  query?: Query;
  accept?: string;
  answerTimeoutMs?: number;
  /** A JSON merge patch; without it the request only reads. */
  patch?: string;
  signal: AbortSignal;
}

/**
 * Talks to the API server of one cluster.
 *
 * `@kubernetes/client-node` is used for nothing here. Its `Watch` hides time-outs and parse errors, cannot be told to stop reading
 * while we are behind, and parses each line at once, so that a burst holds up the portal; its typed clients build a class instance
 * per field of every object; importing it costs 620 ms and 89 MB. What is left of it, a header and a query, is below.
 *
 * @internal
 */
export class KubernetesClient {
  readonly #cluster: FleetCluster;
  readonly #credentials: CredentialCache;
  readonly #timings: KubernetesTimings;
  readonly #endpoint: ServerEndpoint;

  constructor(options: { cluster: FleetCluster; timings: KubernetesTimings }) {
    this.#cluster = options.cluster;
    this.#timings = options.timings;
    this.#endpoint = new ServerEndpoint(options.cluster);
    this.#credentials = new CredentialCache({
      ask: () => options.cluster.credential(),
      maxAgeMs: options.timings.credentialAgeMs,
      backoff: new Backoff({
        baseMs: options.timings.backoffBaseMs,
        maxMs: options.timings.backoffMaxMs,
      }),
    });
  }

  /** Why no credential can be had; for logs only. */
  get credentialFailure(): unknown {
    return this.#credentials.failure;
  }

  /**
   * @throws KubernetesApiError, TransportError, and the signal's reason
   */
  async getJson(
    path: string,
    options: { query?: Query; accept?: string; signal: AbortSignal },
  ): Promise<string> {
    const response = await this.open(path, options);
    return readText(response, {
      idleTimeoutMs: this.#timings.bodyTimeoutMs,
      limitBytes: LIST_LIMIT_BYTES,
      signal: options.signal,
    });
  }

  /**
   * The same for what is read into memory: where, and by whom, is for the reader to say. Resolves when a page is there whole, or a watch has begun.
   *
   * @throws KubernetesApiError, TransportError, ReadingInterruptedError, and the signal's reason
   */
  async openSource(
    reading: Reading,
    path: string,
    options: { query?: Query; accept?: string; signal: AbortSignal } & Pick<
      SourceRequest,
      'shape'
    >,
  ): Promise<Source> {
    const { signal, shape } = options;
    const source = await this.#authorized(signal, credential =>
      reading.open(
        {
          ...this.#request(path, credential, options),
          server: addressOf(this.#cluster),
          clientCert: credential.clientCert,
          shape,
          limits:
            shape === 'page'
              ? {
                  idleTimeoutMs: this.#timings.bodyTimeoutMs,
                  limitBytes: LIST_LIMIT_BYTES,
                }
              : {
                  idleTimeoutMs: this.#timings.watchIdleTimeoutMs,
                  limitBytes: LINE_LIMIT_BYTES,
                },
        },
        signal,
      ),
    );
    const { statusCode, refusal = '', retryAfterMs } = source;
    if (statusCode === 200) return source;
    source.destroy();
    throw toKubernetesApiError(statusCode, refusal, retryAfterMs);
  }

  /**
   * Sends a JSON merge patch, over a connection of its own, and answers with the object as it is then. Sent once; only a 401, after which nothing was done, is
   * tried once more with a new credential.
   *
   * @throws KubernetesApiError, TransportError, and the signal's reason
   */
  async patchJson(
    path: string,
    options: { query?: Query; body: unknown; signal: AbortSignal },
  ): Promise<string> {
    const { body, ...rest } = options;
    const response = await this.open(path, {
      ...rest,
      patch: JSON.stringify(body),
    });
    return readText(response, {
      idleTimeoutMs: this.#timings.bodyTimeoutMs,
      limitBytes: LIST_LIMIT_BYTES,
      signal: options.signal,
    });
  }

  /**
   * Resolves when the answer has begun and its status is 200; a 401 is tried once more with a new credential.
   *
   * @throws KubernetesApiError, TransportError, and the signal's reason
   */
  async open(path: string, options: SendOptions): Promise<IncomingMessage> {
    const response = await this.#authorized(options.signal, credential =>
      this.#send(path, credential, options),
    );
    return this.#successful(response, options);
  }

  /**
   * Opens a web socket, paused until the caller listens; a 401 is tried once more with a new credential.
   *
   * @throws KubernetesApiError, TransportError, and the signal's reason
   */
  async openWebSocket(
    path: string,
    options: { protocols: string[]; limitBytes: number; signal: AbortSignal },
  ): Promise<WebSocket> {
    const ask = (credential: ClusterCredential) =>
      openWebSocket(this.#endpoint.showing(credential.clientCert), {
        path,
        headers: headersOf(credential),
        timeoutMs: this.#timings.answerTimeoutMs,
        ...options,
      });
    const first = await this.#credential(options.signal);
    let answer = await ask(first);
    if (isRefused(answer)) {
      this.#credentials.reject(first);
      const second = await this.#nextCredential(answer, options.signal);
      if (second !== first) {
        answer.destroy();
        answer = await ask(second);
      }
    }
    if (!(answer instanceof IncomingMessage)) return answer;
    throw await this.#failure(answer, options);
  }

  /**
   * What is wrong where the server does not answer at all, in words for screens; a refusal is an answer, a gateway that finds no server
   * behind it is not. Without a credential it is asked as nobody: that there is none says nothing about the server.
   */
  async silence(signal: AbortSignal): Promise<string | undefined> {
    let credential: ClusterCredential;
    try {
      credential = await this.#credential(signal);
    } catch {
      credential = {};
    }
    const limit = AbortSignal.any([
      signal,
      AbortSignal.timeout(this.#timings.heartbeatTimeoutMs),
    ]);
    try {
      const response = await this.#send('/version', credential, {
        signal: limit,
      });
      await readText(response, {
        idleTimeoutMs: this.#timings.heartbeatTimeoutMs,
        limitBytes: ERROR_LIMIT_BYTES,
        signal: limit,
      });
      return [502, 503, 504].includes(response.statusCode!)
        ? `is behind a gateway that does not find it (HTTP status ${response.statusCode})`
        : undefined;
    } catch (error) {
      return error instanceof TransportError
        ? error.message
        : 'does not answer';
    }
  }

  close(): void {
    this.#endpoint.close();
  }

  /** Sends; a 401 is tried once more with a new credential. */
  async #authorized<
    A extends Pick<IncomingMessage | Source, 'statusCode'> & {
      destroy(): unknown;
    },
  >(
    signal: AbortSignal,
    send: (credential: ClusterCredential) => Promise<A>,
  ): Promise<A> {
    const first = await this.#credential(signal);
    const answer = await send(first);
    if (answer.statusCode !== 401) {
      this.#credentials.accept(first);
      return answer;
    }
    this.#credentials.reject(first);
    const second = await this.#nextCredential(answer, signal);
    // It is too early to ask for another.
    if (second === first) return answer;
    answer.destroy();
    const again = await send(second);
    if (again.statusCode === 401) this.#credentials.reject(second);
    else this.#credentials.accept(second);
    return again;
  }

  /** A credential strategy that hangs must not hold anything either. */
  async #credential(signal: AbortSignal): Promise<ClusterCredential> {
    const limit = AbortSignal.any([
      signal,
      AbortSignal.timeout(this.#timings.answerTimeoutMs),
    ]);
    try {
      return await withSignal(this.#credentials.get(), limit);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw new CredentialError(error);
    }
  }

  /** Without one nobody reads the answer that refused the last: it must not stay open. */
  async #nextCredential(
    refusal: { destroy(): unknown },
    signal: AbortSignal,
  ): Promise<ClusterCredential> {
    try {
      return await this.#credential(signal);
    } catch (error) {
      refusal.destroy();
      throw error;
    }
  }

  #send(
    path: string,
    credential: ClusterCredential,
    options: SendOptions,
  ): Promise<IncomingMessage> {
    return openResponse(this.#endpoint.showing(credential.clientCert), {
      ...this.#request(path, credential, options),
      method: options.patch === undefined ? 'GET' : 'PATCH',
      body: options.patch,
      signal: options.signal,
    });
  }

  #request(
    path: string,
    credential: ClusterCredential,
    options: Omit<SendOptions, 'signal'>,
  ) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) query.set(name, value);
    }
    const search = query.size > 0 ? `?${query}` : '';
    return {
      path: `${path}${search}`,
      headers: {
        accept: options.accept ?? 'application/json',
        ...(options.patch !== undefined && {
          'content-type': 'application/merge-patch+json',
        }),
        ...headersOf(credential),
      },
      connectTimeoutMs: this.#timings.connectTimeoutMs,
      answerTimeoutMs: options.answerTimeoutMs ?? this.#timings.answerTimeoutMs,
    };
  }

  async #successful(
    response: IncomingMessage,
    options: { signal: AbortSignal },
  ): Promise<IncomingMessage> {
    if (response.statusCode === 200) return response;
    throw await this.#failure(response, options);
  }

  async #failure(
    response: IncomingMessage,
    options: { signal: AbortSignal },
  ): Promise<Error> {
    const body = await readText(response, {
      idleTimeoutMs: this.#timings.bodyTimeoutMs,
      limitBytes: ERROR_LIMIT_BYTES,
      signal: options.signal,
    });
    return toKubernetesApiError(
      response.statusCode!,
      body,
      retryAfterMsOf(response),
    );
  }
}

function headersOf({ token }: ClusterCredential): Record<string, string> {
  return {
    'user-agent': 'switchyard-fleet',
    ...(token && { authorization: `Bearer ${token}` }),
  };
}

function isRefused(
  answer: WebSocket | IncomingMessage,
): answer is IncomingMessage {
  return answer instanceof IncomingMessage && answer.statusCode === 401;
}
