import {
  LogNotice,
  LogRecord,
} from '@switchyard/backstage-plugin-deploys-common';

/** Who said nothing for this long holds nobody up: what it says later may come out of order. A log that goes on must not wait; one that ends may. */
const QUIET_MS = 400;
const QUIET_OF_ENDING_MS = 5_000;
/** Proxies end connections that are silent, after a minute as a rule. */
const HEARTBEAT_MS = 25_000;
/** What a source may be ahead of the others, and of the reader. */
const MAX_QUEUED_LINES = 256;
const MAX_QUEUED_CHARS = 256 * 1024;

interface Queued {
  at: string;
  record: LogRecord;
  size: number;
}

/** The part of one source in a {@link TimeMerge}. */
export interface Lane {
  /** Resolves when there is room for more; rejects when nobody reads any more. */
  push(line: { at: string | undefined; text: string }): Promise<void>;
  /** Says something about the source after its lines so far. */
  say(notice: LogNotice): void;
  /** No line will come for now: nobody waits for it. */
  rest(): void;
  /** Nothing will come any more. */
  end(): void;
}

class OpenLane implements Lane {
  readonly queue: Queued[] = [];
  chars = 0;
  isResting = false;
  hasEnded = false;
  heardAt = Date.now();
  #last = '';
  #onRoom?: () => void;

  constructor(
    readonly source: number,
    readonly changed: () => void,
    readonly signal: AbortSignal,
    readonly quietMs: number,
  ) {}

  async push(line: { at: string | undefined; text: string }): Promise<void> {
    const { at, text } = line;
    // What the kubelet itself says has no time: it belongs to what came before it.
    if (at !== undefined) this.#last = at;
    this.#add([this.source, at ?? null, text], text.length);
    this.isResting = false;
    this.heardAt = Date.now();
    this.changed();
    while (this.#isFull) {
      this.signal.throwIfAborted();
      await new Promise<void>(resolve => {
        this.#onRoom = resolve;
      });
    }
    this.signal.throwIfAborted();
  }

  say(notice: LogNotice) {
    this.#add(notice, 0);
    this.changed();
  }

  rest() {
    this.isResting = true;
    this.changed();
  }

  end() {
    this.hasEnded = true;
    this.changed();
  }

  take(): LogRecord {
    const { record, size } = this.queue.shift()!;
    this.chars -= size;
    if (!this.#isFull) this.wake();
    return record;
  }

  wake() {
    this.#onRoom?.();
    this.#onRoom = undefined;
  }

  /** How long it is still waited for; not positive when nobody waits. */
  patience(now: number): number {
    if (this.queue.length > 0 || this.isResting || this.hasEnded) return 0;
    return this.heardAt + this.quietMs - now;
  }

  get #isFull(): boolean {
    return (
      this.queue.length >= MAX_QUEUED_LINES || this.chars >= MAX_QUEUED_CHARS
    );
  }

  #add(record: LogRecord, size: number) {
    this.queue.push({ at: this.#last, record, size });
    this.chars += size;
  }
}

/**
 * Makes one stream of several logs, ordered by time. Each source is ordered by itself; a line goes out when every source has said something later, or
 * nothing for a moment. Sources are read no faster than the result is.
 */
export class TimeMerge {
  readonly #lanes = new Set<OpenLane>();
  readonly #notices: LogNotice[] = [];
  readonly #signal: AbortSignal;
  readonly #quietMs: number;
  #isComplete = false;
  #wake?: () => void;

  constructor(options: {
    signal: AbortSignal;
    /** Sources go on for as long as they are read. */
    goesOn: boolean;
  }) {
    this.#signal = options.signal;
    this.#quietMs = options.goesOn ? QUIET_MS : QUIET_OF_ENDING_MS;
    this.#signal.addEventListener(
      'abort',
      () => {
        for (const lane of this.#lanes) lane.wake();
        this.#changed();
      },
      { once: true },
    );
  }

  lane(source: number): Lane {
    const lane = new OpenLane(
      source,
      () => this.#changed(),
      this.#signal,
      this.#quietMs,
    );
    this.#lanes.add(lane);
    return lane;
  }

  /** Says something at once, ahead of lines that wait. */
  say(notice: LogNotice): void {
    this.#notices.push(notice);
    this.#changed();
  }

  /** No more sources will be added: it ends when all have. */
  complete(): void {
    this.#isComplete = true;
    this.#changed();
  }

  /** To be read once. Undefined is a heartbeat. */
  async *records(): AsyncGenerator<LogRecord | undefined> {
    while (!this.#signal.aborted) {
      const notice = this.#notices.shift();
      if (notice) {
        yield notice;
        continue;
      }
      const { first, waitMs } = this.#look();
      if (first && waitMs <= 0) {
        yield first.take();
        continue;
      }
      if (!first && this.#isComplete && this.#lanes.size === 0) return;
      const woken = await this.#sleep(first ? waitMs : HEARTBEAT_MS);
      if (!woken && !first) yield undefined;
    }
  }

  #look(): { first: OpenLane | undefined; waitMs: number } {
    const now = Date.now();
    let first: OpenLane | undefined;
    let waitMs = 0;
    for (const lane of this.#lanes) {
      if (lane.queue.length > 0) {
        if (!first || lane.queue[0].at < first.queue[0].at) first = lane;
      } else if (lane.hasEnded) {
        this.#lanes.delete(lane);
      } else {
        waitMs = Math.max(waitMs, lane.patience(now));
      }
    }
    return { first, waitMs };
  }

  /** False when the time is over and nothing has happened. */
  async #sleep(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const woken = await new Promise<boolean>(resolve => {
      this.#wake = () => resolve(true);
      timer = setTimeout(() => resolve(false), ms);
    });
    clearTimeout(timer);
    this.#wake = undefined;
    return woken;
  }

  #changed() {
    this.#wake?.();
  }
}
