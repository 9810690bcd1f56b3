import { createTwoFilesPatch } from 'diff';
import { parseDiff } from './parseDiff';

describe('parseDiff', () => {
  it('numbers the lines of both files, over several hunks', () => {
    const before = Array.from({ length: 30 }, (_, i) => `line ${i + 1}`);
    const after = [...before];
    after[1] = 'changed 2';
    after.splice(24, 1);
    const lines = parseDiff(
      createTwoFilesPatch(
        'a.yaml',
        'a.yaml',
        `${before.join('\n')}\n`,
        `${after.join('\n')}\n`,
        '',
        '',
        { context: 2 },
      ),
    );
    expect(lines.filter(line => line.kind === 'hunk')).toHaveLength(2);
    expect(lines.filter(line => line.kind === 'removed')).toEqual([
      { kind: 'removed', text: 'line 2', before: 2 },
      { kind: 'removed', text: 'line 25', before: 25 },
    ]);
    expect(lines.filter(line => line.kind === 'added')).toEqual([
      { kind: 'added', text: 'changed 2', after: 2 },
    ]);
    expect(lines[lines.length - 1]).toEqual({
      kind: 'context',
      text: 'line 27',
      before: 27,
      after: 26,
    });
  });

  it('takes a line of dashes for content, not for a file header', () => {
    expect(parseDiff('--- a\n+++ b\n@@ -1,2 +1,1 @@\n---\n- x: 1\n')).toEqual([
      { kind: 'hunk', text: '@@ -1,2 +1,1 @@' },
      { kind: 'removed', text: '--', before: 1 },
      { kind: 'removed', text: ' x: 1', before: 2 },
    ]);
  });

  it('knows CRLF and a missing line end', () => {
    expect(
      parseDiff('@@ -1 +1 @@\n-a\r\n+b\r\n\\ No newline at end of file\n'),
    ).toEqual([
      { kind: 'hunk', text: '@@ -1 +1 @@' },
      { kind: 'removed', text: 'a', before: 1 },
      { kind: 'added', text: 'b', after: 1 },
      { kind: 'note', text: 'No newline at end of file' },
    ]);
  });
});
