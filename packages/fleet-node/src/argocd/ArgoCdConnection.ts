import http, { IncomingMessage } from 'node:http';
import https from 'node:https';
import { createParser } from 'eventsource-parser';
import { readText, readTextPieces } from '../http/body';
import { HttpEndpoint, openResponse } from '../http/request';
import { retryAfterMsOf } from '../http/retryAfter';
import { TransportError } from '../http/TransportError';
import { withSignal } from '../http/withSignal';
import { ArgoCdError } from './ArgoCdError';
import { ArgoCdInstanceConfig } from './config';
import { Asked, answerToError, messageOf, transportToError } from './errors';
import { ArgoCdTimings } from './timings';
import { TokenSource } from './TokenSource';

/** An Application with a thousand resources is some 2 MB. */
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;
const ERROR_LIMIT_BYTES = 64 * 1024;

/** @internal */
export type ArgoQuery = Record<string, string | undefined>;

/** @internal */
export interface ArgoRequest {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Segments below `/api/v1`; each is encoded. */
  path: string[];
  query?: ArgoQuery;
  body?: unknown;
  /** Name of the Application it is about, for messages. */
  application?: string;
  /** Name of the project it is about, likewise. */
  project?: string;
  timeoutMs?: number;
  limitBytes?: number;
  signal: AbortSignal;
}

/**
 * Talks to one Argo CD: its account, errors and limits.
 *
 * @internal
 */
export class ArgoCdConnection {
  readonly instance: string;
  readonly tokens: TokenSource;
  readonly #endpoint: HttpEndpoint;
  readonly #timings: ArgoCdTimings;

  constructor(options: {
    config: ArgoCdInstanceConfig;
    timings: ArgoCdTimings;
  }) {
    const { config, timings } = options;
    this.instance = config.name;
    this.#timings = timings;
    const base = new URL(config.url);
    const agent = (keepAlive: boolean) =>
      base.protocol === 'https:'
        ? // A session that is taken up again is not checked again: the certificate may have ended since.
          new https.Agent({ keepAlive, maxCachedSessions: 0 })
        : new http.Agent({ keepAlive });
    this.#endpoint = { base, agent: agent(true), freshAgent: agent(false) };
    this.tokens = new TokenSource({
      account: config.account,
      logIn: account => this.#logIn(account),
      isRefusal: error =>
        error instanceof ArgoCdError && error.kind === 'unauthenticated',
      refusedLoginMs: timings.refusedLoginMs,
    });
  }

