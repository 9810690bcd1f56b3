import { ApiError, badRequest, gone } from '../ApiError';
import { Json } from '../json';
import { ResourceType, storageOf } from '../resources';
import { Match, parseFieldSelector, parseLabelSelector } from '../selectors';
import { Storage } from '../store/Storage';
import { KubernetesObject } from '../types';
import { flagIn, numberIn } from './requestInfo';

/** As etcd's compaction: a list that was begun longer ago cannot be continued. */
const CONTINUE_MS = 5 * 60_000;
const MAX_OPEN_LISTS = 200;

interface OpenList {
  objects: readonly KubernetesObject[];
  resourceVersion: number;
  expires: number;
}

export interface ListAnswer {
  objects: readonly KubernetesObject[];
  metadata: Json;
}

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** The selectors of a list or watch as one question. */
export function matcherOf(
  resource: ResourceType,
  namespace: string | undefined,
  query: URLSearchParams,
): Match {
  const labels = query.get('labelSelector');
  const fields = query.get('fieldSelector');
  const matches: Match[] = [];
  if (namespace !== undefined) {
    matches.push(object => object.metadata.namespace === namespace);
  }
  if (labels) {
    matches.push(parseLabelSelector(labels));
  }
  if (fields) {
    matches.push(parseFieldSelector(resource, fields));
  }
  return object => matches.every(match => match(object));
}

/** A version that was never given out yet: the client met a newer server before. */
export function checkNotInFuture(
  resourceVersion: number,
  current: number,
): void {
  if (resourceVersion > current) {
    throw new ApiError({
      code: 504,
      reason: 'Timeout',
      message: `Too large resource version: ${resourceVersion}, current: ${current}`,
      details: {
        retryAfterSeconds: 1,
        causes: [
          {
            reason: 'ResourceVersionTooLarge',
            message: 'Too large resource version',
          },
        ],
      },
    });
  }
}

/** Lists, page by page: all pages show the moment of the first. */
export class Lists {
  readonly #storage: Storage;
  readonly #open = new Map<string, OpenList>();
  #count = 0;

  static create(options: { storage: Storage }): Lists {
    return new Lists(options.storage);
  }

  private constructor(storage: Storage) {
    this.#storage = storage;
  }

  list(
    resource: ResourceType,
    namespace: string | undefined,
    query: URLSearchParams,
  ): ListAnswer {
    const limit = numberIn(query, 'limit') ?? 0;
    const token = query.get('continue');
    if (token) {
      return this.#continue(token, limit);
    }
    const current = this.#storage.resourceVersion;
    const asked = numberIn(query, 'resourceVersion') ?? 0;
    checkNotInFuture(asked, current);
    if (query.get('resourceVersionMatch') === 'Exact' && asked !== current) {
      throw gone(`The resourceVersion for the provided list is too old.`);
    }
    const matches = matcherOf(resource, namespace, query);
    const objects = this.#storage.list(storageOf(resource)).filter(matches);
    const isSelected = query.has('labelSelector') || query.has('fieldSelector');
    return this.#page({
      objects,
      resourceVersion: current,
      from: 0,
      limit,
      withCount: !isSelected,
    });
  }

  #continue(token: string, limit: number): ListAnswer {
    let parsed: { id?: string; from?: number };
    try {
      parsed = JSON.parse(Buffer.from(token, 'base64url').toString());
    } catch {
      throw badRequest(`continue key is not valid: ${token}`);
    }
    const open = this.#open.get(String(parsed.id));
    if (
      !open ||
      open.expires < Date.now() ||
      open.resourceVersion < this.#storage.oldestVersion
    ) {
      throw gone(TOO_OLD);
    }
    return this.#page({
      ...open,
      from: Number(parsed.from),
      limit,
      withCount: true,
      id: parsed.id,
    });
  }

  #page(page: {
    objects: readonly KubernetesObject[];
    resourceVersion: number;
    from: number;
    limit: number;
    withCount: boolean;
    id?: string;
  }): ListAnswer {
    const { objects, resourceVersion, from, limit } = page;
    const end = limit > 0 ? from + limit : objects.length;
    const metadata: Json = { resourceVersion: String(resourceVersion) };
    if (end < objects.length) {
      const id =
        page.id ??
        this.#keep({
          objects,
          resourceVersion,
          expires: Date.now() + CONTINUE_MS,
        });
      metadata.continue = Buffer.from(
        JSON.stringify({
          v: 'meta.k8s.io/v1',
          rv: resourceVersion,
          id,
          from: end,
        }),
      ).toString('base64url');
      if (page.withCount) {
        metadata.remainingItemCount = objects.length - end;
      }
    }
    return { objects: objects.slice(from, end), metadata };
  }

  #keep(list: OpenList): string {
    for (const [id, { expires }] of this.#open) {
      if (expires < Date.now() || this.#open.size >= MAX_OPEN_LISTS) {
        this.#open.delete(id);
      }
    }
    this.#count += 1;
    this.#open.set(String(this.#count), list);
    return String(this.#count);
  }
}

/** Whether a request for a collection is a watch. */
export function isWatch(query: URLSearchParams): boolean {
  return flagIn(query, 'watch');
}
