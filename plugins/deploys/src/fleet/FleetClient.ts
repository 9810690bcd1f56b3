import { parseEntityRef } from '@backstage/catalog-model';
import { DiscoveryApi, FetchApi } from '@backstage/core-plugin-api';
import { ResponseError } from '@backstage/errors';
import {
  fleetBucketOf,
  FleetRow,
  FleetSearchResult,
  FleetState,
  FleetView,
} from '@switchyard/backstage-plugin-deploys-common';
import { conditional } from '../api/conditional';
import { FleetApi, FleetTable } from './FleetApi';

/** Pages of systems and groups that one walks through in a sitting; a view that was dropped is read whole again. */
const MAX_VIEWS = 20;

interface Known {
  etag?: string;
  since: string;
  buckets: ReadonlyMap<number, readonly FleetRow[]>;
  table: FleetTable;
}

/**
 * {@link FleetApi} over HTTP. What is known is said with each question, so that only what changed is sent.
 *
 * @public
 */
export class FleetClient implements FleetApi {
  readonly #discoveryApi: DiscoveryApi;
  readonly #fetchApi: FetchApi;
  /** By path. */
  readonly #known = new Map<string, Known>();

  static create(options: {
    discoveryApi: DiscoveryApi;
    fetchApi: FetchApi;
  }): FleetClient {
    return new FleetClient(options);
  }

  private constructor(options: {
    discoveryApi: DiscoveryApi;
    fetchApi: FetchApi;
  }) {
    this.#discoveryApi = options.discoveryApi;
    this.#fetchApi = options.fetchApi;
  }

  getFleet(options: { anew?: boolean } = {}): Promise<FleetTable> {
    return this.#read('/v1/fleet-view', options);
  }

  getPart(
    entityRef: string,
    options: { anew?: boolean } = {},
  ): Promise<FleetTable> {
    const { kind, namespace, name } = parseEntityRef(entityRef);
    const path = [kind, namespace, name].map(encodeURIComponent).join('/');
    return this.#read(`/v1/entities/${path}/fleet-view`, options);
  }

  async getSources(): Promise<FleetState> {
    const response = await this.#fetch('/v1/fleet', {});
    if (!response.ok) throw await ResponseError.fromResponse(response);
    return response.json();
  }

  async searchFleet(
    query: string,
    options: { signal?: AbortSignal } = {},
  ): Promise<FleetSearchResult> {
    const response = await this.#fetch(
      `/v1/fleet-search?${new URLSearchParams({ q: query })}`,
      { signal: options.signal },
    );
    if (!response.ok) throw await ResponseError.fromResponse(response);
    return response.json();
  }

  async #read(
    path: string,
    { anew = false }: { anew?: boolean },
  ): Promise<FleetTable> {
    const known = this.#known.get(path);
    const response = await this.#fetch(
      known ? `${path}?${new URLSearchParams({ since: known.since })}` : path,
      conditional(known?.etag, { anew }),
    );
    if (response.status === 304 && known) return known.table;
    // What was seen before may be hidden from this person by now.
    this.#known.delete(path);
    if (!response.ok) throw await ResponseError.fromResponse(response);
    const view: FleetView = await response.json();
    const next = putTogether(
      view,
      // Two questions at once would each be an answer to what was known before.
      view.buckets && known ? known.buckets : new Map(),
      response.headers.get('ETag') ?? undefined,
    );
    this.#known.set(path, next);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_VIEWS) this.#known.delete(oldest);
    return next.table;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const base = await this.#discoveryApi.getBaseUrl('deploys');
    return this.#fetchApi.fetch(`${base}${path}`, init);
  }
}

function putTogether(
  view: FleetView,
  before: Known['buckets'],
  etag: string | undefined,
): Known {
  const { since, buckets: replaced, rows: sent, ...rest } = view;
  const buckets = new Map<number, FleetRow[]>();
  for (const [bucket, rows] of before) {
    if (!replaced?.includes(bucket)) buckets.set(bucket, [...rows]);
  }
  const known = new Map(
    [...before.values()].flat().map(row => [row.id, row] as const),
  );
  for (const row of sent) {
    const bucket = fleetBucketOf(row.id);
    const rows = buckets.get(bucket) ?? [];
    rows.push(keepSame(known.get(row.id), row));
    buckets.set(bucket, rows);
  }
  return {
    etag,
    since,
    buckets,
    table: { ...rest, rows: [...buckets.values()].flat() },
  };
}

/** A bucket is sent whole: most of its lines are the same as before, and need not be drawn again. */
function keepSame(known: FleetRow | undefined, row: FleetRow): FleetRow {
  return known && JSON.stringify(known) === JSON.stringify(row) ? known : row;
}
