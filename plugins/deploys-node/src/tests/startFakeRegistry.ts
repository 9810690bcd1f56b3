import { createHash } from 'node:crypto';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';

export interface FakeRegistry {
  /** `127.0.0.1:…` */
  host: string;
  /** `METHOD path?query` of all requests, in order. */
  requests: string[];
  /** Authorization header by request, in the same order. */
  authorizations: Array<string | undefined>;
  /** Puts an image up and answers its digest. */
  push(
    repository: string,
    tag: string,
    options?: {
      labels?: Record<string, string>;
      created?: string;
      author?: string;
      index?: boolean;
    },
  ): string;
  /** Answers the next requests that it returns true for. */
  intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
  close(): Promise<void>;
}

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** A registry on loopback, with pages of `pageSize` tags, behind what `access` asks for. */
export async function startFakeRegistry(
  options: {
    access?: 'open' | 'basic' | 'bearer';
    pageSize?: number;
    etags?: boolean;
  } = {},
): Promise<FakeRegistry> {
  const { access = 'open', pageSize = 1000 } = options;
  const tags = new Map<string, Map<string, string>>();
  const contents = new Map<string, { type: string; bytes: Buffer }>();
  const requests: string[] = [];
  const authorizations: Array<string | undefined> = [];
  let issued = 0;
  let host = '';

  function store(type: string, value: unknown): string {
    const bytes = Buffer.from(JSON.stringify(value));
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    contents.set(digest, { type, bytes });
    return digest;
  }

  function allowed(request: IncomingMessage, url: URL): boolean {
    const given = request.headers.authorization;
    if (access === 'basic')
      return (
        given === `Basic ${Buffer.from('portal:secret').toString('base64')}`
      );
    if (access === 'bearer')
      return (
        given?.startsWith('Bearer token-') === true &&
        given.endsWith(`-${scopeOf(url)}`)
      );
    return true;
  }

  function refuse(response: ServerResponse, url: URL) {
    const challenge =
      access === 'basic'
        ? 'Basic realm="fake"'
        : `Bearer realm="http://${host}/token",service="fake",scope="${scopeOf(
            url,
          )}"`;
    response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
  }

  function answer(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ) {
    const [, repository, kind, name] =
      /^\/v2\/(.+)\/(tags|manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (kind === 'tags') {
      answerTags(request, response, url, repository);
      return;
    }
    const digest =
      kind === 'manifests' && !name?.startsWith('sha256')
        ? tags.get(repository)?.get(name)
        : decodeURIComponent(name ?? '');
    const content = contents.get(digest ?? '');
    if (!content) {
      response.writeHead(404).end('{"errors":[]}');
      return;
    }
    response.writeHead(200, {
      'Content-Type': content.type,
      'Docker-Content-Digest': digest!,
    });
    response.end(request.method === 'HEAD' ? undefined : content.bytes);
  }

  function answerTags(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    repository: string,
  ) {
    const all = [...(tags.get(repository)?.keys() ?? [])];
    if (!tags.has(repository)) {
      response.writeHead(404).end('{"errors":[]}');
      return;
    }
    const etag = `"${all.length}"`;
    if (options.etags && request.headers['if-none-match'] === etag) {
      response.writeHead(304).end();
      return;
    }
    const from = all.indexOf(url.searchParams.get('last') ?? '') + 1;
    const page = all.slice(from, from + pageSize);
    const more = from + pageSize < all.length;
    const headers: Record<string, string> = options.etags ? { ETag: etag } : {};
    if (more)
      headers.Link = `</v2/${repository}/tags/list?n=${pageSize}&last=${page.at(
        -1,
      )}>; rel="next"`;
    response
      .writeHead(200, headers)
      .end(JSON.stringify({ name: repository, tags: page }));
  }

  const registry: FakeRegistry = {
    get host() {
      return host;
    },
    requests,
    authorizations,
    push(repository, tag, image = {}) {
      const config = store('application/vnd.oci.image.config.v1+json', {
        created: image.created,
        author: image.author,
        config: { Labels: image.labels ?? { tag } },
      });
      let digest = store(MANIFEST, {
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: { digest: config },
        layers: [],
      });
      if (image.index) {
        const attestation = store(MANIFEST, {
          schemaVersion: 2,
          config: { digest: store('x', {}) },
          layers: [],
        });
        digest = store(INDEX, {
          schemaVersion: 2,
          mediaType: INDEX,
          manifests: [
            {
              digest: attestation,
              platform: { os: 'unknown', architecture: 'unknown' },
            },
            { digest, platform: { os: 'linux', architecture: 'arm64' } },
          ],
        });
      }
      tags.set(
        repository,
        (tags.get(repository) ?? new Map()).set(tag, digest),
      );
      return digest;
    },
    close: async () => undefined,
  };

  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    authorizations.push(request.headers.authorization);
    if (registry.intercept?.(request, response)) return;
    const url = new URL(request.url!, `http://${host}`);
    if (url.pathname === '/token') {
      if (
        request.headers.authorization !==
        `Basic ${Buffer.from('portal:secret').toString('base64')}`
      ) {
        response.writeHead(401).end();
        return;
      }
      issued += 1;
      response.end(
        JSON.stringify({
          token: `token-${issued}-${url.searchParams.get('scope')}`,
          expires_in: 300,
        }),
      );
      return;
    }
    if (allowed(request, url)) answer(request, response, url);
    else refuse(response, url);
  });

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  registry.close = () =>
    new Promise(resolve => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return registry;
}

function scopeOf(url: URL): string {
  return `repository:${
    /^\/v2\/(.+)\/(?:tags|manifests|blobs)\//.exec(url.pathname)?.[1]
  }:pull`;
}
