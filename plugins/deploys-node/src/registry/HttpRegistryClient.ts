import { ImageVersions } from '@switchyard/backstage-plugin-deploys-common';
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isImageTag, parseImageReference } from '../images/imageReference';
import { collectVersions, RepositoryTags } from '../versions/collectVersions';
import { parseChallenge } from './challenge';
import { findRegistryAccess, RegistryAccess, registryBaseUrl } from './config';
import { RegistryError } from './errors';
import { HttpAnswer, HttpSender } from './HttpSender';
import { readConfig, readManifest } from './manifests';
import { RegistryTokens } from './RegistryTokens';
import { SharedAnswers } from './SharedAnswers';
import { ImageDetails, RegistryClient } from './types';

const TIMEOUT_MS = 10_000;
const PARALLEL_PER_HOST = 6;
/** Tags move and appear; a page that is opened a minute later shall see them. */
const FRESH_MS = 20_000;
const MAX_TAG_PAGES = 50;
const MAX_JSON_BYTES = 4_000_000;
const DETAILED_VERSIONS = 30;
const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
/** A manifest by what it is, rather than by a name that may move. */
const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** Signatures, attestations and bills of materials that tools store beside images. */
const NOT_AN_IMAGE = /^sha256-[0-9a-f]{64}(\.|$)/;

interface Place {
  access: RegistryAccess;
  repository: string;
}

interface TagPages {
  tags: string[];
  /** Only where all tags fit on one page: the next look may then be conditional. */
  etag?: string;
}

/**
 * The registry client over HTTP: distribution API v2 with anonymous, basic and bearer access.
 *
 * @public
 */
