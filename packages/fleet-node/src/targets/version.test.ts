import { component } from './tests/entities';
import { tagPrefixOf, versionOf } from './version';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

function container(
  name: string,
  image: string,
  kind: 'container' | 'init' | 'sidecar' | 'ephemeral' = 'container',
) {
  return { name, image, kind };
}

describe('versionOf', () => {
  it.each([
    [
      'the image that the annotation names, whatever stands beside it',
      { 'switchyard/image': 'registry.example.com/orders' },
      [
        container('migrate', 'registry.example.com/orders:v0', 'init'),
        container('helper', 'registry.example.com/helper:9'),
        container('app', 'registry.example.com/orders:v1'),
      ],
      'v1',
    ],
    [
      'the only container that is no sidecar',
      {},
      [
        container('istio-proxy', 'istio/proxyv2:1.20'),
        container('agent', 'agent:3', 'sidecar'),
        container('setup', 'setup:2', 'init'),
        container('debug', 'busybox:1', 'ephemeral'),
        container('app', 'orders:v1'),
      ],
      'v1',
    ],
    [
      'a shortened digest',
      {},
      [container('app', `orders@${DIGEST}`)],
      'sha256:0a0a0a0a0a0a',
    ],
    [
      'a tag before a digest',
      {},
      [container('app', `orders:v1@${DIGEST}`)],
      'v1',
    ],
    [
      'latest where nothing is written',
      {},
      [container('app', 'orders')],
      'latest',
    ],
    [
      'the same version of two templates',
      {},
      [container('app', 'orders:v1'), container('app', 'orders:v1')],
      'v1',
    ],
    [
      'the tag without the prefix of a shared repository',
      { 'switchyard/image': 'registry.example.com/main_service' },
      [container('app', 'registry.example.com/main_service:orders_v2.8.3')],
      'v2.8.3',
    ],
    [
      'nothing where there are two candidates',
      {},
      [container('a', 'a:v1'), container('b', 'b:v1')],
      undefined,
    ],
    [
      'nothing where templates differ',
      {},
      [container('app', 'orders:v1'), container('app', 'orders:v2')],
      undefined,
    ],
    [
      'nothing where the annotation names an image that is not there',
      { 'switchyard/image': 'registry.example.com/other' },
      [container('app', 'registry.example.com/orders:v1')],
      undefined,
    ],
    ['nothing where nothing runs', {}, [], undefined],
  ])('is %s', (_, annotations, containers, expected) => {
    const answer = versionOf(component('orders', annotations), containers);
    expect(answer.version).toBe(expected);
  });

  it('lists all candidates with tag and digest', () => {
    expect(
      versionOf(component('orders'), [
        container('a', 'a:v1'),
        container('b', `b@${DIGEST}`),
      ]).images,
    ).toEqual([
      { container: 'a', image: 'a:v1', tag: 'v1' },
      { container: 'b', image: `b@${DIGEST}`, digest: DIGEST },
    ]);
  });
});

describe('tagPrefixOf', () => {
  it.each([
    ['api_v2.8.3', 'api_'],
    ['main_service-api_2.8.3', 'main_service-api_'],
    ['api-v1', 'api-'],
    ['v2.8.3', ''],
    ['rapi_v1', ''],
    ['api_latest', ''],
    ['api', ''],
  ])('of %s is %j', (tag, expected) => {
    expect(tagPrefixOf(component('api'), tag)).toBe(expected);
  });

  it('is what the annotation says', () => {
    const entity = component('api', { 'switchyard/tag-prefix': 'svc-a.' });
    expect(tagPrefixOf(entity, 'svc-a.v1')).toBe('svc-a.');
    expect(tagPrefixOf(entity, 'api_v1')).toBe('');
  });
});
