import { ServiceUnavailableError } from '@backstage/errors';

const TIMEOUT_MS = 10_000;
const DEFAULT_REST_MS = 30_000;
const MAX_PAGES = 20;

/** Slack took the request and said no. `code` is its own: `channel_not_found`. */
export class SlackRefusalError extends Error {
  override readonly name = 'SlackRefusalError';

  constructor(method: string, readonly code: string) {
    super(`Slack refused ${method}: ${code}`);
  }
}

/** Slack asks to be left alone. Nothing was done. */
export class SlackRestError extends Error {
  override readonly name = 'SlackRestError';

  constructor(readonly forMs: number) {
    super(`Slack asks to be left alone for ${Math.ceil(forMs / 1000)} s`);
  }
}

/** A message as Slack keeps it. */
export interface SlackMessage {
  ts: string;
  metadata?: { event_type: string; event_payload: Record<string, unknown> };
}

/** What is posted. `text` is what notifications and screen readers say. */
export interface SlackPost {
  text: string;
  blocks: object[];
  metadata: { event_type: string; event_payload: Record<string, string> };
}

/** The part of Slack's Web API that is needed here. Its errors never name the token. */
export class SlackClient {
  readonly #token: string;
  readonly #apiUrl: string;

  constructor(options: { token: string; apiUrl: string }) {
    this.#token = options.token;
    this.#apiUrl = options.apiUrl;
  }

  /** @throws SlackRefusalError, SlackRestError, or another error where it may have been posted */
  async post(
    channel: string,
    post: SlackPost,
    options: { threadTs?: string; signal: AbortSignal },
  ): Promise<string> {
    const { ts } = await this.#call(
      'chat.postMessage',
      {
        channel,
        ...post,
        unfurl_links: false,
        unfurl_media: false,
        ...(options.threadTs && { thread_ts: options.threadTs }),
      },
      options.signal,
    );
    return ts;
  }

  /** @throws as `post` */
  async update(
    channel: string,
    ts: string,
    post: SlackPost,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#call('chat.update', { channel, ts, ...post }, signal);
  }

  /** Looks for a message of a channel, from that time on, or of a thread. @throws as `post` */
  async find(
    where:
      | { channel: string; since: Date }
      | { channel: string; thread: string },
    matches: (message: SlackMessage) => boolean,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const [method, place] =
      'thread' in where
        ? ['conversations.replies', { ts: where.thread }]
        : [
            'conversations.history',
            { oldest: (where.since.getTime() / 1000).toFixed(6) },
          ];
    let cursor = '';
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await this.#call(
        method,
        {
          channel: where.channel,
          ...place,
          include_all_metadata: 'true',
          limit: '200',
          ...(cursor && { cursor }),
        },
        signal,
        'form',
      );
      const found = (answer.messages as SlackMessage[]).find(matches);
      if (found) return found.ts;
      cursor = answer.response_metadata?.next_cursor ?? '';
      if (cursor === '') return undefined;
    }
    throw new ServiceUnavailableError(
      'Slack has more messages since then than can be looked through',
    );
  }

  async #call(
    method: string,
    body: Record<string, unknown>,
    signal: AbortSignal,
    as: 'json' | 'form' = 'json',
  ): Promise<any> {
    const response = await request(`${this.#apiUrl}/${method}`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${this.#token}`,
        'Content-Type':
          as === 'json'
            ? 'application/json; charset=utf-8'
            : 'application/x-www-form-urlencoded',
      },
      body:
        as === 'json'
          ? JSON.stringify(body)
          : new URLSearchParams(body as Record<string, string>).toString(),
      signal,
    });
    const answer = await response.json();
    if (answer.ok === true) return answer;
    if (answer.error === 'ratelimited' || answer.error === 'rate_limited')
      throw new SlackRestError(readRetryAfter(response));
    throw new SlackRefusalError(method, String(answer.error ?? 'no reason'));
  }
}

/**
 * A request to Slack within the time.
 *
 * @throws SlackRestError for 429, and an error without address or token where it may have been done
 */
export async function request(
  url: string,
  init: RequestInit & { signal: AbortSignal },
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.any([init.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    throw new ServiceUnavailableError(
      `Slack did not answer (${code ?? (error as Error).name})`,
    );
  }
  if (response.status === 429)
    throw new SlackRestError(readRetryAfter(response));
  if (response.status >= 500)
    throw new ServiceUnavailableError(`Slack answered ${response.status}`);
  return response;
}

function readRetryAfter(response: Response): number {
  const seconds = Number(response.headers.get('Retry-After'));
  return Number.isFinite(seconds) && seconds > 0
    ? seconds * 1000
    : DEFAULT_REST_MS;
}
