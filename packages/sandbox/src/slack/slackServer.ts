import { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerJson, listen, Listener, readBody, urlOf } from '../http/listen';
import { VerbCounts } from '../http/VerbCounts';

/** What can go wrong with Slack. */
export interface SlackFaults {
  isDown(): boolean;
  /** Answers 429, with this Retry-After in seconds; undefined where it does not. */
  tooManyRequests(): number | undefined;
  /** Real milliseconds before anything is answered. */
  delayMs(): number;
  /** Uses up one occasion on which what was asked for is done, and the answer never comes: the connection is cut, or stays silent. */
  takeLostAnswer(): 'cut' | 'silent' | undefined;
}

/** A message of a channel. */
export interface SlackDoubleMessage {
  ts: string;
  channel: string;
  text: string;
  blocks?: unknown;
  threadTs?: string;
  metadata?: { event_type: string; event_payload: Record<string, unknown> };
  /** How often it was changed. */
  edits: number;
}

/** What was posted, for tests and the page of faults. */
export interface SlackDouble extends Listener {
  /** Base address of the Web API. */
  apiUrl: string;
  /** Address of an incoming webhook; it posts to the first channel. */
  webhookUrl: string;
  token: string;
  channels: readonly string[];
  messages(): readonly SlackDoubleMessage[];
  /** What was posted by the webhook, oldest first. */
  webhookPosts(): readonly string[];
}

export interface SlackServerOptions {
  port: number;
  token: string;
  /** The last part of the webhook's address, which is its secret. */
  webhookSecret: string;
  faults: SlackFaults;
  unimplemented: VerbCounts;
}

/** Ids of the channels that there are. */
export const SLACK_CHANNELS = ['C0DEPLOYS01', 'C0STOREFRONT'] as const;
const DEFAULT_PAGE = 100;

type Answer = Record<string, unknown>;

/**
 * Slack as far as Switchyard talks to it: messages of a bot with their metadata, changed and found again, and an incoming webhook. Like Slack it
 * answers 200 with `ok: false` where it refuses, and tells of metadata only where it is asked to.
 */
export async function startSlackServer(
  options: SlackServerOptions,
): Promise<SlackDouble> {
  const { faults } = options;
  const messages: SlackDoubleMessage[] = [];
  const webhookPosts: string[] = [];
  let lastTs = 0;
  const nextTs = () => {
    lastTs = Math.max(lastTs + 1, Date.now() * 1000);
    return `${Math.floor(lastTs / 1e6)}.${String(lastTs % 1e6).padStart(
      6,
      '0',
    )}`;
  };

  const methods: Record<string, (body: Record<string, any>) => Answer> = {
    'chat.postMessage': ({ channel, text, blocks, thread_ts, metadata }) => {
      if (!isChannel(channel)) return refuse('channel_not_found');
      if (!text && !blocks) return refuse('no_text');
      if (thread_ts && !messages.some(({ ts }) => ts === thread_ts))
        return refuse('thread_not_found');
      const ts = nextTs();
      messages.push({
        ts,
        channel,
        text,
        blocks,
        threadTs: thread_ts,
        metadata,
        edits: 0,
      });
      return { ok: true, channel, ts };
    },
    'chat.update': ({ channel, ts, text, blocks, metadata }) => {
      const message = messages.find(
        each => each.channel === channel && each.ts === ts,
      );
      if (!message) return refuse('message_not_found');
      message.text = text;
      message.blocks = blocks;
      message.metadata = metadata ?? message.metadata;
      message.edits += 1;
      return { ok: true, channel, ts };
    },
    'conversations.history': body =>
      page(
        body,
        messages
          .filter(
            ({ channel, ts, threadTs }) =>
              channel === body.channel &&
              threadTs === undefined &&
              ts > (body.oldest ?? '0'),
          )
          .reverse(),
      ),
    'conversations.replies': body =>
      page(
        body,
        messages.filter(
          ({ channel, ts, threadTs }) =>
            channel === body.channel &&
            (ts === body.ts || threadTs === body.ts),
        ),
      ),
  };

  const listener = await listen({
    port: options.port,
    part: 'Slack',
    isDown: () => faults.isDown(),
    handler: async (request, response) => {
      await sleep(faults.delayMs());
      const retryAfter = faults.tooManyRequests();
      if (retryAfter !== undefined) {
        answerJson(
          response,
          429,
          { ok: false, error: 'ratelimited' },
          { 'Retry-After': String(retryAfter) },
        );
        return;
      }
      const { path, segments } = urlOf(request);
      const body = parse(request, (await readBody(request)).toString('utf8'));
      const answer = () => {
        if (path === `/services/${options.webhookSecret}`) {
          webhookPosts.push(String(body.text));
          return 'ok';
        }
        const method = segments[0] === 'api' ? methods[segments[1]] : undefined;
        if (!method) return undefined;
        return request.headers.authorization === `Bearer ${options.token}`
          ? method(body)
          : refuse('invalid_auth');
      };
      const answered = answer();
      if (answered === undefined) {
        const verb = `slack ${request.method} ${path}`;
        options.unimplemented.count(verb);
        answerJson(response, 501, {
          ok: false,
          error: `Not implemented in the sandbox: ${verb}`,
        });
        return;
      }
      const lost = faults.takeLostAnswer();
      if (lost === 'cut') request.socket.destroy();
      else if (lost === undefined) send(response, answered);
    },
  });
  return {
    ...listener,
    apiUrl: `${listener.url}/api`,
    webhookUrl: `${listener.url}/services/${options.webhookSecret}`,
    token: options.token,
    channels: SLACK_CHANNELS,
    messages: () => messages,
    webhookPosts: () => webhookPosts,
  };
}

function send(response: ServerResponse, answer: Answer | string): void {
  if (typeof answer !== 'string') {
    answerJson(response, 200, answer);
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  response.end(answer);
}

function isChannel(channel: unknown): boolean {
  return (SLACK_CHANNELS as readonly unknown[]).includes(channel);
}

function refuse(error: string): Answer {
  return { ok: false, error };
}

function page(
  body: Record<string, any>,
  found: readonly SlackDoubleMessage[],
): Answer {
  if (!isChannel(body.channel)) return refuse('channel_not_found');
  const start = Number(body.cursor ?? 0);
  const limit = Number(body.limit ?? DEFAULT_PAGE);
  const end = start + limit;
  return {
    ok: true,
    messages: found.slice(start, end).map(({ ts, text, metadata }) => ({
      type: 'message',
      ts,
      text,
      ...(body.include_all_metadata === 'true' && metadata ? { metadata } : {}),
    })),
    has_more: end < found.length,
    response_metadata: {
      next_cursor: end < found.length ? String(end) : '',
    },
  };
}

function parse(request: IncomingMessage, text: string): Record<string, any> {
  return (request.headers['content-type'] ?? '').startsWith('application/json')
    ? JSON.parse(text)
    : Object.fromEntries(new URLSearchParams(text));
}
