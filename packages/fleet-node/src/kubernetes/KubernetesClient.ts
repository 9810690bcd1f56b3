import http, { IncomingMessage } from 'node:http';
import https from 'node:https';
import { WebSocket } from 'ws';
import { openWebSocket } from '../http/openWebSocket';
import { HttpEndpoint, openResponse } from '../http/request';
import { Backoff } from '../http/backoff';
import { readBytes, readText } from '../http/body';
import { retryAfterMsOf } from '../http/retryAfter';
import { TransportError } from '../http/TransportError';
import { withSignal } from '../http/withSignal';
import { FleetCluster } from '../types';
import { ClusterCredential, CredentialCache } from './CredentialCache';
import { CredentialError } from './CredentialError';
import { toKubernetesApiError } from './KubernetesApiError';
import { KubernetesTimings } from './timings';

/** A page of 200 pods is 2 MB. Larger ones are asked for again with fewer objects: parsed at once, they would hold up the portal. */
const LIST_LIMIT_BYTES = 32 * 1024 * 1024;
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
  #endpoint?: { endpoint: HttpEndpoint; clientCert?: string };
  /** Over these run watches that began with an earlier certificate. */
  #retired: HttpEndpoint['agent'][] = [];

  constructor(options: { cluster: FleetCluster; timings: KubernetesTimings }) {
    this.#cluster = options.cluster;
    this.#timings = options.timings;
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
    return (await this.getBytes(path, options)).toString('utf8');
  }

  /**
   * The same as bytes in memory of their own.
   *
   * @throws KubernetesApiError, TransportError, and the signal's reason
   */
  async getBytes(
    path: string,
    options: { query?: Query; accept?: string; signal: AbortSignal },
  ): Promise<Buffer> {
    const response = await this.open(path, options);
    return readBytes(response, {
      idleTimeoutMs: this.#timings.bodyTimeoutMs,
      limitBytes: LIST_LIMIT_BYTES,
      signal: options.signal,
    });
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
    const first = await this.#credential(options.signal);
    const response = await this.#send(path, first, options);
    if (response.statusCode !== 401) {
      this.#credentials.accept(first);
      return this.#successful(response, options);
    }
    this.#credentials.reject(first);
    const second = await this.#nextCredential(response, options.signal);
    // It is too early to ask for another.
    if (second === first) return this.#successful(response, options);
    response.destroy();
    const again = await this.#send(path, second, options);
    if (again.statusCode === 401) this.#credentials.reject(second);
    else this.#credentials.accept(second);
    return this.#successful(again, options);
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
      openWebSocket(this.#endpointFor(credential), {
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
    this.#endpoint?.endpoint.agent.destroy();
    for (const agent of this.#retired) agent.destroy();
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
    refusal: IncomingMessage,
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
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) query.set(name, value);
    }
    const search = query.size > 0 ? `?${query}` : '';
    return openResponse(this.#endpointFor(credential), {
      method: options.patch === undefined ? 'GET' : 'PATCH',
      path: `${path}${search}`,
      headers: {
        accept: options.accept ?? 'application/json',
        ...(options.patch !== undefined && {
          'content-type': 'application/merge-patch+json',
        }),
        ...headersOf(credential),
      },
      body: options.patch,
      signal: options.signal,
      connectTimeoutMs: this.#timings.connectTimeoutMs,
      answerTimeoutMs: options.answerTimeoutMs ?? this.#timings.answerTimeoutMs,
    });
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

  #endpointFor({ clientCert }: ClusterCredential): HttpEndpoint {
    const shown = clientCert && `${clientCert.cert}\n${clientCert.key}`;
    if (this.#endpoint?.clientCert === shown && this.#endpoint) {
      return this.#endpoint.endpoint;
    }
    if (this.#endpoint) this.#retire(this.#endpoint.endpoint.agent);
    const { url, caData, skipTLSVerify } = this.#cluster;
    const base = new URL(url);
    const agentOf = (keepAlive: boolean) =>
      base.protocol === 'https:'
        ? new https.Agent({
            keepAlive,
            // A session that is taken up again is not checked again: the certificate may have ended or been replaced since.
            maxCachedSessions: 0,
            ca: caData ? pemOf(caData) : undefined,
            rejectUnauthorized: !skipTLSVerify,
            cert: clientCert?.cert,
            key: clientCert?.key,
          })
        : new http.Agent({ keepAlive });
    const endpoint = { base, agent: agentOf(true), freshAgent: agentOf(false) };
    this.#endpoint = { endpoint, clientCert: shown };
    return endpoint;
  }

  /** Watches that run over its sockets go on until they end by themselves; nothing else does. */
  #retire(agent: HttpEndpoint['agent']) {
    const isInUse = (each: HttpEndpoint['agent']) =>
      Object.keys(each.sockets).length > 0;
    // A socket that becomes free is closed.
    agent.maxFreeSockets = 0;
    for (const sockets of Object.values(agent.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
    this.#retired = [...this.#retired, agent].filter(isInUse);
  }
}

function headersOf({ token }: ClusterCredential): Record<string, string> {
  return {
    'user-agent': 'switchyard-fleet',
    ...(token && { authorization: `Bearer ${token}` }),
  };
}

function pemOf(caData: string): string {
  return caData.includes('-----BEGIN')
    ? caData
    : Buffer.from(caData, 'base64').toString('utf8');
}

function isRefused(
  answer: WebSocket | IncomingMessage,
): answer is IncomingMessage {
  return answer instanceof IncomingMessage && answer.statusCode === 401;
}
