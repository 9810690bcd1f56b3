import { FakeRegistry, startFakeRegistry } from '../tests/startFakeRegistry';
import { HttpRegistryClient } from './HttpRegistryClient';

const { signal } = new AbortController();
const started: FakeRegistry[] = [];

async function start(
  options: Parameters<typeof startFakeRegistry>[0] = {},
  credentials: { username?: string; password?: string } = {},
) {
  const registry = await startFakeRegistry(options);
  started.push(registry);
  const client = HttpRegistryClient.create({
    registries: [
      { host: registry.host, insecure: true, tokenHosts: [], ...credentials },
    ],
    timeoutMs: 500,
  });
  return { registry, client, orders: `${registry.host}/storefront/orders` };
}

const PORTAL = { username: 'portal', password: 'secret' };

afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(started.splice(0).map(registry => registry.close()));
});

describe('HttpRegistryClient', () => {
  it('reads all pages of tags, without signatures', async () => {
    const { registry, client, orders } = await start({ pageSize: 3 });
    const tags = Array.from({ length: 10 }, (_, index) => `v1.0.${index}`);
    for (const tag of tags) registry.push('storefront/orders', tag);
    registry.push('storefront/orders', `sha256-${'0'.repeat(64)}.sig`);
    await expect(client.listTags(orders, { signal })).resolves.toEqual(tags);
    expect(registry.requests).toHaveLength(4);
  });

  it('asks once for many callers, keeps the answer for a while, then asks whether it changed', async () => {
    const { registry, client, orders } = await start({ etags: true });
    registry.push('storefront/orders', 'v1');
    await Promise.all([1, 2, 3].map(() => client.listTags(orders, { signal })));
    await client.listTags(orders, { signal });
    expect(registry.requests).toHaveLength(1);
    jest.useFakeTimers({
      doNotFake: [
        'setTimeout',
        'setInterval',
        'setImmediate',
        'nextTick',
        'queueMicrotask',
      ],
      now: Date.now() + 60_000,
    });
    await expect(client.listTags(orders, { signal })).resolves.toEqual(['v1']);
    expect(registry.requests).toHaveLength(2);
    registry.push('storefront/orders', 'v2');
    jest.setSystemTime(Date.now() + 60_000);
    await expect(client.listTags(orders, { signal })).resolves.toEqual([
      'v1',
      'v2',
    ]);
  });

  it.each(['basic', 'bearer'] as const)('gets in by %s', async access => {
    const { registry, client, orders } = await start({ access }, PORTAL);
    const digest = registry.push('storefront/orders', 'v1');
    await expect(client.findDigest(orders, 'v1', { signal })).resolves.toBe(
      digest,
    );
    await expect(client.findDigest(orders, digest, { signal })).resolves.toBe(
      digest,
    );
    await expect(
      client.findDigest(orders, `sha256:${'0'.repeat(64)}`, { signal }),
    ).resolves.toBeUndefined();
    await client.listTags(orders, { signal });
    // The challenge is answered once.
    expect(
      registry.authorizations.filter(header => header === undefined),
    ).toHaveLength(1);
  });

  it('gets a new token when one is no longer good', async () => {
    const { registry, client, orders } = await start(
      { access: 'bearer' },
      PORTAL,
    );
    registry.push('storefront/orders', 'v1');
    await client.listTags(orders, { signal });
    let refused = false;
    registry.intercept = (request, response) => {
      if (refused || request.url!.startsWith('/token')) return false;
      refused = true;
      response
        .writeHead(401, {
          'WWW-Authenticate': `Bearer realm="http://${registry.host}/token",service="fake"`,
        })
        .end();
      return true;
    };
    await expect(client.findDigest(orders, 'v1', { signal })).resolves.toMatch(
      /^sha256:/,
    );
  });

  it.each([
    ['no credentials', {}, 'none are configured'],
    [
      'wrong ones',
      { username: 'portal', password: 'wrong' },
      'refused the configured credentials',
    ],
  ])('says so with %s', async (_, credentials, message) => {
    for (const access of ['basic', 'bearer'] as const) {
      const { client, orders } = await start({ access }, credentials);
      await expect(client.listTags(orders, { signal })).rejects.toMatchObject({
        name: 'RegistryError',
        code: 'unauthorized',
        message: expect.stringContaining(message),
      });
    }
  });

  it('never sends the password to a token service of somebody else', async () => {
    const other = await startFakeRegistry();
    started.push(other);
    const { registry, client, orders } = await start(
      { access: 'bearer' },
      PORTAL,
    );
    registry.intercept = (_request, response) => {
      response
        .writeHead(401, {
          'WWW-Authenticate': `Bearer realm="http://${other.host}/token",service="fake"`,
        })
        .end();
      return true;
    };
    await expect(client.listTags(orders, { signal })).rejects.toMatchObject({
      code: 'invalid-answer',
      message: expect.stringContaining('tokenHosts'),
    });
    expect(other.requests).toEqual([]);
  });

  it('follows no list of tags to another place', async () => {
    const { registry, client, orders } = await start();
    registry.intercept = (_request, response) => {
      response
        .writeHead(200, { Link: '</v2/platform/secret/tags/list>; rel="next"' })
        .end('{"tags":["a"]}');
      return true;
    };
    await expect(client.listTags(orders, { signal })).rejects.toMatchObject({
      code: 'invalid-answer',
    });
    expect(registry.requests).toHaveLength(1);
  });

  it('follows no redirect to another address of this network', async () => {
    const { registry, client, orders } = await start();
    registry.intercept = (_request, response) => {
      response
        .writeHead(307, { Location: 'http://169.254.169.254/latest/meta-data' })
        .end();
      return true;
    };
    await expect(client.listTags(orders, { signal })).rejects.toMatchObject({
      code: 'invalid-answer',
    });
  });

  it.each([
    'evil.example.com/a/b',
    '10.0.0.1/a/b',
    'localhost:9999/a',
    '169.254.169.254/latest',
  ])('asks no host that is not configured: %s', async repository => {
    const { client } = await start();
    await expect(client.listTags(repository, { signal })).rejects.toMatchObject(
      { code: 'not-allowed-host' },
    );
  });

  it.each([
    'x/../../token',
    'storefront/orders:v1',
    'storefront/orders?x=1',
    'storefront/ORDERS',
    '',
  ])('takes %j for no repository', async path => {
    const { registry, client } = await start();
    await expect(
      client.listTags(`${registry.host}/${path}`, { signal }),
    ).rejects.toMatchObject({ code: 'not-found' });
    expect(registry.requests).toEqual([]);
  });

  it('finds no image for a tag that is missing, or is none', async () => {
    const { registry, client, orders } = await start();
    registry.push('storefront/orders', 'v1');
    await expect(
      client.findImage(orders, 'v2', { signal }),
    ).resolves.toBeUndefined();
    await expect(
      client.findDigest(orders, '..', { signal }),
    ).resolves.toBeUndefined();
    await expect(
      client.findDigest(orders, '../../../token', { signal }),
    ).resolves.toBeUndefined();
    expect(registry.requests).toEqual([
      'HEAD /v2/storefront/orders/manifests/v2',
    ]);
  });

  it('makes the digest itself where the registry names none', async () => {
    const { registry, client, orders } = await start();
    const digest = registry.push('storefront/orders', 'v1');
    registry.intercept = (request, response) => {
      if (request.method !== 'HEAD') return false;
      response.writeHead(200).end();
      return true;
    };
    await expect(client.findDigest(orders, 'v1', { signal })).resolves.toBe(
      digest,
    );
  });

  it('reads labels of images and of indexes, and asks for them once', async () => {
    const { registry, client, orders } = await start();
    const labels = {
      'org.opencontainers.image.revision': 'abc123',
      'org.opencontainers.image.created': '2026-11-01T10:00:00Z',
      'org.opencontainers.image.authors': 'dana',
    };
    const digest = registry.push('storefront/orders', 'v1', {
      labels,
      index: true,
    });
    registry.push('storefront/orders', 'v0', {
      labels: {},
      created: '1970-01-01T00:00:00Z',
      author: 'omar',
    });
    const expected = {
      digest,
      revision: 'abc123',
      createdAt: '2026-11-01T10:00:00.000Z',
      author: 'dana',
    };
    await expect(client.findImage(orders, 'v1', { signal })).resolves.toEqual(
      expected,
    );
    const asked = registry.requests.length;
    await expect(client.findImage(orders, 'v1', { signal })).resolves.toEqual(
      expected,
    );
    expect(registry.requests).toHaveLength(asked);
    // A reproducible build's time is none.
    await expect(
      client.findImage(orders, 'v0', { signal }),
    ).resolves.toMatchObject({ createdAt: undefined, author: 'omar' });
  });

  it('waits as the registry asks, and gives up where that is too long', async () => {
    const { registry, client, orders } = await start();
    registry.push('storefront/orders', 'v1');
    let limitedTimes = 0;
    registry.intercept = (_request, response) => {
      if (limitedTimes >= 1) return false;
      limitedTimes += 1;
      response.writeHead(429, { 'Retry-After': '1' }).end();
      return true;
    };
    const before = Date.now();
    await expect(client.listTags(orders, { signal })).resolves.toEqual(['v1']);
    expect(Date.now() - before).toBeGreaterThanOrEqual(950);
    registry.intercept = (_request, response) => {
      response.writeHead(429, { 'Retry-After': '600' }).end();
      return true;
    };
    const failure = {
      code: 'rate-limited',
      message: expect.stringContaining('600 s'),
    };
    await expect(
      client.findDigest(orders, 'v1', { signal }),
    ).rejects.toMatchObject(failure);
    const asked = registry.requests.length;
    await expect(
      client.findDigest(orders, 'v2', { signal }),
    ).rejects.toMatchObject({ code: 'rate-limited' });
    // The second was not even sent.
    expect(registry.requests).toHaveLength(asked);
  });

  it('says that the registry hangs, is gone, or talks nonsense', async () => {
    const { registry, client, orders } = await start();
    registry.intercept = () => true;
    await expect(client.listTags(orders, { signal })).rejects.toMatchObject({
      code: 'timeout',
    });
    registry.intercept = (_request, response) => {
      response.end('<html>');
      return true;
    };
    await expect(client.listTags(orders, { signal })).rejects.toMatchObject({
      code: 'invalid-answer',
    });
    registry.intercept = (_request, response) => {
      response.end(`{"tags":["${'x'.repeat(5_000_000)}"]}`);
      return true;
    };
    await expect(client.listTags(orders, { signal })).rejects.toMatchObject({
      code: 'invalid-answer',
    });
    await registry.close();
    await expect(client.listTags(orders, { signal })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.not.stringContaining('127.0.0.1'),
    });
  });

  it('stops when the caller leaves, and still answers the others', async () => {
    const { registry, client, orders } = await start();
    registry.push('storefront/orders', 'v1');
    registry.intercept = (_request, response) => {
      setTimeout(() => response.end('{"tags":["v1"]}'), 100);
      return true;
    };
    const leaving = new AbortController();
    const [left, stayed] = [
      client.listTags(orders, { signal: leaving.signal }),
      client.listTags(orders, { signal }),
    ];
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    await expect(stayed).resolves.toEqual(['v1']);
  });
});

