import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { addRegistryFaults } from '../faults/registryFaults';
import { FaultBoard } from '../faults/FaultBoard';
import { Listener } from '../http/listen';
import { VerbCounts } from '../http/VerbCounts';
import {
  digestOf,
  INCOMPLETE_RELEASE,
  MAIN_SERVICE_MEMBERS,
  worldImages,
} from './images';
import { createImagePull } from './pull';
import { startRegistryServer } from './registryServer';

const ACCESS = { username: 'portal', password: 'secret' };
const BASIC = {
  Authorization: `Basic ${Buffer.from('portal:secret').toString('base64')}`,
};
const catalog = worldImages();
const board = FaultBoard.create();
const faults = addRegistryFaults(board);
const unimplemented = VerbCounts.create();
let server: Listener;

beforeAll(async () => {
  server = await startRegistryServer({
    port: 0,
    catalog,
    ...ACCESS,
    faults,
    unimplemented,
  });
});
afterAll(() => server.close());
afterEach(() => board.clear());

const read = async (path: string, headers: Record<string, string> = BASIC) =>
  fetch(server.url + path, { headers });

describe('access', () => {
  it('challenges with a token address, whose token then opens the repository', async () => {
    const refused = await read('/v2/storefront/orders/tags/list', {});
    expect(refused.status).toBe(401);
    const challenge = refused.headers.get('www-authenticate')!;
    expect(challenge).toBe(
      `Bearer realm="${server.url}/token",service="registry",scope="repository:storefront/orders:pull"`,
    );
    expect((await read('/token?service=registry', {})).status).toBe(401);
    const { token } = (await (
      await read(
        '/token?service=registry&scope=repository:storefront/orders:pull',
      )
    ).json()) as { token: string };
    const listed = await read('/v2/storefront/orders/tags/list', {
      Authorization: `Bearer ${token}`,
    });
    expect(listed.status).toBe(200);
    expect(
      (await read('/v2/', { Authorization: 'Bearer rubbish' })).status,
    ).toBe(401);
  });
});

describe('tags', () => {
  it('has 30 versions of orders, the bad ones among them', async () => {
    const { name, tags } = (await (
      await read('/v2/storefront/orders/tags/list')
    ).json()) as { name: string; tags: string[] };
    expect(name).toBe('storefront/orders');
    expect(tags).toHaveLength(30);
    expect(tags).toEqual(
      expect.arrayContaining([
        'v5.3.10',
        'v5.3.24',
        'v5.3.25',
        'v5.4.0-bad-migration',
        'v5.4.0-crash',
        'v5.4.0-never-ready',
        'v5.4.0-slow-start',
      ]),
    );
  });

  it('come in pages, the next one in the Link header', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/v2/main_service/tags/list?n=50';
    while (path) {
      const response: Response = await read(path);
      seen.push(...((await response.json()) as { tags: string[] }).tags);
      path = /<([^>]+)>; rel="next"/.exec(
        response.headers.get('link') ?? '',
      )?.[1];
    }
    expect(seen).toHaveLength(30 * MAIN_SERVICE_MEMBERS.length - 1);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).not.toContain(
      `${INCOMPLETE_RELEASE.lacks}_${INCOMPLETE_RELEASE.version}`,
    );
    expect(seen).toContain(`api_${INCOMPLETE_RELEASE.version}`);
    expect((await read('/v2/main_service/tags/list?n=-1')).status).toBe(400);
  });
});

