import { isFlaw, parseYaml } from './parseYaml';

/** CPU time that a few hundred kB may take; each of these took ten seconds and more when keys and aliases were compared with all others. */
const MAX_CPU_MS = 4_000;

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}

describe('parseYaml', () => {
  it.each<[string, string, string]>([
    ['many keys', lines(30_000, index => `a${index}: 1`), ''],
    [
      'many anchors',
      lines(12_000, index => `a${index}: &x${index} 1\nb${index}: *x${index}`),
      'aliases',
    ],
    ['endless nesting', '['.repeat(20_000), 'stack'],
    ['more than a person writes', 'a'.repeat(500_001), 'too large'],
  ])('does not keep others waiting for %s', (_, text, why) => {
    const before = process.cpuUsage();
    const parsed = parseYaml(text);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(MAX_CPU_MS);
    expect(isFlaw(parsed) ? parsed.why : '').toContain(why);
    expect(isFlaw(parsed)).toBe(why !== '');
  });

  it('says where a key stands twice, but lets several merges be', () => {
    expect(parseYaml('x: 1\n---\na:\n  b: 1\n  c: 2\n  b: 3\n')).toEqual({
      code: 'duplicate-key',
      why: 'a key stands twice in one mapping',
      line: 6,
    });
    expect(
      isFlaw(parseYaml('a: &a {x: 1}\nb: &b {y: 2}\nc:\n  <<: *a\n  <<: *b\n')),
    ).toBe(false);
  });

  it('keeps a bomb of aliases from going off', () => {
    const bomb = `a0: &a0 [x, x, x]\n${lines(
      30,
      index => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`,
    )}`;
    expect(parseYaml(bomb)).toMatchObject({ code: 'syntax' });
  });
});
