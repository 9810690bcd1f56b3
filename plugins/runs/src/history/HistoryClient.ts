import { DiscoveryApi, FetchApi } from '@backstage/core-plugin-api';
import { ResponseError } from '@backstage/errors';
import {
  AuditPage,
  RecordReport,
} from '@switchyard/backstage-plugin-runs-common';
import { AuditTrailFilter, HistoryApi, RecordFilter } from './HistoryApi';

/** {@link HistoryApi} over HTTP. */
export class HistoryClient implements HistoryApi {
  static create(options: {
    discoveryApi: DiscoveryApi;
    fetchApi: FetchApi;
  }): HistoryClient {
    return new HistoryClient(options.discoveryApi, options.fetchApi);
  }

  readonly #discoveryApi: DiscoveryApi;
  readonly #fetchApi: FetchApi;

  private constructor(discoveryApi: DiscoveryApi, fetchApi: FetchApi) {
    this.#discoveryApi = discoveryApi;
    this.#fetchApi = fetchApi;
  }

  async listAudit(
    filter: AuditTrailFilter,
    page: { cursor?: string } = {},
  ): Promise<AuditPage> {
    return (await this.#get('/v1/audit', { ...filter, ...page })).json();
  }

  async exportAudit(
    filter: AuditTrailFilter,
    format: 'csv' | 'json',
  ): Promise<string> {
    return (await this.#get('/v1/audit/export', { ...filter, format })).text();
  }

  async readRecord(filter: RecordFilter): Promise<RecordReport> {
    return (await this.#get('/v1/record', { ...filter })).json();
  }

  async exportRecord(filter: RecordFilter): Promise<string> {
    return (await this.#get('/v1/record/export', { ...filter })).text();
  }

  async #get(
    path: string,
    query: { [name: string]: string | undefined },
  ): Promise<Response> {
    const given = Object.entries(query).filter(
      (each): each is [string, string] => each[1] !== undefined,
    );
    const baseUrl = await this.#discoveryApi.getBaseUrl('runs');
    const response = await this.#fetchApi.fetch(
      `${baseUrl}${path}?${new URLSearchParams(given)}`,
    );
    if (!response.ok) throw await ResponseError.fromResponse(response);
    return response;
  }
}
