import { randomBytes } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  answerJson,
  basicCredentials,
  listen,
  Listener,
  urlOf,
} from '../http/listen';
import { VerbCounts } from '../http/VerbCounts';
import { ImageCatalog, RegistryContent } from './images';

export interface RegistryFaults {
  isDown(): boolean;
  tooManyRequests(): boolean;
  /** Real milliseconds before anything is answered. */
  delayMs(): number;
}

export interface RegistryServerOptions {
  port: number;
  catalog: ImageCatalog;
  username: string;
  password: string;
  faults: RegistryFaults;
  unimplemented: VerbCounts;
}

const TOKEN_LIFE_S = 300;
/** What a registry answers at most when no `n` is given. */
const DEFAULT_PAGE = 100;

/**
 * The reading half of the OCI distribution API. Access by a bearer token from `/token` as the challenge says (for which user and password are needed), or
 * by user and password directly, as ECR does.
 */
export async function startRegistryServer(
  options: RegistryServerOptions,
): Promise<Listener> {
  const tokens = new Map<string, number>();
  return listen({
    port: options.port,
    part: 'the registry',
    isDown: () => options.faults.isDown(),
    handler: async (request, response) => {
      await sleep(options.faults.delayMs());
      if (options.faults.tooManyRequests()) {
        answerError(response, 429, 'TOOMANYREQUESTS', 'Rate exceeded', {
          'Retry-After': '1',
        });
        return;
      }
      const { path, segments, query } = urlOf(request);
      if (path === '/token' && request.method === 'GET') {
        issueToken(request, response, query, options, tokens);
        return;
      }
      if (
        segments[0] !== 'v2' ||
        (request.method !== 'GET' && request.method !== 'HEAD')
      ) {
        refuseVerb(response, `registry ${request.method} ${path}`, options);
        return;
      }
      const rest = segments.slice(1);
      if (!isAuthorized(request, options, tokens)) {
        challenge(request, response, rest);
        return;
      }
      answer({ request, response, rest, query, options });
    },
  });
}

function refuseVerb(
  response: ServerResponse,
  verb: string,
  options: RegistryServerOptions,
): void {
  options.unimplemented.count(verb);
  answerError(
    response,
    501,
    'UNSUPPORTED',
    `Not implemented in the sandbox: ${verb}`,
  );
}

function issueToken(
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  options: RegistryServerOptions,
  tokens: Map<string, number>,
): void {
  const given = basicCredentials(request);
  if (
    !given ||
    given.username !== options.username ||
    given.password !== options.password
  ) {
    answerError(response, 401, 'UNAUTHORIZED', 'authentication required', {
      'WWW-Authenticate': 'Basic realm="Registry"',
    });
    return;
  }
  if (query.get('service') !== 'registry') {
    answerError(response, 400, 'DENIED', 'unknown service');
    return;
  }
  const token = randomBytes(24).toString('base64url');
  tokens.set(token, Date.now() + TOKEN_LIFE_S * 1000);
  answerJson(response, 200, {
    token,
    access_token: token,
    expires_in: TOKEN_LIFE_S,
    issued_at: new Date().toISOString(),
  });
}

function isAuthorized(
  request: IncomingMessage,
  options: RegistryServerOptions,
  tokens: Map<string, number>,
): boolean {
  const basic = basicCredentials(request);
  if (basic) {
    return (
      basic.username === options.username && basic.password === options.password
    );
  }
  const bearer = /^Bearer\s+(\S+)$/i.exec(
    request.headers.authorization ?? '',
  )?.[1];
  const until = bearer && tokens.get(bearer);
  return Boolean(until && until > Date.now());
}

function challenge(
  request: IncomingMessage,
  response: ServerResponse,
  rest: string[],
): void {
  const host = request.headers.host ?? '127.0.0.1';
  const end = rest.findIndex(segment =>
    ['tags', 'manifests', 'blobs'].includes(segment),
  );
  const scope =
    end > 0 ? `,scope="repository:${rest.slice(0, end).join('/')}:pull"` : '';
  answerError(response, 401, 'UNAUTHORIZED', 'authentication required', {
    'WWW-Authenticate': `Bearer realm="http://${host}/token",service="registry"${scope}`,
  });
}

