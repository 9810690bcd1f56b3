import { SignalApi, SignalSubscriber } from '@backstage/plugin-signals-react';

/** What a component sees of a {@link LiveQuery}: the last value stays while a newer one is fetched or cannot be had. */
export interface LiveSnapshot<T> {
  value?: T;
  /** The last attempt's error. The value beside it is older. */
  error?: Error;
  /** True only while nothing is known yet. */
  loading: boolean;
  /** When the backend last said that this is the value, by the browser's clock, in milliseconds. */
  checkedAt?: number;
}

/**
 * How a value that components share is read, and how one learns that there is a new one.
 *
 * @public
 */
export interface LiveQueryOptions<T> {
  /**
   * With `anew` an answer that is kept from before must not be given again: it was behind what is shown, and a backend that says `304 Not
   * Modified` to it speaks of what it tells, not of how far it had come.
   */
  load(options: { anew: boolean }): Promise<T>;
  /** The channel to listen on, the hash that would be no news, and times (ISO) at which the value changes by itself. */
  describe(value: T): {
    channel?: string;
    hash?: string;
    changesAt?: readonly string[];
  };
  /** Whether something is under way, so that the next change is expected soon. */
  isBusy(value: T): boolean;
  /**
   * Takes an answer over what is known. For backends whose replicas watch on their own: one may answer with an older view of a part than
   * another did a moment ago. `behind` says that parts of the answer were left out for that. Default: the answer is the value.
   */
  merge?(known: T, answer: T): { value: T; behind: boolean };
}

/** Without signals, while something is under way. */
const POLL_BUSY_MS = 5_000;
/** Without signals, while nothing is. */
const POLL_IDLE_MS = 30_000;
/**
 * With signals. The signals client reconnects without telling anybody, and some proxies drop web sockets: a ring that was lost in between would
 * leave an old state on the screen for ever. Conditional requests at this pace cost next to nothing.
 */
const CATCH_UP_BUSY_MS = 15_000;
const CATCH_UP_IDLE_MS = 60_000;
/** After the first subscription to a channel: what changed while it was being set up rang for nobody. */
const CATCH_UP_AFTER_SUBSCRIBING_MS = 2_000;
/** Clocks differ a little: right at the end of a lock the backend might still see it. */
const AFTER_A_TURN_MS = 500;
/** Rings that come faster are answered by one read. */
const MIN_BETWEEN_READS_MS = 250;
const RETRY_FIRST_MS = 2_000;
const RETRY_MAX_MS = 30_000;
/** After an answer that was older than what is shown: another replica may have come further. */
const ASK_AGAIN_MS = 700;
/**
 * A ring told of something that the answer does not have yet: the balancer gave the question to a replica that has not come as far. So often it is asked
 * again; what rang may also have been taken back.
 */
const MAX_UNANSWERED = 5;
/** The same after so many of them in a row: that replica stays behind, and the balancer gives it every question. */
const MANY_OLDER_ANSWERS = 12;
const ASK_SELDOM_MS = 5_000;
/** When nothing but older answers came for this long they are believed: a cluster that was restored counts its versions from lower again. */
const OLDER_BELIEVED_AFTER_MS = 60_000;

/**
 * One value that many components show and one request keeps fresh: on signals, on return of the tab or the network, and by a slow poll.
 * It does nothing while nobody listens or the tab is hidden.
 */
export class LiveQuery<T> {
  readonly #options: LiveQueryOptions<T>;
  /** Undefined where the portal has no signals: then it polls. */
  readonly #signals: SignalApi | undefined;
  readonly #listeners = new Set<() => void>();
  #snapshot: LiveSnapshot<T> = { loading: true };
  #inFlight: Promise<void> | undefined;
  #again = false;
  #lastReadAt = 0;
  #failures = 0;
  #olderAnswers = 0;
  /** Of the first of them. */
  #olderSince = 0;
  /** How many more answers without news are waited out after a ring. */
  #awaited = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #channel: string | undefined;
  #subscription: SignalSubscriber | undefined;
  #justSubscribed = false;

  constructor(options: LiveQueryOptions<T>, signals?: SignalApi) {
    this.#options = options;
    this.#signals = signals;
  }

