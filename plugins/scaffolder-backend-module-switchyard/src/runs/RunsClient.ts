import {
  AuthService,
  BackstageCredentials,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import {
  Blocker,
  Lock,
  LockRequest,
  PreviewRequest,
  RunDetail,
  RunPreview,
  RunRequest,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';
import { RunsCallError } from './RunsCallError';

/** Whose call it is, and until when it matters. */
export interface RunsCall {
  credentials: BackstageCredentials;
  signal?: AbortSignal;
}

/**
 * The API of the runs backend, as a person. Every call throws {@link RunsCallError} with what the runs backend says, and the signal's reason when
 * it aborts.
 */
export class RunsClient {
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;
  readonly #portalUrl: string;

  static create(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    /** Address of the portal, for links. */
    portalUrl: string;
  }): RunsClient {
    return new RunsClient(options);
  }

  private constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    portalUrl: string;
  }) {
    this.#auth = options.auth;
    this.#discovery = options.discovery;
    this.#portalUrl = options.portalUrl.replace(/\/+$/, '');
  }

  /** Address of a run's page. */
  pageOf(runId: string): string {
    return `${this.#portalUrl}/runs/${encodeURIComponent(runId)}`;
  }

  async preview(request: PreviewRequest, call: RunsCall): Promise<RunPreview> {
    return this.#post('/v1/previews', request, call);
  }

  async requestRun(
    request: RunRequest,
    idempotencyKey: string,
    call: RunsCall,
  ): Promise<RunSummary> {
    return this.#post('/v1/runs', request, call, {
      'Idempotency-Key': idempotencyKey,
    });
  }

  async getRun(runId: string, call: RunsCall): Promise<RunDetail> {
    return this.#send(`/v1/runs/${encodeURIComponent(runId)}`, {}, call);
  }

  async createLock(request: LockRequest, call: RunsCall): Promise<Lock> {
    return this.#post('/v1/locks', request, call);
  }

  async #post<T>(
    path: string,
    body: object,
    call: RunsCall,
    headers: Record<string, string> = {},
  ): Promise<T> {
    return this.#send(
      path,
      {
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      },
      call,
    );
  }

  async #send<T>(
    path: string,
    init: RequestInit & { headers?: Record<string, string> },
    { credentials, signal }: RunsCall,
  ): Promise<T> {
    // A token lives for minutes, a task for hours: each request has its own.
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: credentials,
      targetPluginId: 'runs',
    });
    const base = await this.#discovery.getBaseUrl('runs');
    let response: Response;
    try {
      response = await fetch(`${base}${path}`, {
        ...init,
        headers: { ...init.headers, Authorization: `Bearer ${token}` },
        signal,
      });
      if (response.ok) return (await response.json()) as T;
    } catch {
      signal?.throwIfAborted();
      throw new RunsCallError('The runs backend does not answer');
    }
    throw await toError(response);
  }
}

async function toError(response: Response): Promise<RunsCallError> {
  const { status } = response;
  const said = (await response.json().catch(() => undefined)) as
    | { error?: { message?: string; blockers?: Blocker[] } }
    | undefined;
  if (status === 401)
    return new RunsCallError(
      'The sign-in of the person who started this task is no longer accepted; start it again',
      { status },
    );
  return new RunsCallError(
    said?.error?.message ?? `The runs backend has answered ${status}`,
    { status, blockers: said?.error?.blockers },
  );
}
