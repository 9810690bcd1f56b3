import { parseEntityRef } from '@backstage/catalog-model';
import { DiscoveryApi, FetchApi } from '@backstage/core-plugin-api';
import { ResponseError } from '@backstage/errors';
import {
  ActionRight,
  ApproveRequest,
  DelegateRequest,
  EntityRunsState,
  GateInbox,
  Lock,
  LockCalendar,
  LockExtension,
  LockFilter,
  LockPlacesList,
  LockRequest,
  LockTransfer,
  PassConfirmation,
  PassRefusal,
  PassRequest,
  PreviewRequest,
  RejectRequest,
  RunDetail,
  RunEvidence,
  RunFork,
  RunKind,
  RunLogLine,
  RunPreview,
  RunRequest,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';
import { RunList, RunsApi, RunsFilter } from './RunsApi';

/** Answers that are kept to be asked for conditionally; the oldest goes first. */
const MAX_REMEMBERED_ANSWERS = 50;

/**
 * {@link RunsApi} over HTTP. Reads are conditional: it remembers the last answer and its ETag per address, so that asking again costs
 * one short request, and hands out the very same object when the backend says that nothing has changed.
 *
 * @public
 */
export class RunsClient implements RunsApi {
  readonly #discoveryApi: DiscoveryApi;
  readonly #fetchApi: FetchApi;
  readonly #answers = new Map<string, { etag: string; body: unknown }>();

  static create(options: {
    discoveryApi: DiscoveryApi;
    fetchApi: FetchApi;
  }): RunsClient {
    return new RunsClient(options);
  }

  private constructor(options: {
    discoveryApi: DiscoveryApi;
    fetchApi: FetchApi;
  }) {
    this.#discoveryApi = options.discoveryApi;
    this.#fetchApi = options.fetchApi;
  }

  async getEntityState(entityRef: string): Promise<EntityRunsState> {
    return this.#get(`${entityPath(entityRef)}/state`);
  }

  async listChoices<TChoices extends object>(
    query: Pick<PreviewRequest, 'action' | 'entityRef' | 'environment'>,
  ): Promise<TChoices> {
    const { action, entityRef, environment } = query;
    const text = new URLSearchParams({ action, environment });
    return this.#get(`${entityPath(entityRef)}/choices?${text}`);
  }

  async preview(
    request: PreviewRequest,
    options?: { signal?: AbortSignal },
  ): Promise<RunPreview> {
    return (
      await this.#post('/v1/previews', request, { signal: options?.signal })
    ).json();
  }

  async requestRun(
    request: RunRequest,
    options: { idempotencyKey: string },
  ): Promise<RunSummary> {
    const response = await this.#post('/v1/runs', request, {
      headers: { 'Idempotency-Key': options.idempotencyKey },
    });
    return response.json();
  }

  async listRights(): Promise<ActionRight[]> {
    const { items } = await this.#get<{ items: ActionRight[] }>('/v1/why-not');
    return items;
  }

  async listKinds(): Promise<RunKind[]> {
    const { items } = await this.#get<{ items: RunKind[] }>('/v1/kinds');
    return items;
  }

  async listRuns(filter?: RunsFilter): Promise<RunList> {
    const query = new URLSearchParams();
    const { status, ...single } = filter ?? {};
    for (const [name, value] of Object.entries(single))
      if (value !== undefined) query.set(name, String(value));
    for (const each of status ?? []) query.append('status', each);
    const text = query.toString();
    return this.#get(text === '' ? '/v1/runs' : `/v1/runs?${text}`);
  }

  async getRun(runId: string): Promise<RunDetail> {
    return this.#get(`/v1/runs/${encodeURIComponent(runId)}`);
  }

  async getStepLog(runId: string, stepId: string): Promise<RunLogLine[]> {
    const { items } = await this.#get<{ items: RunLogLine[] }>(
      `/v1/runs/${encodeURIComponent(runId)}/steps/${encodeURIComponent(
        stepId,
      )}/log`,
    );
    return items;
  }

  async getRunLog(runId: string): Promise<string> {
    const path = `/v1/runs/${encodeURIComponent(runId)}/log`;
    return (await this.#read(path)).text();
  }

  async getEvidence(runId: string): Promise<RunEvidence> {
    const path = `/v1/runs/${encodeURIComponent(runId)}/evidence`;
    return (await this.#read(path)).json();
  }

  async cancelRun(runId: string): Promise<void> {
    await this.#post(`/v1/runs/${encodeURIComponent(runId)}/cancel`, {});
  }

  async confirmRun(runId: string): Promise<void> {
    await this.#post(`/v1/runs/${encodeURIComponent(runId)}/confirm`, {});
  }

  async retryStep(runId: string, stepId: string): Promise<void> {
    await this.#post(
      `/v1/runs/${encodeURIComponent(runId)}/steps/${encodeURIComponent(
        stepId,
      )}/retry`,
      {},
    );
  }

  async pauseRun(runId: string): Promise<void> {
    await this.#post(`/v1/runs/${encodeURIComponent(runId)}/pause`, {});
  }

  async continueRun(runId: string): Promise<void> {
    await this.#post(`/v1/runs/${encodeURIComponent(runId)}/continue`, {});
  }

  async redriveRun(runId: string): Promise<void> {
    await this.#post(`/v1/runs/${encodeURIComponent(runId)}/redrive`, {});
  }

  async discardRun(runId: string, reason: string): Promise<void> {
    await this.#post(`/v1/runs/${encodeURIComponent(runId)}/discard`, {
      reason,
    });
  }

  async skipStep(runId: string, stepId: string, reason: string): Promise<void> {
    await this.#post(
      `/v1/runs/${encodeURIComponent(runId)}/steps/${encodeURIComponent(
        stepId,
      )}/skip`,
      { reason },
    );
  }

  async forkRun(runId: string): Promise<RunFork> {
    return (
      await this.#post(`/v1/runs/${encodeURIComponent(runId)}/fork`, {})
    ).json();
  }

  async listGates(): Promise<GateInbox> {
    return this.#get('/v1/gates');
  }

  async approveGate(gateId: string, request: ApproveRequest): Promise<void> {
    await this.#post(
      `/v1/gates/${encodeURIComponent(gateId)}/approve`,
      request,
    );
  }

  async rejectGate(gateId: string, request: RejectRequest): Promise<void> {
    await this.#post(`/v1/gates/${encodeURIComponent(gateId)}/reject`, request);
  }

  async delegateGate(gateId: string, request: DelegateRequest): Promise<void> {
    await this.#post(
      `/v1/gates/${encodeURIComponent(gateId)}/delegate`,
      request,
    );
  }

  async openGate(gateId: string): Promise<void> {
    await this.#post(`/v1/gates/${encodeURIComponent(gateId)}/open`, {});
  }

  async askForPass(runId: string, request: PassRequest): Promise<void> {
    await this.#post(
      `/v1/runs/${encodeURIComponent(runId)}/break-glass`,
      request,
    );
  }

  async confirmPass(passId: string, request: PassConfirmation): Promise<void> {
    await this.#post(this.#passPath(passId, 'confirm'), request);
  }

  async refusePass(passId: string, request: PassRefusal): Promise<void> {
    await this.#post(this.#passPath(passId, 'refuse'), request);
  }

  async withdrawPass(passId: string): Promise<void> {
    await this.#post(this.#passPath(passId, 'withdraw'), {});
  }

  #passPath(passId: string, verb: string): string {
    return `/v1/break-glass/${encodeURIComponent(passId)}/${verb}`;
  }

  async listLocks(filter: LockFilter = {}): Promise<Lock[]> {
    const query = new URLSearchParams(
      Object.entries(filter).filter(([, value]) => value !== undefined),
    ).toString();
    const { items } = await this.#get<{ items: Lock[] }>(
      query === '' ? '/v1/locks' : `/v1/locks?${query}`,
    );
    return items;
  }

  async listLockPlaces(): Promise<LockPlacesList> {
    return this.#get('/v1/lock-places');
  }

  async createLock(request: LockRequest): Promise<Lock> {
    return (await this.#post('/v1/locks', request)).json();
  }

  async extendLock(lockId: string, request: LockExtension): Promise<Lock> {
    return (
      await this.#post(
        `/v1/locks/${encodeURIComponent(lockId)}/extend`,
        request,
      )
    ).json();
  }

  async transferLock(lockId: string, request: LockTransfer): Promise<Lock> {
    return (
      await this.#post(
        `/v1/locks/${encodeURIComponent(lockId)}/transfer`,
        request,
      )
    ).json();
  }

  async getLockCalendar(span: {
    from: string;
    to: string;
  }): Promise<LockCalendar> {
    return this.#get(`/v1/lock-calendar?${new URLSearchParams(span)}`);
  }

  async releaseLock(lockId: string, reason?: string): Promise<void> {
    await this.#post(`/v1/locks/${encodeURIComponent(lockId)}/release`, {
      ...(reason !== undefined && { reason }),
    });
  }

  async #get<T>(path: string): Promise<T> {
    const known = this.#answers.get(path);
    const response = await this.#fetch(path, {
      // Without the cache mode some browsers would ask for a whole answer all the same.
      ...(known && {
        cache: 'no-cache',
        headers: { 'If-None-Match': known.etag },
      }),
    });
    if (response.status === 304 && known) return known.body as T;
    if (!response.ok) {
      // What was seen before may be hidden from this person by now.
      this.#answers.delete(path);
      throw await ResponseError.fromResponse(response);
    }
    const body: T = await response.json();
    const etag = response.headers.get('ETag');
    this.#answers.delete(path);
    if (etag) {
      this.#answers.set(path, { etag, body });
      const [oldest] = this.#answers.keys();
      if (this.#answers.size > MAX_REMEMBERED_ANSWERS)
        this.#answers.delete(oldest);
    }
    return body;
  }

  /** Anew each time, whatever was known before. */
  async #read(path: string): Promise<Response> {
    const response = await this.#fetch(path, {});
    if (!response.ok) throw await ResponseError.fromResponse(response);
    return response;
  }

  async #post(
    path: string,
    body: object,
    options: { headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const response = await this.#fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...options.headers },
      body: JSON.stringify(body),
      signal: options.signal,
    });
    if (!response.ok) throw await ResponseError.fromResponse(response);
    return response;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    return this.#fetchApi.fetch(
      `${await this.#discoveryApi.getBaseUrl('runs')}${path}`,
      init,
    );
  }
}

function entityPath(entityRef: string): string {
  const { kind, namespace, name } = parseEntityRef(entityRef);
  return `/v1/entities/${[kind.toLocaleLowerCase('en-US'), namespace, name]
    .map(encodeURIComponent)
    .join('/')}`;
}