  get snapshot(): LiveSnapshot<T> {
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

  /** Reads now; whoever asks while a read is under way gets one more after it, so that the answer is never older than the question. */
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
        const anew = this.#olderAnswers > 0;
        this.#take(await this.#options.load({ anew }));
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

  #take(answer: T) {
    this.#failures = 0;
    const before = this.#hashOf(this.#snapshot.value);
    const value = this.#newest(answer);
    if (this.#awaited > 0) {
      this.#awaited = this.#hashOf(value) === before ? this.#awaited - 1 : 0;
    }
    this.#listenOn(this.#options.describe(value).channel);
    this.#publish({ value, loading: false, checkedAt: Date.now() });
  }

  #hashOf(value: T | undefined): string | undefined {
    return value === undefined ? undefined : this.#options.describe(value).hash;
  }

  /** The answer, without the parts that are older than what is known. */
  #newest(answer: T): T {
    const known = this.#snapshot.value;
    const { merge } = this.#options;
    const isBelieved =
      this.#olderAnswers > 0 &&
      Date.now() - this.#olderSince >= OLDER_BELIEVED_AFTER_MS;
    if (!merge || known === undefined || isBelieved) {
      this.#olderAnswers = 0;
      return answer;
    }
    const { value, behind } = merge(known, answer);
    if (behind && this.#olderAnswers === 0) this.#olderSince = Date.now();
    this.#olderAnswers = behind ? this.#olderAnswers + 1 : 0;
    return value;
  }

  #publish(next: LiveSnapshot<T>) {
    this.#snapshot = next;
    for (const listener of [...this.#listeners]) listener();
  }

  #start() {
    document.addEventListener('visibilitychange', this.#onReturn);
    window.addEventListener('online', this.#onReturn);
    const { value } = this.#snapshot;
    if (value) this.#listenOn(this.#options.describe(value).channel);
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
      ? this.#signals?.subscribe(wanted, this.#onSignal)
      : undefined;
    this.#justSubscribed = this.#subscription !== undefined;
  }

  #onSignal = (message: { hash?: unknown }) => {
    const { value } = this.#snapshot;
    if (
      value &&
      message?.hash !== undefined &&
      this.#options.describe(value).hash === message.hash
    )
      return;
    if (message?.hash !== undefined) this.#awaited = MAX_UNANSWERED;
    // The return of the tab reads anyway.
    if (document.hidden) return;
    const wait = this.#lastReadAt + MIN_BETWEEN_READS_MS - Date.now();
    if (wait <= 0 || this.#inFlight) this.refresh();
    else this.#setTimer(wait);
  };

  #schedule() {
    if (this.isIdle || document.hidden) return;
    const delayMs = this.#nextReadInMs();
    if (delayMs !== undefined) this.#setTimer(delayMs);
  }

  /** Undefined: only when somebody asks. */
  #nextReadInMs(): number | undefined {
    const { value, error } = this.#snapshot;
    if (error) {
      if (!isWorthRetrying(error)) return undefined;
      return Math.min(RETRY_FIRST_MS * 2 ** (this.#failures - 1), RETRY_MAX_MS);
    }
    if (value === undefined) return undefined;
    if (this.#olderAnswers > MANY_OLDER_ANSWERS) return ASK_SELDOM_MS;
    if (this.#olderAnswers > 0 || this.#awaited > 0) return ASK_AGAIN_MS;
    if (this.#justSubscribed) {
      this.#justSubscribed = false;
      return CATCH_UP_AFTER_SUBSCRIBING_MS;
    }
    const busy = this.#options.isBusy(value);
    const idle = this.#subscription ? CATCH_UP_IDLE_MS : POLL_IDLE_MS;
    const pace = this.#subscription ? CATCH_UP_BUSY_MS : POLL_BUSY_MS;
    const now = Date.now();
    const turns = (this.#options.describe(value).changesAt ?? [])
      .map(at => Date.parse(at) - now + AFTER_A_TURN_MS)
      .filter(delayMs => delayMs > AFTER_A_TURN_MS);
    return Math.min(busy ? pace : idle, ...turns);
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

/** A refusal stays one however often it is asked; a lost connection or an overloaded server may be well again. */
function isWorthRetrying(error: Error): boolean {
  const { statusCode } = error as { statusCode?: number };
  return statusCode === undefined || statusCode >= 500;
}
