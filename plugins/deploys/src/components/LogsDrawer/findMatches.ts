import { LogLine } from './LogBuffer';

/** Indexes of the lines that contain a text, whatever its case. */
export function findMatches(
  lines: readonly LogLine[],
  search: string,
): number[] {
  if (search === '') return [];
  const wanted = search.toLocaleLowerCase('en-US');
  const found: number[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    if (lines[index].text.toLocaleLowerCase('en-US').includes(wanted))
      found.push(index);
  }
  return found;
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
