import {
  LogNotice,
  LogRecord,
  LogSource,
  LogSourceState,
} from '@switchyard/backstage-plugin-deploys-common';
import { cleanText } from './cleanText';

/** One line of a log. */
export interface LogLine {
  /** Counts from 1 over the whole stream, so that a line keeps its number when older ones are dropped. */
  number: number;
  /** Which of the sources wrote it. */
  source: number;
  /** The time that the container runtime noted, in RFC 3339, to the nanosecond. What the kubelet says itself has none. */
  at?: string;
  text: string;
}

/** A container whose log is read, and how that goes. */
export interface ReadSource extends LogSource {
  state: LogSourceState | 'opening';
  why?: string;
}

/** Lines that are kept; a browser holds them easily, and a log that runs for days must not fill it. */
export const MAX_LINES = 100_000;
/** The same for logs with long lines: two bytes each, as browsers keep them. */
const MAX_CHARACTERS = 50_000_000;
/** Old lines are dropped in pieces of this size: one at a time would move the whole array for each line. */
const DROP_LINES = 10_000;

/** Keeps the newest lines of a merged log, and what is known of its sources. */
export class LogBuffer {
  readonly #lines: LogLine[] = [];
  #sources: readonly ReadSource[] = [];
  #leftOut: readonly string[] = [];
  #count = 0;
  #characters = 0;
  #sourcesBefore = 0;
  #over?: Extract<LogNotice, { type: 'over' }>;
  /** By the number of this answer: the number of the whole log. */
  #numbers = new Map<number, number>();
  /** When each source wrote its last line. */
  readonly #lastAt = new Map<number, string>();
  /** The same before this answer began: what is not newer was read already. */
  #readUpTo = new Map<number, string>();

  /** The kept lines, oldest first. The same array all the time: read it after each change. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** How many lines came and are not kept any more. */
  get dropped(): number {
    return this.#count - this.#lines.length;
  }

  /** In the order of their numbers. Another array after each change. */
  get sources(): readonly ReadSource[] {
    return this.#sources;
  }

  /** Pods that are not read because there are too many. */
  get leftOut(): readonly string[] {
    return this.#leftOut;
  }

  /** Why there is no more of it, where it may not be read on. */
  get over(): Extract<LogNotice, { type: 'over' }> | undefined {
    return this.#over;
  }

  /** Another answer follows, which begins with some of what was read: each line is kept once. */
  goOn() {
    this.#over = undefined;
    this.#numbers = new Map();
    this.#sourcesBefore = this.#sources.length;
    this.#readUpTo = new Map(this.#lastAt);
  }

  append(records: readonly LogRecord[]) {
    for (const record of records) {
      if (Array.isArray(record)) this.#push(record);
      else this.#note(record);
    }
    this.#drop();
  }

  #push([numberOfAnswer, at, raw]: [number, string | null, string]) {
    const source = this.#numbers.get(numberOfAnswer) ?? numberOfAnswer;
    const readUpTo = this.#readUpTo.get(source);
    if (at !== null) {
      if (readUpTo !== undefined && at <= readUpTo) return;
      this.#lastAt.set(source, at);
    }
    this.#count += 1;
    const text = cleanText(raw);
    this.#characters += text.length;
    this.#lines.push({
      number: this.#count,
      source,
      at: at ?? undefined,
      text,
    });
  }

  #note(notice: LogNotice) {
    if (notice.type === 'left-out') {
      this.#leftOut = notice.pods;
    } else if (notice.type === 'source') {
      this.#addSource(notice);
    } else if (notice.type === 'over') {
      this.#over = notice;
    } else {
      const source = this.#numbers.get(notice.source) ?? notice.source;
      this.#sources = this.#sources.map(each =>
        each.source === source
          ? { ...each, state: notice.state, why: notice.why }
          : each,
      );
    }
  }

  #addSource({ source, pod, container }: LogSource) {
    // Of the answer before: in one answer a pod that was made anew is another source.
    const [known] = this.#sources.filter(
      each =>
        each.pod === pod &&
        each.container === container &&
        each.source < this.#sourcesBefore,
    );
    const number = known?.source ?? this.#sources.length;
    this.#numbers.set(source, number);
    if (known) return;
    this.#sources = [
      ...this.#sources,
      { source: number, pod, container, state: 'opening' },
    ];
  }

  #drop() {
    const lines = this.#lines;
    let count =
      lines.length > MAX_LINES + DROP_LINES ? lines.length - MAX_LINES : 0;
    let freed = 0;
    for (let index = 0; index < count; index += 1) {
      freed += lines[index].text.length;
    }
    while (
      this.#characters - freed > MAX_CHARACTERS &&
      count < lines.length - 1
    ) {
      freed += lines[count].text.length;
      count += 1;
    }
    if (count === 0) return;
    lines.splice(0, count);
    this.#characters -= freed;
  }
}