describe('listVersions', () => {
  it('orders versions, names what some repository lacks, and looks up who built them', async () => {
    const { registry, client } = await start();
    const labels = (day: number, author: string) => ({
      'org.opencontainers.image.created': `2026-11-0${day}T00:00:00Z`,
      'org.opencontainers.image.revision': `${author}-commit`,
      'org.opencontainers.image.authors': author,
    });
    for (const [tag, day] of [
      ['v5.3.9', 1],
      ['v5.3.10', 2],
      ['latest', 3],
    ] as const)
      registry.push('blue/orders', tag, { labels: labels(day, 'dana') });
    registry.push('green/orders', 'v5.3.9', { labels: labels(1, 'dana') });
    const repositories = ['blue/orders', 'green/orders', 'absent/orders'].map(
      name => `${registry.host}/${name}`,
    );
    const versions = await client.listVersions({ repositories, signal });
    expect(versions.items.map(item => [item.version, item.missingIn])).toEqual([
      ['v5.3.10', [repositories[1]]],
      ['v5.3.9', []],
      ['latest', [repositories[1]]],
    ]);
    expect(versions.items[0]).toMatchObject({
      tag: 'v5.3.10',
      createdAt: '2026-11-02T00:00:00.000Z',
      commit: 'dana-commit',
      builtBy: 'dana',
      digest: expect.stringMatching(/^sha256:/),
    });
    expect(versions.repositories).toEqual([
      { repository: repositories[0], state: 'read' },
      { repository: repositories[1], state: 'read' },
      {
        repository: repositories[2],
        state: 'not-readable',
        why: 'The image registry has no such repository',
      },
    ]);
  });

  it('takes the prefix of a shared repository away, and leaves other services out', async () => {
    const { registry, client } = await start();
    for (const tag of ['api_v2.8.1', 'api_v2.8.2', 'match_v2.8.1', 'api_'])
      registry.push('main_service', tag);
    const versions = await client.listVersions({
      repositories: [`${registry.host}/main_service`],
      tagPrefix: 'api_',
      signal,
    });
    expect(
      versions.items.map(({ version, tag }) => ({ version, tag })),
    ).toEqual([
      { version: 'v2.8.2', tag: 'api_v2.8.2' },
      { version: 'v2.8.1', tag: 'api_v2.8.1' },
    ]);
  });

  it('orders images of one version by their times, and looks up only the newest', async () => {
    const { registry, client, orders } = await start();
    const labels = (day: number) => ({
      'org.opencontainers.image.created': `2026-11-0${day}T00:00:00Z`,
    });
    registry.push('storefront/orders', 'v1.0.1-0aaaaaa', { labels: labels(1) });
    registry.push('storefront/orders', 'v1.0.1-0bbbbbb', { labels: labels(3) });
    registry.push('storefront/orders', 'v1.0.1-0cccccc', { labels: labels(2) });
    for (let patch = 0; patch < 40; patch++)
      registry.push('storefront/orders', `v0.0.${patch}`);
    const { items } = await client.listVersions({
      repositories: [orders],
      signal,
    });
    expect(items.slice(0, 3).map(item => item.version)).toEqual([
      'v1.0.1-0bbbbbb',
      'v1.0.1-0cccccc',
      'v1.0.1-0aaaaaa',
    ]);
    expect(items).toHaveLength(43);
    expect(items.filter(item => item.digest)).toHaveLength(30);
  });

  it('shows versions although an image is broken', async () => {
    const { registry, client, orders } = await start();
    registry.push('storefront/orders', 'v1');
    registry.intercept = (request, response) => {
      if (!request.url!.includes('/manifests/')) return false;
      response.writeHead(500).end();
      return true;
    };
    const { items } = await client.listVersions({
      repositories: [orders],
      signal,
    });
    expect(items).toEqual([{ version: 'v1', tag: 'v1', missingIn: [] }]);
  });
});
