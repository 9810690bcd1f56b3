import fc from 'fast-check';
import { stringify } from 'yaml';
import { isFlaw, parseYaml } from './parseYaml';
import { needsNoQuotes, replaceScalar, UneditableError } from './replaceScalar';

function edit(
  text: string,
  keys: Array<string | number>,
  value: string,
  document = 0,
): string {
  const parsed = parseYaml(text);
  if (isFlaw(parsed)) throw new Error(parsed.why);
  return replaceScalar(parsed, { document, keys }, value);
}

const NEW = '127.0.0.1:5001/a/b:v2';
const OLD = '127.0.0.1:5001/a/b:v1';

describe('replaceScalar', () => {
  // Each case holds the old image once; the result must be the same text with the new one in its place.
  it.each<[string, string, Array<string | number>, number?]>([
    ['plain', `image: ${OLD}\n`, ['image']],
    ['single quotes', `image: '${OLD}'\n`, ['image']],
    ['double quotes', `image: "${OLD}"\n`, ['image']],
    ['a comment behind', `image: ${OLD}   # bump me, not v1\n`, ['image']],
    [
      'comments around',
      `# v1\n\n\n# image: v1\nimage: ${OLD}\n# end`,
      ['image'],
    ],
    ['CRLF', `a: 1\r\nimage: ${OLD}\r\nb: 2\r\n`, ['image']],
    [
      'CRLF and a comment',
      `a: 1\r\nimage: '${OLD}' # x\r\n\r\nb: 2`,
      ['image'],
    ],
    ['a byte order mark', `\uFEFFimage: ${OLD}\n`, ['image']],
    [
      'a byte order mark and CRLF',
      `\uFEFFa: 1\r\nimage: "${OLD}"\r\n`,
      ['image'],
    ],
    ['no line end at the end', `image: ${OLD}`, ['image']],
    ['spaces at the end', `image: ${OLD}   \nb: 1\n`, ['image']],
    ['odd spaces before', `image:      ${OLD}\n`, ['image']],
    ['a flow mapping', `a: {image:   ${OLD} , b: [1,2 ,3]}\n`, ['a', 'image']],
    [
      'a flow mapping over lines',
      `a: {\n  image: ${OLD},\n  b: 1 }\n`,
      ['a', 'image'],
    ],
    ['JSON', `{\n\t"a": 1,\n\t"image":"${OLD}",\n\t"b": [ ]\n}`, ['image']],
    ['JSON in one line', `{"a":{"image":"${OLD}"}}`, ['a', 'image']],
    [
      'lists without indentation',
      `c:\n- name: x\n  image: ${OLD}\n- name: y\n`,
      ['c', 0, 'image'],
    ],
    [
      'lists with much indentation',
      `c:\n        -   name: x\n            image: ${OLD}\n`,
      ['c', 0, 'image'],
    ],
    [
      'the image first in its list item',
      `c:\n- image: ${OLD}\n  name: x\n`,
      ['c', 0, 'image'],
    ],
    ['a second document', `a: 1\n---\nimage: ${OLD}\n...\n`, ['image'], 1],
    ['an empty document before', `---\n---\nimage: ${OLD}\n`, ['image'], 1],
    ['a directive', `%YAML 1.2\n---\nimage: ${OLD}\n`, ['image']],
    ['a tag', `image: !!str ${OLD}\n`, ['image']],
    ['quoted keys', `"image": ${OLD}\n'b': 2\n`, ['image']],
    [
      'anchors elsewhere',
      `l: &l {a: 1}\nm: *l\nn:\n  <<: *l\nimage: ${OLD}\n`,
      ['image'],
    ],
    [
      'block texts elsewhere',
      `s: |+\n  image: x\n\n\nt: >-\n  image:\n  y\nimage: ${OLD}\n`,
      ['image'],
    ],
    [
      'a block text with CRLF elsewhere',
      `s: |\r\n  a\r\n  b\r\nimage: ${OLD}\r\n`,
      ['image'],
    ],
    [
      'templates in texts',
      `a: "{{ .Values.x }}"\nb: '{{- y }}'\nimage: ${OLD}\n`,
      ['image'],
    ],
    ['a long line', `a: ${'x '.repeat(500)}\nimage: ${OLD}\n`, ['image']],
    ['odd blank lines', `\n\n\na: 1\n\n   \nimage: ${OLD}\n\n\n\n`, ['image']],
    ['tabs behind', `image: ${OLD}\t# tab\nb: 1\n`, ['image']],
    [
      'other scripts',
      `# größer 日本語 🚂\nimage: ${OLD} # 🚂\nb: ü\n`,
      ['image'],
    ],
    [
      'numbers that a writer would change',
      `a: 0777\nb: 1e3\nc: 0x1F\nd: 1_000\ne: 010\nf: 12:30:45\nimage: ${OLD}\n`,
      ['image'],
    ],
    [
      'words that a writer would change',
      `a: yes\nb: ~\nc: NULL\nd: 2024-01-01\ne: .inf\nf:\nimage: ${OLD}\n`,
      ['image'],
    ],
    ['a value behind a line break', `image:\n  ${OLD}\nb: 1\n`, ['image']],
    [
      'a comment between key and value',
      `image: # which\n  ${OLD}\nb: 1\n`,
      ['image'],
    ],
    ['an explicit key', `? image\n: ${OLD}\n`, ['image']],
  ])('changes nothing else with %s', (_, text, keys, document = 0) => {
    expect(text.split(OLD)).toHaveLength(2);
    expect(edit(text, keys, NEW, document)).toBe(text.replace(OLD, NEW));
  });

  it.each<[string, string, Array<string | number>, string, number]>([
    ['an anchor on it', `image: &i ${OLD}\nb: *i\n`, ['image'], 'anchor &i', 1],
    ['an alias', `b: &i ${OLD}\nimage: *i\n`, ['image'], 'anchor &i', 2],
    [
      'an alias around it',
      `b: &c {image: ${OLD}}\nc: *c\n`,
      ['c', 'image'],
      'anchor &c',
      2,
    ],
    [
      'an anchor around it that is used elsewhere',
      `b: &c {image: ${OLD}}\nc: *c\n`,
      ['b', 'image'],
      'something else',
      1,
    ],
    [
      'a merge',
      `b: &c {image: ${OLD}}\nc:\n  <<: *c\n  x: 1\n`,
      ['c', 'image'],
      'merged in',
      3,
    ],
    [
      'a merge elsewhere of what is around it',
      `b: &c\n  image: ${OLD}\nc:\n  <<: *c\n`,
      ['b', 'image'],
      'something else',
      2,
    ],
    ['a folded block', `a: 1\nimage: >-\n  ${OLD}\n`, ['image'], 'block', 2],
    ['a literal block', `image: |-\n  ${OLD}\n`, ['image'], 'block', 1],
    [
      'several lines',
      `image: 127.0.0.1:5001/a/b\n  v1\n`,
      ['image'],
      'several lines',
      1,
    ],
    [
      'several lines in quotes',
      `image: "127.0.0.1\\\n  :5001/a/b:v1"\n`,
      ['image'],
      'several lines',
      1,
    ],
    ['no text', `image: [a]\n`, ['image'], 'no text', 1],
  ])('refuses %s, with the line', (_, text, keys, why, line) => {
    const act = () => edit(text, keys, NEW);
    expect(act).toThrow(UneditableError);
    expect(act).toThrow(
      expect.objectContaining({ why: expect.stringContaining(why) }),
    );
    expect(act).toThrow(`line ${line}: `);
  });

  it.each([
    ['newTag: v1\n', 'v2', 'newTag: v2\n'],
    ['newTag: v1 # c\n', '2', 'newTag: "2" # c\n'],
    ['newTag: 5.3\n', '5.30', 'newTag: "5.30"\n'],
    ['newTag: 5.3.24\n', '5.3.25', 'newTag: 5.3.25\n'],
    ["newTag: '5.3'\n", '5.30', "newTag: '5.30'\n"],
    ['newTag: v1\n', '2024-01-01', 'newTag: "2024-01-01"\n'],
    ['newTag: v1\n', 'on', 'newTag: "on"\n'],
    ['newTag: v1\n', '1_000', 'newTag: "1_000"\n'],
    ['newTag: v1\n', '0777', 'newTag: "0777"\n'],
    ['newTag: v1\n', '1e3', 'newTag: "1e3"\n'],
  ])('keeps a text a text: %j with %s', (text, value, expected) => {
    expect(edit(text, ['newTag'], value)).toBe(expected);
  });
});