export class HttpRegistryClient implements RegistryClient {
  readonly #registries: readonly RegistryAccess[];
  readonly #sender: HttpSender;
  readonly #tokens: RegistryTokens;
  readonly #tags = SharedAnswers.create<TagPages>({
    max: 200,
    freshMs: FRESH_MS,
  });
  readonly #digests = SharedAnswers.create<{ digest?: string }>({
    max: 5_000,
    freshMs: FRESH_MS,
  });
  /** By digest, thus never outdated. */
  readonly #details = new LRUCache<string, ImageDetails>({ max: 5_000 });

  static create(options: {
    registries: readonly RegistryAccess[];
    /** Of one request. */ timeoutMs?: number;
  }): HttpRegistryClient {
    return new HttpRegistryClient(
      options.registries,
      options.timeoutMs ?? TIMEOUT_MS,
    );
  }

  private constructor(
    registries: readonly RegistryAccess[],
    timeoutMs: number,
  ) {
    this.#registries = registries;
    this.#sender = HttpSender.create({
      timeoutMs,
      parallelPerHost: PARALLEL_PER_HOST,
    });
    this.#tokens = RegistryTokens.create({ sender: this.#sender });
  }

  async listTags(
    repository: string,
    options: { signal: AbortSignal },
  ): Promise<string[]> {
    const place = this.#locate(repository);
    const { tags } = await this.#tags.get(
      keyOf(place),
      options.signal,
      (signal, previous) => this.#readTags(place, signal, previous),
    );
    return tags;
  }

  async findDigest(
    repository: string,
    reference: string,
    options: { signal: AbortSignal },
  ): Promise<string | undefined> {
    const place = this.#locate(repository);
    if (!isImageTag(reference) && !DIGEST.test(reference)) return undefined;
    const found = await this.#digests.get(
      `${keyOf(place)}:${reference}`,
      options.signal,
      signal => this.#readDigest(place, reference, signal),
    );
    return found.digest;
  }

  async findImage(
    repository: string,
    tag: string,
    options: { signal: AbortSignal },
  ): Promise<ImageDetails | undefined> {
    const place = this.#locate(repository);
    const digest = await this.findDigest(repository, tag, options);
    if (!digest) return undefined;
    const key = `${keyOf(place)}@${digest}`;
    const known = this.#details.get(key);
    if (known) return known;
    const details = await this.#readDetails(place, digest, options.signal);
    this.#details.set(key, details);
    return details;
  }

  async listVersions(request: {
    repositories: readonly string[];
    tagPrefix?: string;
    signal: AbortSignal;
  }): Promise<ImageVersions> {
    const { signal, tagPrefix = '' } = request;
    const repositories = await Promise.all(
      request.repositories.map(repository =>
        this.#readRepository(repository, signal),
      ),
    );
    return collectVersions({
      repositories,
      tagPrefix,
      detailed: DETAILED_VERSIONS,
      findImage: async (repository, tag) => {
        try {
          return await this.findImage(repository, tag, { signal });
        } catch (error) {
          // One image with a broken manifest must not hide the versions; an abort must end them.
          if (signal.aborted) throw error;
          return undefined;
        }
      },
    });
  }

  async #readRepository(
    repository: string,
    signal: AbortSignal,
  ): Promise<RepositoryTags> {
    try {
      return {
        repository,
        state: 'read',
        tags: await this.listTags(repository, { signal }),
      };
    } catch (error) {
      if (signal.aborted || !(error instanceof RegistryError)) throw error;
      return { repository, state: 'not-readable', why: error.message };
    }
  }

  #locate(repository: string): Place {
    const reference = parseImageReference(repository);
    if (
      !reference ||
      reference.tag !== undefined ||
      reference.digest !== undefined
    ) {
      throw new RegistryError(
        'not-found',
        'This is not the name of an image repository',
      );
    }
    const access = findRegistryAccess(this.#registries, reference.registry);
    if (!access) {
      throw new RegistryError(
        'not-allowed-host',
        'The image registry is not configured: add it to switchyard.deploys.registries',
      );
    }
    return { access, repository: reference.repository };
  }

  async #readTags(
    place: Place,
    signal: AbortSignal,
    previous: TagPages | undefined,
  ): Promise<TagPages> {
    const tags: string[] = [];
    const first = `/v2/${place.repository}/tags/list`;
    let path: string | undefined = `${first}?n=1000`;
    for (let page = 0; path && page < MAX_TAG_PAGES; page++) {
      const headers: Record<string, string> = { Accept: 'application/json' };
      if (page === 0 && previous?.etag)
        headers['If-None-Match'] = previous.etag;
      const answer: HttpAnswer = await this.#ask(place, path, {
        headers,
        signal,
      });
      if (answer.status === 304 && previous) return previous;
      expectOk(answer, 'repository');
      const body = answer.json();
      // `null` for a repository whose tags are all gone.
      if (body.tags !== null && !Array.isArray(body.tags))
        throw new RegistryError(
          'invalid-answer',
          'The image registry answered without tags',
        );
      for (const tag of body.tags ?? [])
        if (typeof tag === 'string' && !NOT_AN_IMAGE.test(tag)) tags.push(tag);
      path = nextPage(answer.headers.get('link'), place, path, first);
      if (!path && page === 0)
        return { tags, etag: answer.headers.get('etag') ?? undefined };
    }
    return { tags };
  }

  async #readDigest(
    place: Place,
    reference: string,
    signal: AbortSignal,
  ): Promise<{ digest?: string }> {
    const answer = await this.#ask(
      place,
      `/v2/${place.repository}/manifests/${encodeURIComponent(reference)}`,
      { method: 'HEAD', headers: { Accept: MANIFEST_TYPES }, signal },
    );
    if (answer.status === 404) return {};
    expectOk(answer, 'image');
    const named = answer.headers.get('docker-content-digest');
    if (named) return { digest: named };
    // Optional by the specification: then the digest is that of the bytes.
    const whole = await this.#ask(
      place,
      `/v2/${place.repository}/manifests/${encodeURIComponent(reference)}`,
      { headers: { Accept: MANIFEST_TYPES }, signal },
    );
    if (whole.status === 404) return {};
    expectOk(whole, 'image');
    return {
      digest: `sha256:${createHash('sha256').update(whole.body).digest('hex')}`,
    };
  }

  async #readDetails(
    place: Place,
    digest: string,
    signal: AbortSignal,
  ): Promise<ImageDetails> {
    const path = (of: 'manifests' | 'blobs', name: string) =>
      `/v2/${place.repository}/${of}/${encodeURIComponent(name)}`;
    const readAt = async (name: string) => {
      const answer = await this.#ask(place, path('manifests', name), {
        headers: { Accept: MANIFEST_TYPES },
        signal,
      });
      expectOk(answer, 'image');
      return readManifest(answer.json());
    };
    let manifest = await readAt(digest);
    if (manifest.type === 'index')
      manifest = await readAt(manifest.platformDigest);
    if (manifest.type !== 'image')
      throw new RegistryError(
        'invalid-answer',
        'The image registry has an index of indexes',
      );
    const answer = await this.#ask(
      place,
      path('blobs', manifest.configDigest),
      { headers: { Accept: '*/*' }, signal },
    );
    expectOk(answer, 'image');
    return { digest, ...readConfig(answer.json()) };
  }

  async #ask(
    place: Place,
    path: string,
    options: {
      method?: 'GET' | 'HEAD';
      headers: Record<string, string>;
      signal: AbortSignal;
    },
  ): Promise<HttpAnswer> {
    const scope = `repository:${place.repository}:pull`;
    const url = new URL(path, registryBaseUrl(place.access));
    const send = (authorization: string | undefined) =>
      this.#sender.send({
        url,
        method: options.method,
        headers: {
          ...options.headers,
          ...(authorization ? { Authorization: authorization } : {}),
        },
        signal: options.signal,
        maxBytes: MAX_JSON_BYTES,
      });
    const answer = await send(this.#tokens.known(place.access, scope));
    if (answer.status !== 401) return answer;
    const challenge = parseChallenge(answer.headers.get('www-authenticate'));
    const again = await send(
      await this.#tokens.answer(place.access, scope, challenge, options.signal),
    );
    if (again.status === 401)
      throw new RegistryError(
        'unauthorized',
        'The image registry refused the configured credentials',
      );
    return again;
  }
}

function keyOf(place: Place): string {
  return `${place.access.host}/${place.repository}`;
}

function expectOk(answer: HttpAnswer, what: 'repository' | 'image'): void {
  if (answer.status === 200) return;
  if (answer.status === 404)
    throw new RegistryError(
      'not-found',
      `The image registry has no such ${what}`,
    );
  if (answer.status === 403)
    throw new RegistryError(
      'unauthorized',
      `The image registry does not let this portal read the ${what}`,
    );
  throw new RegistryError(
    answer.status >= 500 ? 'unreachable' : 'invalid-answer',
    `The image registry answered ${answer.status}`,
  );
}

// The next page must lie in the same list of the same registry.
function nextPage(
  link: string | null,
  place: Place,
  current: string,
  list: string,
): string | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '')?.[1];
  if (!target) return undefined;
  const base = registryBaseUrl(place.access);
  const next = new URL(target, new URL(current, base));
  if (next.origin !== new URL(base).origin || next.pathname !== list) {
    throw new RegistryError(
      'invalid-answer',
      'The image registry continues its list of tags at another place',
    );
  }
  return `${next.pathname}${next.search}`;
}
