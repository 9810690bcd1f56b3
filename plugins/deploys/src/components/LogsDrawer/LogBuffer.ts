/** One line of a log. */
export interface LogLine {
  /** Counts from 1 over the whole stream, so that a line keeps its number when older ones are dropped. */
  number: number;
  /** The time that the container runtime noted, in RFC 3339, to the nanosecond. What the kubelet says itself has none. */
  at?: string;
  text: string;
}

/** Lines that are kept; a browser holds them easily, and a log that runs for days must not fill it. */
export const MAX_LINES = 100_000;
/** Old lines are dropped in pieces of this size: one at a time would move the whole array for each line. */
const DROP_LINES = 10_000;

const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})) /;
// Colours and cursor movements of terminals.
// eslint-disable-next-line no-control-regex
const ANSI = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** Makes lines of a text with timestamps that comes in pieces, and keeps the newest of them. */
export class LogBuffer {
  readonly #lines: LogLine[] = [];
  #rest = '';
  #count = 0;

  /** The kept lines, oldest first. The same array all the time: read it after each change. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** How many lines came and are not kept any more. */
  get dropped(): number {
    return this.#count - this.#lines.length;
  }

  append(text: string) {
    const parts = (this.#rest + text).split('\n');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) this.#push(part);
    if (this.#lines.length > MAX_LINES + DROP_LINES)
      this.#lines.splice(0, this.#lines.length - MAX_LINES);
  }

  /** The stream has ended: what came last is a line, though no line end followed. */
  end() {
    if (this.#rest !== '') this.#push(this.#rest);
    this.#rest = '';
  }

  #push(raw: string) {
    this.#count += 1;
    const line = raw.replace(/\r$/, '').replace(ANSI, '');
    const at = TIMESTAMP.exec(line)?.[1];
    this.#lines.push({
      number: this.#count,
      at,
      text: at ? line.slice(at.length + 1) : line,
    });
  }
}