it('knows bare words that some reader takes for something else', () => {
  for (const word of [
    'v5.3.25',
    '5.3.25',
    'latest',
    '127.0.0.1:5001/a/b:v1',
    'v1.0.0-rc.1',
    'a_b',
  ])
    expect([word, needsNoQuotes(word)]).toEqual([word, true]);
  for (const word of [
    '1',
    '1.5',
    'yes',
    'No',
    'null',
    '~',
    '',
    '1:30',
    '-',
    'a:',
    '0x1f',
    '.inf',
    '2024-01-01',
    'a b',
    '#x',
    '*x',
  ])
    expect([word, needsNoQuotes(word)]).toEqual([word, false]);
});

describe('parseYaml', () => {
  it.each([
    ['a: 1\nb: [1\nc: 2\n', 'syntax'],
    ['a:\n\t- b\n', 'syntax'],
    ['a: b: c\n', 'syntax'],
    ['image: "x\n', 'syntax'],
    ['a: 1\nb: 2\na: 3\n', 'duplicate-key'],
  ])('says what is wrong with %j and where', (text, code) => {
    const parsed = parseYaml(text);
    expect(parsed).toMatchObject({ code, why: expect.any(String) });
    expect(isFlaw(parsed) && parsed.line).toBeGreaterThan(0);
  });

  it('does not let anchors fill the memory', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) =>
        `l${level}: &l${level} [${Array(10)
          .fill(level === 0 ? 'x' : `*l${level - 1}`)
          .join(', ')}]`,
    );
    expect(parseYaml(levels.join('\n'))).toMatchObject({ code: 'syntax' });
    expect(parseYaml('a: *nope\n')).toMatchObject({
      code: 'syntax',
      why: expect.stringContaining('nope'),
    });
    expect(parseYaml('x'.repeat(500_001))).toMatchObject({
      why: 'the file is too large: at most 500 kB are read; divide it',
    });
  });

  it('reads an empty file', () => {
    expect(parseYaml('')).toMatchObject({ values: [] });
    expect(parseYaml('# nothing\n')).not.toHaveProperty('why');
  });
});

