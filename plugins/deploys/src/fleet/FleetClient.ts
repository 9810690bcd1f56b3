import { DiscoveryApi, FetchApi } from '@backstage/core-plugin-api';
import { ResponseError } from '@backstage/errors';
import {
  fleetBucketOf,
  FleetRow,
  FleetSearchResult,
  FleetView,
} from '@switchyard/backstage-plugin-deploys-common';
import { FleetApi, FleetTable } from './FleetApi';

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
  #known: Known | undefined;

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

  async getFleet(): Promise<FleetTable> {
    const known = this.#known;
    const response = await this.#fetch(
      known
        ? `/v1/fleet-view?${new URLSearchParams({ since: known.since })}`
        : '/v1/fleet-view',
      known?.etag ? { headers: { 'If-None-Match': known.etag } } : {},
    );
    if (response.status === 304 && known) return known.table;
    // What was seen before may be hidden from this person by now.
    this.#known = undefined;
    if (!response.ok) throw await ResponseError.fromResponse(response);
    const view: FleetView = await response.json();
    this.#known = putTogether(
      view,
      // Two questions at once would each be an answer to what was known before.
      view.buckets && known ? known.buckets : new Map(),
      response.headers.get('ETag') ?? undefined,
    );
    return this.#known.table;
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
