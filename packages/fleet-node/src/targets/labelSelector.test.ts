import {
  indexableLabels,
  LabelSelectorError,
  matchesLabelSelector,
  parseLabelSelector,
} from './labelSelector';

describe('parseLabelSelector', () => {
  it.each([
    ['a=b', [{ operator: 'in', key: 'a', values: ['b'] }]],
    ['a == b', [{ operator: 'in', key: 'a', values: ['b'] }]],
    ['a=', [{ operator: 'in', key: 'a', values: [''] }]],
    ['a!=b', [{ operator: 'notin', key: 'a', values: ['b'] }]],
    ['a in (b, c)', [{ operator: 'in', key: 'a', values: ['b', 'c'] }]],
    ['a notin (b)', [{ operator: 'notin', key: 'a', values: ['b'] }]],
    ['a', [{ operator: 'exists', key: 'a' }]],
    ['!a', [{ operator: 'absent', key: 'a' }]],
    [
      'app.kubernetes.io/name=orders,tier in (web),!canary',
      [
        { operator: 'in', key: 'app.kubernetes.io/name', values: ['orders'] },
        { operator: 'in', key: 'tier', values: ['web'] },
        { operator: 'absent', key: 'canary' },
      ],
    ],
    // Words of the grammar may be keys and values.
    ['in in (in)', [{ operator: 'in', key: 'in', values: ['in'] }]],
  ])('reads %s', (text, expected) => {
    expect(parseLabelSelector(text)).toEqual(expected);
  });

  it.each([
    '',
    '   ',
    ',',
    'a=b,',
    ',a=b',
    'a=b c=d',
    'a==b=c',
    'a in b',
    'a in ()',
    'a in (b,)',
    'a in (b',
    'a in (b,c',
    'a>5',
    'a=b/c',
    'a=%2F',
    'a=../b',
    '../a=b',
    'a/b/c=d',
    '/a=b',
    'A.com/a=b',
    'a=-b',
    `a=${'x'.repeat(64)}`,
    '!',
    '!!a',
    'a=b;c=d',
    `a in (${'b,'.repeat(600)}c)`,
  ])('refuses %j', text => {
    expect(() => parseLabelSelector(text)).toThrow(LabelSelectorError);
  });
});

describe('matchesLabelSelector', () => {
  const labels = { app: 'orders', tier: 'web', empty: '' };

  it.each([
    ['app=orders', true],
    ['app=search', false],
    ['app!=search', true],
    ['app in (search,orders),tier=web', true],
    ['app in (search,orders),tier=db', false],
    ['other notin (a)', true],
    ['app notin (orders)', false],
    ['tier', true],
    ['!tier', false],
    ['!other', true],
    ['empty=', true],
    ['other=', false],
    ['toString', false],
  ])('%s', (text, expected) => {
    expect(matchesLabelSelector(parseLabelSelector(text), labels)).toBe(
      expected,
    );
  });
});

describe('indexableLabels', () => {
  it.each([
    ['a=b,c=d,e in (f,g)', [{ a: 'b', c: 'd' }]],
    ['a in (b,c),!d', [{ a: 'b' }, { a: 'c' }]],
    ['a,!b,c!=d', []],
  ])('%s', (text, expected) => {
    expect(indexableLabels(parseLabelSelector(text))).toEqual(expected);
  });
});
