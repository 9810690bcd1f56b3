import { parseQuantity } from './quantity';

it.each([
  ['1', 1],
  ['250m', 0.25],
  ['12345678n', 0.012345678],
  ['1500u', 0.0015],
  ['0.5', 0.5],
  ['.5', 0.5],
  ['5.', 5],
  ['128974848', 128974848],
  ['129M', 129e6],
  ['123Mi', 123 * 1024 * 1024],
  ['1.5Gi', 1.5 * 1024 ** 3],
  ['100k', 100_000],
  ['12e6', 12e6],
  ['1E3', 1000],
  ['2Ki', 2048],
  ['1E', 1e18],
])('%s is %d', (text, number) => {
  expect(parseQuantity(text)).toBeCloseTo(number, 9);
});

it.each(['', 'x', '1 Mi', '1mi', '1ki', '--1', '1e', 'Mi', undefined])(
  '%s is no quantity',
  text => {
    expect(parseQuantity(text)).toBeUndefined();
  },
);
