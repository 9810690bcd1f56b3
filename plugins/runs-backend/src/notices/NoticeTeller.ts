import { LoggerService } from '@backstage/backend-plugin-api';
import { OutboxStore } from '../database/OutboxStore';
import { NoticePlanner } from './NoticePlanner';
import { NoticeStore } from './NoticeStore';
import { ClaimedNotice, NoticeChannel, NoticeOutcome } from './types';

const BATCH = 50;
const AT_ONCE = 10;
/** Several requests of 10 seconds each; after that another worker takes it. */
const CLAIM_MS = 2 * 60_000;
const KEPT_MS = 7 * 24 * 60 * 60_000;
const CLEAN_EVERY_MS = 60 * 60_000;

/** Tells people of runs: spreads what is in the outbox over those to be told, and sends it. Nothing of a run waits for it. */
export class NoticeTeller {
  readonly #outbox: OutboxStore;
  readonly #planner: NoticePlanner;
  readonly #store: NoticeStore;
  /** By the part of a destination before the colon. */
  readonly #channels: ReadonlyMap<string, NoticeChannel>;
  readonly #logger: LoggerService;
  readonly #abort = new AbortController();
  #cleanedAt = 0;

  constructor(options: {
    outbox: OutboxStore;
    planner: NoticePlanner;
    store: NoticeStore;
    channels: ReadonlyMap<string, NoticeChannel>;
    logger: LoggerService;
  }) {
    this.#outbox = options.outbox;
    this.#planner = options.planner;
    this.#store = options.store;
    this.#channels = options.channels;
    this.#logger = options.logger;
  }

  /**
   * What it is about is asked for outside of any transaction; a record that two replicas spread at the same time gives the same notices.
   *
   * @throws when the database or the catalog cannot be reached; what could be spread was
   */
  async spread(): Promise<void> {
    for (;;) {
      const records = await this.#outbox.peek(BATCH, 'notices');
      let failure: unknown;
      for (const record of records) {
        try {
          await this.#store.add(await this.#planner.plan(record));
          await this.#outbox.remove(record.id);
        } catch (error) {
          failure ??= error;
        }
        if (this.#abort.signal.aborted) return;
      }
      if (failure !== undefined) throw failure;
      if (records.length < BATCH) return;
    }
  }

  /** Sends what is due. @throws when the database cannot be reached */
  async send(): Promise<void> {
    for (;;) {
      if (this.#abort.signal.aborted) return;
      const claimed = await this.#store.claim({
        limit: AT_ONCE,
        claimMs: CLAIM_MS,
      });
      if (claimed.length === 0) break;
      await Promise.all(claimed.map(notice => this.#send(notice)));
    }
    if (Date.now() - this.#cleanedAt > CLEAN_EVERY_MS) {
      this.#cleanedAt = Date.now();
      await this.#store.clean(KEPT_MS);
    }
  }

  /** Cuts what is being sent short; it is found out later whether it arrived. */
  stop(): void {
    this.#abort.abort();
  }

  async #send(notice: ClaimedNotice): Promise<void> {
    const [kind] = notice.destination.split(':');
    const channel = this.#channels.get(kind);
    const outcome: NoticeOutcome = channel
      ? await channel.send(notice, this.#abort.signal)
      : { status: 'given-up', error: 'it is not configured any more' };
    await this.#store.settle(notice, outcome);
    if (outcome.status === 'sent' || 'isExpected' in outcome) return;
    const about = {
      destination: notice.destination,
      run: notice.runId,
      event: notice.event,
      reason: outcome.error,
    };
    if (outcome.status === 'again')
      this.#logger.debug('A notice was not sent, trying again', about);
    else this.#logger.warn('A notice was not sent', about);
  }
}
