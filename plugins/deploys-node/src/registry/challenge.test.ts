import { parseChallenge } from './challenge';

it.each([null, '', 'Negotiate', 'Bearer service="s"'])(
  'finds nothing to answer in %j',
  header => {
    expect(parseChallenge(header)).toBeUndefined();
  },
);

it.each([
  ['Basic realm="x"', { scheme: 'basic', realm: 'x' }],
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"',
    {
      scheme: 'bearer',
      realm: 'https://auth.docker.io/token',
      service: 'registry.docker.io',
      scope: 'repository:a/b:pull',
    },
  ],
  [
    'Basic realm="x", Bearer realm="https://a/t", service=s',
    { scheme: 'bearer', realm: 'https://a/t', service: 's' },
  ],
  [
    'Bearer realm="https://a/t?x=\\"y\\"", Basic realm="z"',
    { scheme: 'bearer', realm: 'https://a/t?x="y"' },
  ],
  // A bearer challenge without a realm cannot be answered.
  ['Bearer service="s", Basic realm="z"', { scheme: 'basic', realm: 'z' }],
])('reads %s', (header, expected) => {
  expect(parseChallenge(header)).toMatchObject(expected);
});