function answer(call: {
  request: IncomingMessage;
  response: ServerResponse;
  rest: string[];
  query: URLSearchParams;
  options: RegistryServerOptions;
}): void {
  const { request, response, rest, query, options } = call;
  if (rest.length === 0) {
    answerJson(
      response,
      200,
      {},
      { 'Docker-Distribution-Api-Version': 'registry/2.0' },
    );
    return;
  }
  const [kind, reference] = rest.slice(-2);
  const repository = rest.slice(0, -2).join('/');
  const tags = options.catalog.repositories.get(repository);
  if (kind === 'tags' && reference === 'list') {
    if (tags) {
      listTags(
        response,
        repository,
        tags.map(image => image.tag),
        query,
      );
    } else {
      answerError(
        response,
        404,
        'NAME_UNKNOWN',
        'repository name not known to registry',
        {},
        { name: repository },
      );
    }
    return;
  }
  if (kind === 'manifests') {
    const digest = reference.startsWith('sha256:')
      ? reference
      : tags?.find(image => image.tag === reference)?.digest;
    const manifest = options.catalog.manifests.get(`${repository}@${digest}`);
    if (manifest && digest) {
      serve(request, response, manifest, digest);
    } else if (tags) {
      answerError(
        response,
        404,
        'MANIFEST_UNKNOWN',
        'manifest unknown',
        {},
        { Tag: reference },
      );
    } else {
      answerError(
        response,
        404,
        'NAME_UNKNOWN',
        'repository name not known to registry',
        {},
        { name: repository },
      );
    }
    return;
  }
  if (kind === 'blobs') {
    const blob = options.catalog.blobs.get(`${repository}@${reference}`);
    if (blob) {
      serve(
        request,
        response,
        { ...blob, mediaType: 'application/octet-stream' },
        reference,
      );
    } else {
      answerError(
        response,
        404,
        'BLOB_UNKNOWN',
        'blob unknown to registry',
        {},
        { digest: reference },
      );
    }
    return;
  }
  refuseVerb(
    response,
    `registry ${request.method} /v2/${rest.join('/')}`,
    options,
  );
}

/** Tags are listed in lexical order, `n` at a time, the next page in the Link header. */
function listTags(
  response: ServerResponse,
  repository: string,
  all: string[],
  query: URLSearchParams,
): void {
  const asked = query.get('n');
  const size = asked === null ? DEFAULT_PAGE : Number(asked);
  if (!Number.isInteger(size) || size < 0) {
    answerError(
      response,
      400,
      'PAGINATION_NUMBER_INVALID',
      'invalid number of results requested',
      {},
      { n: asked },
    );
    return;
  }
  const last = query.get('last');
  const sorted = [...all].sort();
  const after = last === null ? sorted : sorted.filter(tag => tag > last);
  const page = after.slice(0, Math.min(size, 1000));
  const headers: Record<string, string> = {};
  if (page.length > 0 && page.length < after.length) {
    headers.Link = `</v2/${repository}/tags/list?last=${encodeURIComponent(
      page[page.length - 1],
    )}&n=${size}>; rel="next"`;
  }
  answerJson(response, 200, { name: repository, tags: page }, headers);
}

function serve(
  request: IncomingMessage,
  response: ServerResponse,
  content: RegistryContent,
  digest: string,
): void {
  response.writeHead(200, {
    'Content-Type': content.mediaType,
    'Content-Length': String(content.bytes.length),
    'Docker-Content-Digest': digest,
    'Docker-Distribution-Api-Version': 'registry/2.0',
    ETag: `"${digest}"`,
  });
  response.end(request.method === 'HEAD' ? undefined : content.bytes);
}

function answerError(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
  detail?: unknown,
): void {
  answerJson(
    response,
    status,
    {
      errors: [{ code, message, ...(detail === undefined ? {} : { detail }) }],
    },
    {
      'Docker-Distribution-Api-Version': 'registry/2.0',
      ...headers,
    },
  );
}
