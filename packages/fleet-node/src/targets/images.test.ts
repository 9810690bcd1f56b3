import { parseImageName } from './images';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

describe('parseImageName', () => {
  it.each([
    ['nginx', { repository: 'docker.io/library/nginx' }],
    ['docker.io/nginx:1', { repository: 'docker.io/library/nginx', tag: '1' }],
    ['team/app:1', { repository: 'docker.io/team/app', tag: '1' }],
    [
      '127.0.0.1:5001/storefront/orders:v5.3.24',
      { repository: '127.0.0.1:5001/storefront/orders', tag: 'v5.3.24' },
    ],
    ['localhost/app', { repository: 'localhost/app' }],
    [
      `Registry.Example.com/a/b@${DIGEST}`,
      { repository: 'registry.example.com/a/b', digest: DIGEST },
    ],
    [
      `registry.example.com/a:v1@${DIGEST}`,
      { repository: 'registry.example.com/a', tag: 'v1', digest: DIGEST },
    ],
  ])('takes %s apart', (image, expected) => {
    expect(parseImageName(image)).toEqual(expected);
  });

  it.each([
    '',
    'a b',
    'a:',
    'a@sha256:12',
    'a@b@c',
    '../a',
    'registry.example.com/../a',
    'registry.example.com/a%2Fb',
    'registry.example.com//a',
    'a:tag:tag',
    'a\nb',
    `${'a'.repeat(600)}`,
  ])('refuses %j', image => {
    expect(parseImageName(image)).toBeUndefined();
  });
});
