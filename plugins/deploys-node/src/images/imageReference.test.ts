import {
  isImageTag,
  normalizeImageRepository,
  parseImageReference,
} from './imageReference';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('parseImageReference', () => {
  it.each([
    [
      '127.0.0.1:5001/storefront/orders:v5.3.24',
      {
        registry: '127.0.0.1:5001',
        repository: 'storefront/orders',
        tag: 'v5.3.24',
      },
    ],
    [
      '127.0.0.1:5001/storefront/orders',
      {
        registry: '127.0.0.1:5001',
        repository: 'storefront/orders',
        tag: undefined,
      },
    ],
    [
      `ghcr.io/a/b:1@${DIGEST}`,
      { registry: 'ghcr.io', repository: 'a/b', tag: '1', digest: DIGEST },
    ],
    [
      `ghcr.io/a/b@${DIGEST}`,
      {
        registry: 'ghcr.io',
        repository: 'a/b',
        tag: undefined,
        digest: DIGEST,
      },
    ],
    [
      'nginx',
      { registry: 'docker.io', repository: 'library/nginx', tag: undefined },
    ],
    [
      'bitnami/redis:7',
      { registry: 'docker.io', repository: 'bitnami/redis', tag: '7' },
    ],
    [
      'index.docker.io/nginx:1',
      { registry: 'docker.io', repository: 'library/nginx', tag: '1' },
    ],
    ['localhost/x', { registry: 'localhost', repository: 'x', tag: undefined }],
    [
      'REGISTRY.example.com/x',
      { registry: 'registry.example.com', repository: 'x', tag: undefined },
    ],
  ])('takes %s apart', (image, expected) => {
    expect(parseImageReference(image)).toMatchObject(expected);
  });

  it.each([
    '',
    ' ',
    'a/../b',
    '../b',
    'host:80/A',
    'a b',
    'x:',
    'x:a/b:',
    'x@sha256:abc',
    'x@y@z',
    'x:-tag',
    'x\n',
    'ho st.example/x',
    'https://ghcr.io/a/b',
    'ghcr.io//b',
    '{{ .Values.image }}',
    'user@host.example/x',
  ])('refuses %j', image => {
    expect(parseImageReference(image)).toBeUndefined();
  });
});

describe('normalizeImageRepository', () => {
  it('is the same for every way to write a repository', () => {
    expect(
      new Set(
        [
          'nginx',
          'nginx:1',
          'library/nginx',
          'docker.io/nginx',
          `docker.io/library/nginx:2@${DIGEST}`,
        ].map(normalizeImageRepository),
      ),
    ).toEqual(new Set(['docker.io/library/nginx']));
  });
});

it('knows a tag from what is none', () => {
  expect(['v1', 'latest', '_x', 'v1.2-a_b'].every(isImageTag)).toBe(true);
  expect(
    ['', '.x', '-x', 'a/b', 'a:b', 'a b', 'v1\n', 'x'.repeat(129)].some(
      isImageTag,
    ),
  ).toBe(false);
});
