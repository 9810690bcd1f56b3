import { SignalApi, SignalSubscriber } from '@backstage/plugin-signals-react';
import {
  DeploysSignal,
  EntityDeploysState,
} from '@switchyard/backstage-plugin-deploys-common';
import { mergeState } from './mergeState';

/**
 * What components see. The last state stays while a newer one is fetched or cannot be had.
 *
 * @public
 */
export interface EntityDeploysSnapshot {
  value?: EntityDeploysState;
  /** Why the last attempt failed. The value beside it is older than that. */
  error?: Error;
  /** True only while nothing is known yet. */
  loading: boolean;
  /** When the backend last said that this is the state, by the browser's clock, in milliseconds. */
  checkedAt?: number;
}

/** How a query reads, and how it learns that there is something new. */
export interface EntityDeploysQueryOptions {
  load(): Promise<EntityDeploysState>;
  /** Absent where the portal has no signals: then it polls. */
  signals?: SignalApi;
}

/** Without signals, while a rollout is under way. */
const POLL_BUSY_MS = 5_000;
/** Without signals, while nothing is. */
const POLL_IDLE_MS = 30_000;
/**
 * With signals. Their client reconnects without telling anybody, so a ring that was lost meanwhile would leave an old state on the screen;
 * a conditional request at this pace catches up and costs next to nothing.
 */
const CATCH_UP_BUSY_MS = 15_000;
const CATCH_UP_IDLE_MS = 60_000;
/** After a subscription began: what changed while it was being set up rang for nobody. */
const CATCH_UP_AFTER_SUBSCRIBING_MS = 2_000;
/** Rings that come faster are answered by one read. */
const MIN_BETWEEN_READS_MS = 250;
const RETRY_FIRST_MS = 2_000;
const RETRY_MAX_MS = 30_000;
/** After an answer that was older than what is shown: another replica may have come further. */
const ASK_AGAIN_MS = 700;
/** Older answers in a row after which they are believed: a cluster that was restored counts its versions from lower again. */
const MAX_OLDER_ANSWERS = 12;

/**
 * The state of one entity, which many cards show and one request keeps fresh: on signals, on return of the tab or the network, and by a slow
 * poll. It does nothing while nobody listens or the tab is hidden.
 */
export class EntityDeploysQuery {
  readonly #options: EntityDeploysQueryOptions;
  readonly #listeners = new Set<() => void>();
  #snapshot: EntityDeploysSnapshot = { loading: true };
  #inFlight: Promise<void> | undefined;
  #again = false;
  #lastReadAt = 0;
  #failures = 0;
  #olderAnswers = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #channel: string | undefined;
  #subscription: SignalSubscriber | undefined;
  #justSubscribed = false;

  constructor(options: EntityDeploysQueryOptions) {
    this.#options = options;
  }

  get snapshot(): EntityDeploysSnapshot {
    return this.#snapshot;
  }

  get isIdle(): boolean {
    return this.#listeners.size === 0;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  /** Reads now. Whoever asks while a read is under way gets one more after it, so that the answer is never older than the question. */
  refresh(): Promise<void> {
    if (this.#inFlight) {
      this.#again = true;
      return this.#inFlight;
    }
    this.#clearTimer();
    this.#inFlight = this.#readUntilCurrent().finally(() => {
      this.#inFlight = undefined;
      this.#schedule();
    });
    return this.#inFlight;
  }

  async #readUntilCurrent() {
    do {
      this.#again = false;
      this.#lastReadAt = Date.now();
      try {
        this.#take(await this.#options.load());
      } catch (error) {
        this.#failures += 1;
        this.#publish({
          ...this.#snapshot,
          error: error instanceof Error ? error : new Error(String(error)),
          loading: false,
        });
      }
    } while (this.#again && !document.hidden);
  }

  #take(answer: EntityDeploysState) {
    this.#failures = 0;
    const known =
      this.#olderAnswers < MAX_OLDER_ANSWERS ? this.#snapshot.value : undefined;
    const { state, behind } = mergeState(known, answer);
    this.#olderAnswers = behind ? this.#olderAnswers + 1 : 0;
    this.#listenOn(state.channel);
    this.#publish({ value: state, loading: false, checkedAt: Date.now() });
  }

  #publish(next: EntityDeploysSnapshot) {
    this.#snapshot = next;
    for (const listener of [...this.#listeners]) listener();
  }

  #start() {
    document.addEventListener('visibilitychange', this.#onReturn);
    window.addEventListener('online', this.#onReturn);
    const { value } = this.#snapshot;
    if (value) this.#listenOn(value.channel);
    this.refresh();
  }

  #stop() {
    document.removeEventListener('visibilitychange', this.#onReturn);
    window.removeEventListener('online', this.#onReturn);
    this.#clearTimer();
    this.#listenOn(undefined);
  }

  #onReturn = () => {
    if (document.hidden) this.#clearTimer();
    else this.refresh();
  };

  #listenOn(channel: string | undefined) {
    const wanted = this.isIdle ? undefined : channel;
    if (wanted === this.#channel) return;
    this.#subscription?.unsubscribe();
    this.#channel = wanted;
    this.#subscription = wanted
      ? this.#options.signals?.subscribe<DeploysSignal>(wanted, this.#onSignal)
      : undefined;
    this.#justSubscribed = this.#subscription !== undefined;
  }

  #onSignal = (message: Partial<DeploysSignal> | null) => {
    const { value } = this.#snapshot;
    if (value && message?.hash !== undefined && value.hash === message.hash)
      return;
    // The return of the tab reads anyway.
    if (document.hidden) return;
    const wait = this.#lastReadAt + MIN_BETWEEN_READS_MS - Date.now();
    if (wait <= 0 || this.#inFlight) this.refresh();
    else this.#setTimer(wait);
  };

  #schedule() {
    if (this.isIdle || document.hidden) return;
    const { value, error } = this.#snapshot;
    if (error) {
      if (isWorthRetrying(error)) this.#setTimer(this.#backoffMs());
    } else if (this.#olderAnswers > 0) {
      this.#setTimer(ASK_AGAIN_MS);
    } else if (this.#justSubscribed) {
      this.#justSubscribed = false;
      this.#setTimer(CATCH_UP_AFTER_SUBSCRIBING_MS);
    } else {
      const busy = value !== undefined && isBusy(value);
      if (this.#subscription)
        this.#setTimer(busy ? CATCH_UP_BUSY_MS : CATCH_UP_IDLE_MS);
      else this.#setTimer(busy ? POLL_BUSY_MS : POLL_IDLE_MS);
    }
  }

  #backoffMs(): number {
    return Math.min(RETRY_FIRST_MS * 2 ** (this.#failures - 1), RETRY_MAX_MS);
  }

  #setTimer(delayMs: number) {
    this.#clearTimer();
    this.#timer = setTimeout(() => this.refresh(), delayMs);
  }

  #clearTimer() {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Whether more changes are on their way. */
function isBusy(state: EntityDeploysState): boolean {
  return (
    state.summary.tone === 'progressing' ||
    state.sources.some(source => source.state === 'connecting') ||
    state.deployments.some(
      row =>
        row.application?.operation?.phase === 'Running' ||
        row.application?.health === 'Progressing',
    )
  );
}

/** A refusal stays one however often it is asked; a lost connection or an overloaded server may be well again. */
function isWorthRetrying(error: Error): boolean {
  const { statusCode } = error as { statusCode?: number };
  return statusCode === undefined || statusCode >= 500;
}