it('changes one value of any file, and no other character', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  const value = fc.letrec(tie => ({
    leaf: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
    node: fc.oneof(
      { maxDepth: 3 },
      tie('leaf'),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.stringMatching(/^[a-z][a-z-]{0,6}$/), tie('node'), {
        maxKeys: 3,
      }),
    ),
  })).node;
  const layout = fc.record({
    indent: fc.constantFrom(2, 4, 7),
    indentSeq: fc.boolean(),
    lineWidth: fc.constantFrom(0, 20, 80),
    singleQuote: fc.boolean(),
    defaultStringType: fc.constantFrom(
      'PLAIN' as const,
      'QUOTE_DOUBLE' as const,
      'QUOTE_SINGLE' as const,
    ),
    collectionStyle: fc.constantFrom(
      'any' as const,
      'block' as const,
      'flow' as const,
    ),
  });
  fc.assert(
    fc.property(
      value,
      value,
      layout,
      fc.boolean(),
      (a, b, options, hasCrlf) => {
        const written = stringify(
          { a, list: [{ b, image: 'OLD-IMAGE:v1', c: a }], d: b },
          options,
        );
        const before = hasCrlf ? written.replace(/\n/g, '\r\n') : written;
        // The writer makes files that no reader reads, now and then.
        fc.pre(!isFlaw(parseYaml(before)));
        fc.pre(before.split('OLD-IMAGE:v1').length === 2);
        expect(edit(before, ['list', 0, 'image'], NEW)).toBe(
          before.replace('OLD-IMAGE:v1', NEW),
        );
      },
    ),
    { numRuns: 300 },
  );
});
