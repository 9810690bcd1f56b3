import { LogRecord } from '@switchyard/backstage-plugin-deploys-common';
import { cleanText } from './cleanText';
import { LineMatches } from './findMatches';
import { LogBuffer, MAX_LINES } from './LogBuffer';
import { sourceNames } from './sourceNames';

const lines = (count: number, text: (n: number) => string): LogRecord[] =>
  Array.from({ length: count }, (_, n) => [0, null, text(n)]);

describe('LogBuffer', () => {
  it('is bounded by lines and by what they hold, and counts what it dropped', () => {
    const buffer = new LogBuffer();
    for (let batch = 0; batch < 15; batch += 1) {
      buffer.append(lines(10_000, n => `${batch} ${n}`));
    }
    expect(buffer.lines.length).toBeLessThanOrEqual(MAX_LINES + 10_000);
    expect(buffer.lines.length + buffer.dropped).toBe(150_000);
    expect(buffer.lines[buffer.lines.length - 1].number).toBe(150_000);

    const heavy = new LogBuffer();
    for (let batch = 0; batch < 20; batch += 1) {
      heavy.append(lines(100, () => 'x'.repeat(64_000)));
    }
    const characters = heavy.lines.reduce((n, { text }) => n + text.length, 0);
    expect(characters).toBeLessThanOrEqual(50_000_000);
    expect(heavy.lines.length + heavy.dropped).toBe(2_000);
    expect(heavy.lines[heavy.lines.length - 1].number).toBe(2_000);
  });

  it('goes on with another answer, keeping each line once and each source its number', () => {
    const at = (second: number) => `2026-11-20T10:00:0${second}.000000000Z`;
    const source = (number: number, pod: string): LogRecord => ({
      type: 'source',
      source: number,
      pod,
      container: 'orders',
    });
    const buffer = new LogBuffer();
    buffer.append([
      source(0, 'a'),
      source(1, 'b'),
      [0, at(1), 'a1'],
      [1, at(2), 'b2'],
      { type: 'over', reason: 'signed-out', why: 'Your sign-in ended' },
    ]);
    expect(buffer.over?.reason).toBe('signed-out');
    buffer.goOn();
    // The other way round, with a pod that is new.
    buffer.append([
      source(0, 'b'),
      source(1, 'c'),
      source(2, 'a'),
      [2, at(1), 'a1'],
      [0, at(2), 'b2'],
      [2, at(3), 'a3'],
      [1, at(3), 'c3'],
      { type: 'state', source: 0, state: 'gone' },
    ]);
    expect(buffer.over).toBeUndefined();
    expect(buffer.sources.map(({ pod, state }) => [pod, state])).toEqual([
      ['a', 'opening'],
      ['b', 'gone'],
      ['c', 'opening'],
    ]);
    expect(buffer.lines.map(({ source: from, text }) => [from, text])).toEqual([
      [0, 'a1'],
      [1, 'b2'],
      [0, 'a3'],
      [2, 'c3'],
    ]);
  });

  it('is searched once per line, and forgets matches that were dropped', () => {
    const buffer = new LogBuffer();
    const matches = new LineMatches('Error');
    buffer.append(lines(10, n => (n % 2 ? 'an ERROR' : 'fine')));
    expect(matches.update(buffer.lines)).toEqual([2, 4, 6, 8, 10]);
    buffer.append(lines(115_000, () => 'fine'));
    buffer.append([[0, null, 'error again']]);
    expect(matches.update(buffer.lines)).toEqual([115_011]);
    const before = matches.update(buffer.lines);
    buffer.append(lines(1, () => 'fine'));
    expect(matches.update(buffer.lines)).toBe(before);
  });
});

it.each([
  ['\u001b[38;5;196mred\u001b[0m', 'red'],
  ['\u001b]8;;https://evil\u001b\\link\u001b]8;;\u0007', 'link'],
  ['\u001b(Bplain\u001b[K', 'plain'],
  ['\u009b31mred', 'red'],
  ['a\u001b', 'a\u241b'],
  ['tab\tstays', 'tab\tstays'],
  ['end\r', 'end'],
  ['10%\r20%', '10%\u240d20%'],
  ['\u0000\u007f', '\u2400\u2421'],
  ['user\u202etxt.exe', 'user\ufffdtxt.exe'],
])('%j is shown as %j', (raw, shown) => {
  expect(cleanText(raw)).toBe(shown);
});

it.each([
  [['orders-6d4-x1', 'orders-6d4-x2'], ['orders'], ['x1', 'x2']],
  [['orders-6d4-x1', 'orders-7f5-x1'], ['orders'], ['6d4-x1', '7f5-x1']],
  [['orders-6d4-x1'], ['orders', 'proxy'], ['orders', 'proxy']],
  [
    ['a-1', 'b-1'],
    ['x', 'y'],
    ['a-1 x', 'a-1 y', 'b-1 x', 'b-1 y'],
  ],
  [['web', 'web-1'], ['x'], ['web', 'web-1']],
])('pods %j with containers %j are called %j', (pods, containers, names) => {
  const sources = pods
    .flatMap(pod => containers.map(container => ({ pod, container })))
    .map((each, source) => ({ source, ...each }));
  expect([...sourceNames(sources).values()]).toEqual(names);
});
