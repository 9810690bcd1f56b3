import { NoticeStore } from './NoticeStore';
import { request, SlackRestError } from './SlackClient';
import { toNoticeMessage } from './slackMessages';
import { ClaimedNotice, NoticeChannel, NoticeOutcome } from './types';

/**
 * The small form: one message per notice, which nobody can find again. So it is posted at most once: where it is not known whether it arrived, it
 * is not posted again.
 */
export class SlackWebhookChannel implements NoticeChannel {
  readonly #urls: ReadonlyMap<string, string>;
  readonly #store: Pick<NoticeStore, 'rest'>;

  constructor(options: {
    /** By name of the route. */
    urls: ReadonlyMap<string, string>;
    store: Pick<NoticeStore, 'rest'>;
  }) {
    this.#urls = options.urls;
    this.#store = options.store;
  }

  async send(
    notice: ClaimedNotice,
    signal: AbortSignal,
  ): Promise<NoticeOutcome> {
    const url = this.#urls.get(notice.destination.slice('webhook:'.length));
    if (url === undefined)
      return { status: 'given-up', error: 'its route is not configured here' };
    const { text, blocks } = toNoticeMessage(notice);
    try {
      const response = await request(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ text, blocks }),
        signal,
      });
      if (response.ok) return { status: 'sent' };
      return {
        status: 'given-up',
        error: `the webhook answered ${response.status}`,
      };
    } catch (error) {
      const words = String((error as Error).message);
      // It was refused before it was read, so this is no second time.
      if (error instanceof SlackRestError) {
        await this.#store.rest(notice.destination, error.forMs);
        return { status: 'again', inMs: error.forMs, error: words };
      }
      return { status: 'unknown', error: words };
    }
  }
}
