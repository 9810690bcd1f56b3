import { unifiedDiff } from './unifiedDiff';

it('shows what changed, with its surroundings', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  const before = `${lines.join('\n')}\n`;
  expect(
    unifiedDiff(
      'apps/orders/x.yaml',
      before,
      before.replace('line 9\n', 'line nine\n'),
    ),
  ).toBe(
    [
      '--- apps/orders/x.yaml',
      '+++ apps/orders/x.yaml',
      '@@ -7,7 +7,7 @@',
      ' line 6',
      ' line 7',
      ' line 8',
      '-line 9',
      '+line nine',
      ' line 10',
      ' line 11',
      ' line 12',
      '',
    ].join('\n'),
  );
});

it('shows only the changed line of a file with CRLF', () => {
  const diff = unifiedDiff(
    'x',
    'a: 1\r\nimage: v1\r\nb: 2\r\n',
    'a: 1\r\nimage: v2\r\nb: 2\r\n',
  );
  expect(diff.split('\n').filter(line => /^[-+][^-+]/.test(line))).toEqual([
    '-image: v1\r',
    '+image: v2\r',
  ]);
});
