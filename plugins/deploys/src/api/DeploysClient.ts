import { DiscoveryApi, FetchApi } from '@backstage/core-plugin-api';
import { ResponseError } from '@backstage/errors';
import {
  EntityDeploysState,
  ImageVersions,
  LogRecord,
  PodEvents,
  PodsMetrics,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  DeploymentParts,
  DeploysApi,
  LogsRequest,
  PodRef,
  WorkloadLogRequest,
} from './DeploysApi';
import { conditional } from './conditional';
import { entityPath } from './entityPath';

/** Entities whose last answer is kept to be asked for conditionally; the oldest goes first. */
const MAX_REMEMBERED_STATES = 20;

/**
 * {@link DeploysApi} over HTTP. The state is read conditionally, by ETag, so that asking again costs one short request.
 *
 * @public
 */
export class DeploysClient implements DeploysApi {
  readonly #discoveryApi: DiscoveryApi;
  readonly #fetchApi: FetchApi;
  readonly #states = new Map<
    string,
    { etag: string; body: EntityDeploysState }
  >();

  static create(options: {
    discoveryApi: DiscoveryApi;
    fetchApi: FetchApi;
  }): DeploysClient {
    return new DeploysClient(options);
  }

  private constructor(options: {
    discoveryApi: DiscoveryApi;
    fetchApi: FetchApi;
  }) {
    this.#discoveryApi = options.discoveryApi;
    this.#fetchApi = options.fetchApi;
  }

  async getEntityState(
    entityRef: string,
    { anew = false }: { anew?: boolean } = {},
  ): Promise<EntityDeploysState> {
    const path = `${entityPath(entityRef)}/state`;
    const known = this.#states.get(path);
    const response = await this.#fetch(
      path,
      conditional(known?.etag, { anew }),
    );
    if (response.status === 304 && known) return known.body;
    // What was seen before may be hidden from this person by now.
    this.#states.delete(path);
    if (!response.ok) throw await ResponseError.fromResponse(response);
    const body: EntityDeploysState = await response.json();
    const etag = response.headers.get('ETag');
    if (etag) {
      this.#states.set(path, { etag, body });
      const [oldest] = this.#states.keys();
      if (this.#states.size > MAX_REMEMBERED_STATES)
        this.#states.delete(oldest);
    }
    return body;
  }

  async getVersions(
    entityRef: string,
    environment: string,
    options: { signal?: AbortSignal } = {},
  ): Promise<ImageVersions> {
    const query = new URLSearchParams({ environment });
    return this.#getJson(`${entityPath(entityRef)}/versions?${query}`, options);
  }

  async getDeploymentPart<TPart extends keyof DeploymentParts>(
    entityRef: string,
    deployment: string,
    part: TPart,
    options: { signal?: AbortSignal } = {},
  ): Promise<DeploymentParts[TPart]> {
    const id = encodeURIComponent(deployment);
    return this.#getJson(
      `${entityPath(entityRef)}/deployments/${id}/${part}`,
      options,
    );
  }

  async *readLogs(
    request: LogsRequest,
    options: { signal: AbortSignal },
  ): AsyncGenerator<string> {
    const { entityRef, cluster, namespace, pod, container } = request;
    const query = new URLSearchParams({ container });
    if (request.previous) query.set('previous', 'true');
    if (request.tail !== undefined) query.set('tail', String(request.tail));
    if (request.follow) query.set('follow', 'true');
    if (request.timestamps) query.set('timestamps', 'true');
    const place = [cluster, namespace, pod].map(encodeURIComponent).join('/');
    const response = await this.#fetch(
      `${entityPath(entityRef)}/pods/${place}/logs?${query}`,
      { signal: options.signal },
    );
    yield* readText(response);
  }

  async *readWorkloadLog(
    request: WorkloadLogRequest,
    options: { signal: AbortSignal },
  ): AsyncGenerator<LogRecord[]> {
    const { cluster, namespace, workload, pods = [], container } = request;
    const query = new URLSearchParams({
      cluster,
      namespace,
      workload: `${workload.kind}/${workload.name}`,
    });
    for (const pod of pods) query.append('pod', pod);
    if (container !== undefined) query.set('container', container);
    if (request.previous) query.set('previous', 'true');
    if (request.tail !== undefined) query.set('tail', String(request.tail));
    if (request.since !== undefined) query.set('since', String(request.since));
    if (request.follow) query.set('follow', 'true');
    const response = await this.#fetch(
      `${entityPath(request.entityRef)}/logs?${query}`,
      { signal: options.signal },
    );
    let rest = '';
    for await (const text of readText(response)) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      // An empty line says only that the connection lives.
      const records = lines.filter(Boolean).map(line => JSON.parse(line));
      if (records.length > 0) yield records;
    }
  }

  async getPodEvents(
    entityRef: string,
    { cluster, namespace, pod }: PodRef,
    options: { signal?: AbortSignal } = {},
  ): Promise<PodEvents> {
    const place = [cluster, namespace, pod].map(encodeURIComponent).join('/');
    return this.#getJson(
      `${entityPath(entityRef)}/pods/${place}/events`,
      options,
    );
  }

  async getPodMetrics(
    entityRef: string,
    options: { signal?: AbortSignal } = {},
  ): Promise<PodsMetrics> {
    return this.#getJson(`${entityPath(entityRef)}/metrics`, options);
  }

  async #getJson(path: string, options: { signal?: AbortSignal }) {
    const response = await this.#fetch(path, { signal: options.signal });
    if (!response.ok) throw await ResponseError.fromResponse(response);
    return response.json();
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const base = await this.#discoveryApi.getBaseUrl('deploys');
    return this.#fetchApi.fetch(`${base}${path}`, init);
  }
}

/** The text of an answer as it comes. */
async function* readText(response: Response): AsyncGenerator<string> {
  if (!response.ok) throw await ResponseError.fromResponse(response);
  if (!response.body) {
    yield await response.text();
    return;
  }
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield decoder.decode(value, { stream: true });
    }
    yield decoder.decode();
  } finally {
    // Whoever stops listening early must not leave the stream of a container open.
    reader.cancel().catch(() => {});
  }
}
