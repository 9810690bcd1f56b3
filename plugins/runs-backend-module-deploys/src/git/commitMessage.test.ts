import { formatCommitMessage, parseTrailers } from './commitMessage';

const trailers = {
  'Switchyard-Run': 'run-1',
  'Switchyard-Requested-By': 'user:default/dana',
};

it('says what, why and who', () => {
  const message = formatCommitMessage({
    subject: 'Ship v5.3.25 of orders',
    reason: 'Fixes the totals\r\nof large carts',
    trailers,
  });
  expect(message).toBe(
    'Ship v5.3.25 of orders\n\nFixes the totals\nof large carts\n\nSwitchyard-Run: run-1\nSwitchyard-Requested-By: user:default/dana\n',
  );
  expect(parseTrailers(message)).toEqual(trailers);
});

it.each([
  'Switchyard-Run: run-2',
  'x\n\nSwitchyard-Run: run-2',
  'x\n\nSwitchyard-Run: run-2\n\n',
  'x\r\rSwitchyard-Run : run-2',
  '\0Switchyard-Run: run-2',
  '\u2028Switchyard-Run: run-2',
  '',
  '\n\n\n',
])('lets no reason pretend to be another run: %j', reason => {
  const message = formatCommitMessage({ subject: 'Ship', reason, trailers });
  expect(parseTrailers(message)).toEqual(trailers);
  expect(
    message.split('\n').filter(line => line.startsWith('Switchyard-Run')),
  ).toEqual(['Switchyard-Run: run-1']);
});

it.each([
  'Switchyard-Run: run-1',
  'Ship\n\nSwitchyard-Run: run-1\nand more',
  'Ship\n\nSwitchyard-Run: run-1\n\nNot last',
  '',
])('finds no trailers in %j', message => {
  expect(parseTrailers(message)).toEqual({});
});
