import { ConfigReader } from '@backstage/config';
import { findRegistryAccess, readRegistries, registryBaseUrl } from './config';

function read(registries: unknown) {
  return readRegistries(
    new ConfigReader({ switchyard: { deploys: { registries } } } as any),
  );
}

describe('readRegistries', () => {
  it('needs no entry at all', () => {
    expect(readRegistries(new ConfigReader({}))).toEqual([]);
  });

  it('reads what is given', () => {
    expect(
      read([
        {
          host: 'Registry.example.com:5000',
          insecure: true,
          username: 'u',
          password: 'p',
          tokenHosts: ['auth.example.com'],
        },
      ]),
    ).toEqual([
      {
        host: 'registry.example.com:5000',
        insecure: true,
        username: 'u',
        password: 'p',
        tokenHosts: ['auth.example.com'],
      },
    ]);
  });

  it.each([
    [{ host: 'https://registry.example.com' }, 'is no host'],
    [{ host: 'registry.example.com/path' }, 'is no host'],
    [
      { host: 'registry.example.com', username: 'u' },
      'both username and password',
    ],
    [{}, 'host'],
  ])('refuses %j', (entry, message) => {
    expect(() => read([entry])).toThrow(message);
  });
});

it('knows public registries, and takes a configured one first', () => {
  expect(findRegistryAccess([], 'ghcr.io')).toMatchObject({
    host: 'ghcr.io',
    insecure: false,
  });
  expect(
    findRegistryAccess(
      read([{ host: 'ghcr.io', username: 'u', password: 'p' }]),
      'ghcr.io',
    ),
  ).toMatchObject({ username: 'u' });
  for (const host of [
    'example.com',
    'ghcr.io.example.com',
    'evilghcr.io',
    'localhost:5000',
  ])
    expect(findRegistryAccess([], host)).toBeUndefined();
  expect(
    registryBaseUrl({ host: 'docker.io', insecure: false, tokenHosts: [] }),
  ).toBe('https://registry-1.docker.io');
  expect(
    registryBaseUrl({ host: '127.0.0.1:1', insecure: true, tokenHosts: [] }),
  ).toBe('http://127.0.0.1:1');
});
