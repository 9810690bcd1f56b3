import { RunStore } from '../database/RunStore';
import { FullRun } from '../database/types';
import { NoticeStore } from './NoticeStore';
import { SlackClient, SlackRefusalError } from './SlackClient';
import {
  NOTICE_METADATA,
  RUN_METADATA,
  toNoticeMessage,
  toRunMessage,
} from './slackMessages';
import { toSlackOutcome } from './slackOutcome';
import { ClaimedNotice, NoticeChannel, NoticeOutcome } from './types';

/** Slack's clock and ours may differ by as much. */
const CLOCK_SLACK_MS = 10 * 60_000;

/**
 * One message per run and channel, kept as the run is, with what happened in its thread. Where an attempt may have posted, the message is looked
 * for by its metadata before anything is posted; where it cannot be looked for, nothing is.
 */
export class SlackBotChannel implements NoticeChannel {
  readonly #client: SlackClient;
  readonly #store: NoticeStore;
  readonly #runs: Pick<RunStore, 'findRun'>;
  readonly #runUrl: (runId: string) => string;

  constructor(options: {
    client: SlackClient;
    store: NoticeStore;
    runs: Pick<RunStore, 'findRun'>;
    runUrl(runId: string): string;
  }) {
    this.#client = options.client;
    this.#store = options.store;
    this.#runs = options.runs;
    this.#runUrl = options.runUrl;
  }

  async send(
    notice: ClaimedNotice,
    signal: AbortSignal,
  ): Promise<NoticeOutcome> {
    try {
      const run = await this.#runs.findRun(notice.runId!);
      if (!run) return { status: 'given-up', error: 'the run is gone' };
      return await this.#tell(notice, run, signal);
    } catch (error) {
      return toSlackOutcome(error, notice, this.#store);
    }
  }

  async #tell(
    notice: ClaimedNotice,
    run: FullRun,
    signal: AbortSignal,
  ): Promise<NoticeOutcome> {
    const channel = notice.destination.slice('slack:'.length);
    const message = toRunMessage(run, this.#runUrl(run.id));
    const isQuiet = notice.payload.quiet === true;
    const known = await this.#store.findThread(run.id, channel);
    if (!known && isQuiet) return { status: 'sent' };

    let ts =
      known && (known.ts ?? (await this.#lookFor(known, run, channel, signal)));
    if (ts === undefined) {
      await this.#store.beginThread(run.id, channel);
      ts = await this.#client.post(channel, message, { signal });
      await this.#store.keepThread(run.id, channel, ts);
    } else {
      await this.#store.keepThread(run.id, channel, ts);
      await this.#client.update(channel, ts, message, signal);
    }
    if (!isQuiet) await this.#reply(notice, { channel, ts }, signal);
    return { status: 'sent' };
  }

  /** Somebody was about to post it, and perhaps did. */
  async #lookFor(
    known: { postingAt: Date },
    run: FullRun,
    channel: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const since = new Date(known.postingAt.getTime() - CLOCK_SLACK_MS);
    return this.#client.find(
      { channel, since },
      ({ metadata }) =>
        metadata?.event_type === RUN_METADATA &&
        metadata.event_payload.run === run.id,
      signal,
    );
  }

  async #reply(
    notice: ClaimedNotice,
    { channel, ts }: { channel: string; ts: string },
    signal: AbortSignal,
  ): Promise<void> {
    if (notice.attempt > 1) {
      const isThere = await this.#client.find(
        { channel, thread: ts },
        ({ metadata }) =>
          metadata?.event_type === NOTICE_METADATA &&
          metadata.event_payload.notice === notice.id,
        signal,
      );
      if (isThere !== undefined) return;
    }
    await this.#client
      .post(channel, toNoticeMessage(notice), { threadTs: ts, signal })
      .catch(error => {
        // Somebody has deleted the message: that is an answer too.
        const isGone =
          error instanceof SlackRefusalError &&
          ['thread_not_found', 'message_not_found'].includes(error.code);
        if (!isGone) throw error;
      });
  }
}
