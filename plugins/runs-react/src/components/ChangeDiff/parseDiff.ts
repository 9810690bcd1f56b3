/** A line of a unified diff, with its place in both files. */
export interface DiffLine {
  kind: 'context' | 'added' | 'removed' | 'hunk' | 'note';
  text: string;
  before?: number;
  after?: number;
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Reads a unified diff. File headers are dropped: who shows it names the file. */
export function parseDiff(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let before = 0;
  let after = 0;
  let inHunk = false;
  const texts = diff.replace(/\n$/, '').split('\n');
  for (const text of texts) {
    const hunk = HUNK.exec(text);
    if (hunk) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      inHunk = true;
      lines.push({ kind: 'hunk', text });
    } else if (inHunk) {
      const content = text.slice(1).replace(/\r$/, '');
      if (text.startsWith('+')) {
        lines.push({ kind: 'added', text: content, after });
        after += 1;
      } else if (text.startsWith('-')) {
        lines.push({ kind: 'removed', text: content, before });
        before += 1;
      } else if (text.startsWith('\\')) {
        lines.push({ kind: 'note', text: text.slice(1).trim() });
      } else {
        lines.push({ kind: 'context', text: content, before, after });
        before += 1;
        after += 1;
      }
    }
  }
  return lines;
}