describe('manifests and blobs', () => {
  it('gives an index, its images and their labels, each with its true digest', async () => {
    const head = await fetch(
      `${server.url}/v2/storefront/orders/manifests/v5.3.24`,
      { method: 'HEAD', headers: BASIC },
    );
    const digest = head.headers.get('docker-content-digest')!;
    expect(head.headers.get('content-type')).toBe(
      'application/vnd.oci.image.index.v1+json',
    );
    const bytes = Buffer.from(
      await (
        await read(`/v2/storefront/orders/manifests/${digest}`)
      ).arrayBuffer(),
    );
    expect(digestOf(bytes)).toBe(digest);
    const index = JSON.parse(bytes.toString());
    expect(
      index.manifests.map(
        (entry: { platform: { architecture: string } }) =>
          entry.platform.architecture,
      ),
    ).toEqual(['amd64', 'arm64']);
    const manifest = await (
      await read(`/v2/storefront/orders/manifests/${index.manifests[0].digest}`)
    ).json();
    const blob = Buffer.from(
      await (
        await read(`/v2/storefront/orders/blobs/${manifest.config.digest}`)
      ).arrayBuffer(),
    );
    expect(digestOf(blob)).toBe(manifest.config.digest);
    const config = JSON.parse(blob.toString());
    expect(config.config.Labels['org.opencontainers.image.revision']).toMatch(
      /^[0-9a-f]{40}$/,
    );
    expect(config.config.Labels['org.opencontainers.image.authors']).toMatch(
      /^(dana|omar)$/,
    );
    expect(Date.parse(config.created)).not.toBeNaN();
  });

  it('gives a single image where it was built for one platform', async () => {
    const manifest = await (
      await read('/v2/main_service/manifests/api_v2.8.4')
    ).json();
    expect(manifest.mediaType).toBe(
      'application/vnd.oci.image.manifest.v1+json',
    );
  });

  it.each([
    ['/v2/storefront/orders/manifests/v9.9.9', 404, 'MANIFEST_UNKNOWN'],
    ['/v2/nobody/nothing/manifests/v1', 404, 'NAME_UNKNOWN'],
    ['/v2/nobody/nothing/tags/list', 404, 'NAME_UNKNOWN'],
    [
      `/v2/storefront/orders/blobs/sha256:${'0'.repeat(64)}`,
      404,
      'BLOB_UNKNOWN',
    ],
  ])('answers %s with %i %s', async (path, status, code) => {
    const response = await read(path);
    expect(response.status).toBe(status);
    expect((await response.json()).errors[0].code).toBe(code);
  });

  it('answers writing with 501 and counts it', async () => {
    const response = await fetch(
      `${server.url}/v2/storefront/orders/manifests/v1`,
      { method: 'PUT', headers: BASIC },
    );
    expect(response.status).toBe(501);
    expect(unimplemented.counts()).toEqual({
      'registry PUT /v2/storefront/orders/manifests/v1': 1,
    });
  });
});

describe('faults', () => {
  it('answers 429, slowly, or not at all', async () => {
    await board.request({ fault: 'registry-429' });
    expect((await read('/v2/')).status).toBe(429);
    board.clear();
    await board.request({ fault: 'registry-slow', value: '200' });
    const startedAt = performance.now();
    await read('/v2/');
    expect(performance.now() - startedAt).toBeGreaterThan(190);
    board.clear();
    await board.request({ fault: 'registry-down' });
    await expect(read('/v2/')).rejects.toThrow();
  });
});

describe('pulls of the kubelets', () => {
  const pull = createImagePull({ catalog, faults });

  it('finds by tag and by digest', () => {
    const answer = pull('127.0.0.1:5001/storefront/orders:v5.3.24');
    expect(answer).toMatchObject({
      found: true,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    expect(
      pull(`127.0.0.1:5001/storefront/orders@${answer.found && answer.digest}`),
    ).toEqual(answer);
  });

  it('has the image that legacy-web is pinned to', async () => {
    const manifest = await readFile(
      resolve(
        __dirname,
        '../../repositories/deploy-blue/apps/legacy-web/deployment.yaml',
      ),
      'utf8',
    );
    expect(pull(/image: (\S+)/.exec(manifest)![1])).toMatchObject({
      found: true,
    });
  });

  it.each([
    [
      '127.0.0.1:5001/storefront/orders:v9',
      'failed to resolve reference "127.0.0.1:5001/storefront/orders:v9": 127.0.0.1:5001/storefront/orders:v9: not found',
    ],
    [`127.0.0.1:5001/storefront/orders@sha256:${'0'.repeat(64)}`, 'not found'],
  ])('says in the words of containerd that %s is not there', (image, words) => {
    expect(pull(image)).toMatchObject({
      found: false,
      message: expect.stringContaining(words),
    });
  });

  it('fails while the registry is down or refuses', async () => {
    await board.request({ fault: 'registry-down' });
    expect(pull('127.0.0.1:5001/storefront/orders:v5.3.24')).toMatchObject({
      message: expect.stringContaining('connection refused'),
    });
    board.clear();
    await board.request({ fault: 'registry-429' });
    expect(pull('127.0.0.1:5001/storefront/orders:v5.3.24')).toMatchObject({
      message: expect.stringContaining('429 Too Many Requests'),
    });
  });
});
