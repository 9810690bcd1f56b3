import { ManagedResource } from '@switchyard/fleet-node';
import { buildDiff } from './diff';
import { maskManifests } from './maskManifest';

type JsonObject = NonNullable<ManagedResource['live']>;

const resource = (
  name: string,
  manifests: { live?: JsonObject; desired?: JsonObject },
  more: Partial<ManagedResource> = {},
): ManagedResource => ({
  group: '',
  kind: 'ConfigMap',
  namespace: 'ns',
  name,
  hook: false,
  ...manifests,
  ...more,
});

it('shows what a sync would change, create and delete, and counts the rest', () => {
  const same = { kind: 'ConfigMap', data: { a: '1' } };
  const diff = buildDiff([
    resource('same', { live: same, desired: { ...same } }),
    resource('changed', { live: same, desired: { ...same, data: { a: '2' } } }),
    resource('new', { desired: same }),
    resource('gone', { live: same }),
    resource('hook', { desired: same }, { hook: true }),
  ]);
  expect(diff).toMatchObject({ unchanged: 1, more: 0 });
  expect(diff.resources.map(({ name, change }) => [name, change])).toEqual([
    ['changed', 'changed'],
    ['new', 'created'],
    ['gone', 'deleted'],
  ]);
  expect(diff.resources[0]).toMatchObject({
    live: 'data:\n  a: "1"\nkind: ConfigMap\n',
    desired: 'data:\n  a: "2"\nkind: ConfigMap\n',
  });
});

it('leaves out what is too large, and what is too much', () => {
  const large = { kind: 'ConfigMap', data: { a: 'x'.repeat(250_000) } };
  expect(buildDiff([resource('large', { live: large })]).resources[0]).toEqual(
    expect.objectContaining({ tooLarge: true, live: '', desired: '' }),
  );
  const many = Array.from({ length: 130 }, (_, index) =>
    resource(`r${index}`, { live: { kind: 'ConfigMap' } }),
  );
  expect(buildDiff(many)).toMatchObject({ more: 30 });
});

describe('what is hidden', () => {
  const CANARY = 'canary-4711';
  const OTHER = 'canary-4712';

  it.each<[string, (value: string) => JsonObject]>([
    ['data of a Secret', value => ({ kind: 'Secret', data: { x: value } })],
    [
      'stringData of a Secret',
      value => ({ kind: 'Secret', stringData: { deep: { x: [value] } } }),
    ],
    [
      'what kubectl applied last',
      value => ({
        kind: 'Service',
        metadata: {
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration': value,
          },
        },
      }),
    ],
    [
      'managed fields',
      value => ({
        kind: 'Service',
        metadata: { managedFields: [{ x: value }] },
      }),
    ],
    [
      'a variable whose name tells',
      value => ({
        kind: 'Deployment',
        spec: {
          containers: [{ name: 'c', env: [{ name: 'DB_PASSWORD', value }] }],
        },
      }),
    ],
    [
      'an entry of a ConfigMap whose name tells',
      value => ({ kind: 'ConfigMap', data: { API_TOKEN: value } }),
    ],
    [
      'an address with an account',
      value => ({
        kind: 'ConfigMap',
        data: { URL: `postgres://orders:${value}@db/orders` },
      }),
    ],
  ])('%s', (_, manifest) => {
    const masked = maskManifests({
      live: manifest(CANARY),
      desired: manifest(OTHER),
    });
    expect(JSON.stringify(masked)).not.toMatch(/canary/);
    // That it differs is to be seen where it is part of what is compared.
    expect(masked.masked > 0).toBe(
      JSON.stringify(masked.live) !== JSON.stringify(masked.desired),
    );
    expect(
      JSON.stringify(maskManifests({ live: manifest(CANARY) })),
    ).not.toMatch(/canary/);
  });

  it('is the same on both sides where the value is', () => {
    const { live, desired, masked } = maskManifests({
      live: { kind: 'Secret', data: { x: CANARY } },
      desired: { kind: 'Secret', data: { x: CANARY } },
    });
    expect(live).toEqual(desired);
    expect(masked).toBe(1);
  });

  it('is not what only names a secret', () => {
    const manifest = {
      kind: 'Deployment',
      metadata: { name: 'orders', annotations: { team: 'a' } },
      spec: {
        automountServiceAccountToken: false,
        volumes: [{ name: 'v', secret: { secretName: 'orders-tls' } }],
        env: [
          {
            name: 'DB_PASSWORD',
            valueFrom: { secretKeyRef: { name: 'db', key: 'password' } },
          },
        ],
      },
    };
    expect(maskManifests({ live: manifest })).toEqual({
      live: manifest,
      masked: 0,
    });
  });
});
