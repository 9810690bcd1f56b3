import { LogLine } from './LogBuffer';

/** Numbers of the lines that contain a text, whatever its case. Lines that come are looked at once, however many there are already. */
export class LineMatches {
  readonly search: string;
  readonly #wanted: string;
  #numbers: number[] = [];
  #upTo = 0;

  constructor(search: string) {
    this.search = search;
    this.#wanted = search.toLocaleLowerCase('en-US');
  }

  /** The matches among the lines that are kept now. Another array whenever it changes. */
  update(lines: readonly LogLine[]): readonly number[] {
    const first = lines[0]?.number ?? 0;
    if (this.#wanted === '' || lines.length === 0) return this.#numbers;
    const found: number[] = [];
    for (
      let index = Math.max(0, this.#upTo + 1 - first);
      index < lines.length;
      index += 1
    ) {
      if (lines[index].text.toLocaleLowerCase('en-US').includes(this.#wanted)) {
        found.push(lines[index].number);
      }
    }
    this.#upTo = lines[lines.length - 1].number;
    const hasDropped = this.#numbers[0] < first;
    if (found.length > 0 || hasDropped) {
      this.#numbers = [
        ...this.#numbers.filter(number => number >= first),
        ...found,
      ];
    }
    return this.#numbers;
  }
}

/** A line in pieces, alternating between what does not match and what does; begins with what does not. */
export function splitByMatch(text: string, search: string): string[] {
  if (search === '') return [text];
  const wanted = search.toLocaleLowerCase('en-US');
  const lower = text.toLocaleLowerCase('en-US');
  // A few letters change their length with their case: then positions would not fit.
  if (lower.length !== text.length) return [text];
  const pieces: string[] = [];
  let from = 0;
  for (;;) {
    const at = lower.indexOf(wanted, from);
    if (at === -1) break;
    pieces.push(text.slice(from, at), text.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  pieces.push(text.slice(from));
  return pieces;
}