  /**
   * @throws ArgoCdError, and the signal's reason
   */
  async request(request: ArgoRequest): Promise<unknown> {
    const timeoutMs = request.timeoutMs ?? this.#timings.requestTimeoutMs;
    const limit = new AbortController();
    const timer = setTimeout(
      () =>
        limit.abort(
          new TransportError({
            reason: 'silent',
            message: 'does not answer in time',
            mayHaveBeenReceived: true,
          }),
        ),
      timeoutMs,
    );
    const signal = AbortSignal.any([request.signal, limit.signal]);
    const asked = askedBy(this.instance, request);
    try {
      const response = await this.#open(request, asked, {
        signal,
        answerTimeoutMs: timeoutMs,
      });
      const text = await readText(response, {
        idleTimeoutMs: timeoutMs,
        limitBytes: request.limitBytes ?? ANSWER_LIMIT_BYTES,
        signal,
      });
      return parse(text, asked);
    } catch (error) {
      throw this.#toCallersError(error, asked, request.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * The data of each event of a stream, and `undefined` for each sign of life. Ends when the server ends it.
   *
   * As server-sent events, because as lines of JSON Argo CD sends no signs of life. Until the first event it sends nothing at all, not
   * even a header.
   *
   * @throws ArgoCdError (`unreachable` after too long a silence), and the signal's reason
   */
  async *stream(request: ArgoRequest): AsyncGenerator<string | undefined> {
    const { signal } = request;
    const asked = askedBy(this.instance, request);
    const silenceMs = this.#timings.streamSilenceMs;
    try {
      const response = await this.#open(request, asked, {
        signal,
        answerTimeoutMs: silenceMs,
        accept: 'text/event-stream',
      });
      const heard: Array<string | undefined> = [];
      const parser = createParser({
        onEvent: ({ data }) => heard.push(data),
        onComment: () => heard.push(undefined),
        maxBufferSize: ANSWER_LIMIT_BYTES,
      });
      for await (const piece of readTextPieces(response, {
        idleTimeoutMs: silenceMs,
        signal,
      })) {
        parser.feed(piece);
        yield* heard.splice(0);
      }
    } catch (error) {
      throw this.#toCallersError(error, asked, signal);
    }
  }

  close(): void {
    this.#endpoint.agent.destroy();
  }

  /** Opens with a token; a session that is no longer accepted is replaced once. A refusal is no effect: nothing was done. */
  async #open(
    request: ArgoRequest,
    asked: Asked,
    options: { signal: AbortSignal; answerTimeoutMs: number; accept?: string },
  ): Promise<IncomingMessage> {
    const first = await this.#token(options.signal);
    let response = await this.#send(request, first, options);
    if (response.statusCode === 401 && this.tokens.reject(first)) {
      response.destroy();
      const second = await this.#token(options.signal);
      response = await this.#send(request, second, options);
    }
    if (response.statusCode === 200) return response;
    throw answerToError(asked, {
      status: response.statusCode!,
      message: messageOf(await this.#readError(response, options.signal)),
      retryAfterMs: retryAfterMsOf(response),
    });
  }

  /** As long as there is no token nothing was sent. */
  async #token(signal: AbortSignal): Promise<string> {
    try {
      return await withSignal(this.tokens.get(), signal);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const { reason, message } = error;
      throw new TransportError({
        reason,
        message,
        mayHaveBeenReceived: false,
      });
    }
  }

  #send(
    request: Pick<ArgoRequest, 'method' | 'path' | 'query' | 'body'>,
    token: string | undefined,
    options: { signal: AbortSignal; answerTimeoutMs: number; accept?: string },
  ): Promise<IncomingMessage> {
    const { method = 'GET', path, body } = request;
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) query.set(name, value);
    }
    const search = query.size > 0 ? `?${query}` : '';
    return openResponse(this.#endpoint, {
      method,
      path: `/api/v1/${path.map(encodeURIComponent).join('/')}${search}`,
      headers: {
        accept: options.accept ?? 'application/json',
        'user-agent': 'switchyard-fleet',
        // Exactly this, without a charset, also where there is no body: anything else is answered with 415.
        ...(method !== 'GET' && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: options.signal,
      connectTimeoutMs: this.#timings.connectTimeoutMs,
      answerTimeoutMs: options.answerTimeoutMs,
    });
  }

  async #logIn(account: {
    username: string;
    password: string;
  }): Promise<string> {
    const asked = { instance: this.instance, writes: false };
    // Not the caller's signal: others wait for the same log-in.
    const signal = AbortSignal.timeout(this.#timings.requestTimeoutMs);
    const answerTimeoutMs = this.#timings.answerTimeoutMs;
    try {
      const response = await this.#send(
        { method: 'POST', path: ['session'], body: account },
        undefined,
        { signal, answerTimeoutMs },
      );
      if (response.statusCode !== 200) {
        const message = messageOf(await this.#readError(response, signal));
        throw answerToError(asked, { status: response.statusCode!, message });
      }
      const text = await readText(response, {
        idleTimeoutMs: answerTimeoutMs,
        limitBytes: ERROR_LIMIT_BYTES,
        signal,
      });
      const { token } = parse(text, asked) as { token?: unknown };
      if (typeof token !== 'string' || token === '') {
        throw unexpected(asked);
      }
      return token;
    } catch (error) {
      throw this.#toCallersError(error, asked);
    }
  }

  #readError(response: IncomingMessage, signal: AbortSignal): Promise<string> {
    return readText(response, {
      idleTimeoutMs: this.#timings.answerTimeoutMs,
      limitBytes: ERROR_LIMIT_BYTES,
      signal,
    });
  }

  #toCallersError(error: unknown, asked: Asked, signal?: AbortSignal): unknown {
    if (signal?.aborted) return signal.reason;
    if (error instanceof TransportError) return transportToError(asked, error);
    if (error instanceof ArgoCdError) return error;
    return new ArgoCdError({
      kind: 'unreachable',
      instance: asked.instance,
      message: `Argo CD ${asked.instance} does not answer`,
      outcome: asked.writes ? 'unknown' : 'not-done',
    });
  }
}

function askedBy(instance: string, request: ArgoRequest): Asked {
  const { application, project, method = 'GET' } = request;
  return { instance, application, project, writes: method !== 'GET' };
}

function parse(text: string, asked: Asked): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unexpected(asked);
  }
}

function unexpected(asked: Asked): ArgoCdError {
  return new ArgoCdError({
    kind: 'unexpected',
    instance: asked.instance,
    message: `Argo CD ${asked.instance} gives answers that make no sense`,
    outcome: asked.writes ? 'unknown' : 'not-done',
  });
}
