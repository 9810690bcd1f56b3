import { setTimeout as sleep } from 'node:timers/promises';
import { RegistryError } from './errors';

/** @internal */
export interface HttpQuestion {
  url: URL;
  method?: 'GET' | 'HEAD';
  headers: Record<string, string>;
  signal: AbortSignal;
  /** A longer body is refused. */
  maxBytes: number;
}

/** @internal */
export interface HttpAnswer {
  status: number;
  headers: Headers;
  body: Buffer;
  /** The body as a JSON object. @throws RegistryError */
  json(): Record<string, unknown>;
}

const MAX_REDIRECTS = 3;
/** A registry that asks for a longer pause is not waited for. */
const MAX_PAUSE_MS = 5_000;
const MAX_TRIES_WHEN_LIMITED = 3;
const DEFAULT_PAUSE_MS = 1_000;

/**
 * Sends requests to registries: a few at a time, within a time limit, with bodies of limited size, redirects without credentials, and the pauses
 * that a registry asks for.
 *
 * @internal
 */
export class HttpSender {
  readonly #timeoutMs: number;
  readonly #slots = new Map<
    string,
    { free: number; waiting: Array<() => void> }
  >();
  readonly #pausedUntil = new Map<string, number>();
  readonly #parallelPerHost: number;

  static create(options: {
    timeoutMs: number;
    parallelPerHost: number;
  }): HttpSender {
    return new HttpSender(options);
  }

  private constructor(options: { timeoutMs: number; parallelPerHost: number }) {
    this.#timeoutMs = options.timeoutMs;
    this.#parallelPerHost = options.parallelPerHost;
  }

  /** @throws RegistryError when there is no answer; any status but 429 is an answer */
  async send(question: HttpQuestion): Promise<HttpAnswer> {
    const release = await this.#take(question.url.host, question.signal);
    try {
      for (let attempt = 1; ; attempt++) {
        await this.#waitForPause(question.url.host, question.signal);
        const answer = await this.#follow(question);
        if (answer.status !== 429) return answer;
        const pauseMs = readPause(answer.headers.get('retry-after'));
        this.#pausedUntil.set(question.url.host, Date.now() + pauseMs);
        if (attempt >= MAX_TRIES_WHEN_LIMITED) throw limited(pauseMs);
      }
    } finally {
      release();
    }
  }

  async #follow(question: HttpQuestion): Promise<HttpAnswer> {
    let { url, headers } = question;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const answer = await this.#once({ ...question, url, headers });
      const location = answer.headers.get('location');
      if (![301, 302, 303, 307, 308].includes(answer.status) || !location)
        return answer;
      const next = new URL(location, url);
      checkRedirect(question.url, next);
      // Storage behind a registry gets its rights by the address, and must not get our token.
      if (next.host !== url.host)
        headers = Object.fromEntries(
          Object.entries(headers).filter(
            ([name]) => name.toLowerCase() !== 'authorization',
          ),
        );
      url = next;
    }
    throw new RegistryError(
      'invalid-answer',
      'The image registry redirects without end',
    );
  }

  async #once(question: HttpQuestion): Promise<HttpAnswer> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await fetch(question.url, {
        method: question.method ?? 'GET',
        headers: question.headers,
        redirect: 'manual',
        signal: AbortSignal.any([question.signal, timeout]),
      });
      const body = await readLimited(response, question.maxBytes);
      return {
        status: response.status,
        headers: response.headers,
        body,
        json: () => parseObject(body),
      };
    } catch (error) {
      if (question.signal.aborted) throw question.signal.reason;
      if (error instanceof RegistryError) throw error;
      if (timeout.aborted)
        throw new RegistryError(
          'timeout',
          `The image registry did not answer within ${Math.round(
            this.#timeoutMs / 1000,
          )} s`,
          { cause: error },
        );
      throw new RegistryError(
        'unreachable',
        'The image registry cannot be reached',
        { cause: error },
      );
    }
  }

  async #waitForPause(host: string, signal: AbortSignal): Promise<void> {
    const pauseMs = (this.#pausedUntil.get(host) ?? 0) - Date.now();
    if (pauseMs <= 0) return;
    if (pauseMs > MAX_PAUSE_MS) throw limited(pauseMs);
    await sleep(pauseMs, undefined, { signal });
  }

  async #take(host: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const slots = this.#slots.get(host) ?? {
      free: this.#parallelPerHost,
      waiting: [],
    };
    this.#slots.set(host, slots);
    if (slots.free > 0) slots.free -= 1;
    else await new Promise<void>(resolve => slots.waiting.push(resolve));
    return () => {
      const next = slots.waiting.shift();
      if (next) next();
      else slots.free += 1;
    };
  }
}

function limited(pauseMs: number): RegistryError {
  return new RegistryError(
    'rate-limited',
    `The image registry limits requests; it may be asked again in ${Math.ceil(
      pauseMs / 1000,
    )} s`,
  );
}

// Seconds, or a date.
function readPause(header: string | null): number {
  if (!header) return DEFAULT_PAUSE_MS;
  const ms = /^\d+$/.test(header)
    ? Number(header) * 1000
    : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : DEFAULT_PAUSE_MS;
}

// A redirect may lead to storage elsewhere, but not from outside to an address of this network, and not from encrypted to plain.
function checkRedirect(from: URL, to: URL): void {
  if (to.host === from.host && to.protocol === from.protocol) return;
  const isAddress =
    /^[\d.]+$|^\[/.test(to.hostname) ||
    to.hostname === 'localhost' ||
    !to.hostname.includes('.');
  const weakens =
    to.protocol !== 'https:' &&
    !(from.protocol === 'http:' && to.protocol === 'http:');
  if (weakens || (isAddress && to.hostname !== from.hostname)) {
    throw new RegistryError(
      'invalid-answer',
      'The image registry redirects to a place that is not allowed',
    );
  }
}

async function readLimited(
  response: Response,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  if (!response.body) return Buffer.alloc(0);
  for await (const chunk of response.body) {
    length += chunk.byteLength;
    if (length > maxBytes)
      throw new RegistryError(
        'invalid-answer',
        `The image registry answered with more than ${maxBytes} bytes`,
      );
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

function parseObject(body: Buffer): Record<string, unknown> {
  try {
    const value = JSON.parse(body.toString('utf8'));
    if (value && typeof value === 'object' && !Array.isArray(value))
      return value;
  } catch (error) {
    throw new RegistryError(
      'invalid-answer',
      'The image registry answered with something that is no JSON',
      { cause: error },
    );
  }
  throw new RegistryError(
    'invalid-answer',
    'The image registry answered with JSON of another shape than expected',
  );
}
