import {
  EntityDeploysState,
  ImageVersions,
  PodEvents,
  PodsMetrics,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  EntityRunsState,
  RunPreview,
} from '@switchyard/backstage-plugin-runs-common';
import { http, HttpResponse } from 'msw';
import { SetupServer } from 'msw/node';
import { DeploymentParts } from '../api';
import { aDeploysState, aPreview, aRun, aRunsState, aVersion } from './states';

export const DEPLOYS_URL = 'http://localhost:7007/api/deploys';
export const RUNS_URL = 'http://localhost:7007/api/runs';
const ORDERS_PATH = '/v1/entities/component/default/orders';

/** An error answer as Backstage's backends send it. */
export function refusal(status: number, message: string, requestId?: string) {
  const names: Record<number, string> = {
    403: 'NotAllowedError',
    404: 'NotFoundError',
    409: 'ConflictError',
    503: 'ServiceUnavailableError',
  };
  return HttpResponse.json(
    {
      error: { name: names[status] ?? 'Error', message },
      request: { method: 'GET', url: '/' },
      response: { statusCode: status },
    },
    { status, headers: requestId ? { 'x-request-id': requestId } : {} },
  );
}

/** Both backends of the page of orders. A test changes what they answer, and reads what they were asked. */
export interface OrdersBackend {
  deploys: EntityDeploysState;
  runs: EntityRunsState;
  versions: ImageVersions;
  metrics: PodsMetrics;
  events: PodEvents;
  preview: RunPreview;
  /** Instead of the state, while set. */
  deploysError?: () => Response;
  answerRun: () => Response;
  /** Parts of any deployment; one that throws answers what it throws. */
  parts: Partial<{
    [TPart in keyof DeploymentParts]: () => DeploymentParts[TPart];
  }>;
  /** Which were asked for, as `id part`. */
  partReads: string[];
  stateReads: number;
  /** Those of a page that knew nothing yet. */
  firstReads: number;
  requests: Array<{ key: string | null; body: any }>;
}

/** Answers as the backends of orders do. */
export function serveOrders(
  server: SetupServer,
  overrides: Partial<OrdersBackend> = {},
): OrdersBackend {
  const backend: OrdersBackend = {
    deploys: aDeploysState(),
    runs: aRunsState(),
    versions: {
      items: [aVersion('v5.3.25'), aVersion('v5.3.24'), aVersion('v5.3.23')],
      repositories: [],
    },
    metrics: { places: [], pods: {} },
    events: { items: [], readable: true },
    preview: aPreview(),
    answerRun: () => HttpResponse.json(aRun(), { status: 201 }) as Response,
    parts: {},
    partReads: [],
    stateReads: 0,
    firstReads: 0,
    requests: [],
    ...overrides,
  };
  server.use(
    http.get(`${DEPLOYS_URL}${ORDERS_PATH}/state`, ({ request }) => {
      backend.stateReads += 1;
      if (!request.headers.has('if-none-match')) backend.firstReads += 1;
      if (backend.deploysError) return backend.deploysError();
      const etag = `"${backend.deploys.hash}"`;
      if (request.headers.get('if-none-match') === etag)
        return new HttpResponse(null, { status: 304 });
      return HttpResponse.json(backend.deploys, { headers: { ETag: etag } });
    }),
    http.get(
      `${DEPLOYS_URL}${ORDERS_PATH}/deployments/:id/:part`,
      ({ params }) => {
        const { id, part } = params as { id: string; part: string };
        backend.partReads.push(`${decodeURIComponent(id)} ${part}`);
        const read = backend.parts[part as keyof DeploymentParts];
        if (!read) return refusal(404, 'There is none');
        try {
          return HttpResponse.json(read());
        } catch (answer) {
          return answer as Response;
        }
      },
    ),
    http.get(`${DEPLOYS_URL}${ORDERS_PATH}/metrics`, () =>
      HttpResponse.json(backend.metrics),
    ),
    http.get(
      `${DEPLOYS_URL}${ORDERS_PATH}/pods/:cluster/:namespace/:pod/events`,
      () => HttpResponse.json(backend.events),
    ),
    http.get(`${DEPLOYS_URL}${ORDERS_PATH}/versions`, () =>
      HttpResponse.json(backend.versions),
    ),
    http.get(`${RUNS_URL}${ORDERS_PATH}/state`, () =>
      HttpResponse.json(backend.runs),
    ),
    http.get(`${RUNS_URL}/v1/runs/run-412`, () =>
      HttpResponse.json({
        ...aRun(),
        planHash: 'sha256:aaaa',
        plan: {
          kind: 'hotfix',
          version: 1,
          changes: [],
          warnings: [],
          intent: {},
        },
        steps: [],
        verbs: [],
        channel: 'runs:run:412',
        hash: 'h1',
      }),
    ),
    http.post(`${RUNS_URL}/v1/previews`, () =>
      HttpResponse.json(backend.preview),
    ),
    http.post(`${RUNS_URL}/v1/runs`, async ({ request }) => {
      backend.requests.push({
        key: request.headers.get('idempotency-key'),
        body: await request.json(),
      });
      return backend.answerRun();
    }),
  );
  return backend;
}
