import { mockApis, registerMswTestHooks } from '@backstage/frontend-test-utils';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { aPreview, aRun, aState, ORDERS } from '../__testUtils__';
import { refusal } from '../__testUtils__/refusal';
import { RunsClient } from './RunsClient';

const server = setupServer();
registerMswTestHooks(server);

const BASE = 'http://localhost:7007/api/runs';
const request = {
  action: 'hotfix',
  entityRef: ORDERS,
  environment: 'production',
  input: { version: 'v5.3.25' },
};

function makeClient() {
  return RunsClient.create({
    discoveryApi: mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
    fetchApi: mockApis.fetch(),
  });
}

describe('RunsClient', () => {
  it('asks again conditionally and hands out the same object when nothing changed', async () => {
    const asked: Array<string | null> = [];
    server.use(
      http.get(
        `${BASE}/v1/entities/component/default/orders/state`,
        ({ request: { headers } }) => {
          asked.push(headers.get('if-none-match'));
          if (headers.get('if-none-match') === '"s1"') {
            return new HttpResponse(null, { status: 304 });
          }
          return HttpResponse.json(aState(), { headers: { ETag: '"s1"' } });
        },
      ),
    );
    const client = makeClient();
    const first = await client.getEntityState(ORDERS);
    const second = await client.getEntityState(ORDERS);
    expect(first.entityRef).toBe(ORDERS);
    expect(second).toBe(first);
    expect(asked).toEqual([null, '"s1"']);
  });

  it('asks what can be chosen for an action in an environment', async () => {
    const asked: string[] = [];
    server.use(
      http.get(
        `${BASE}/v1/entities/component/default/orders/choices`,
        ({ request: { url } }) => {
          asked.push(new URL(url).search);
          return HttpResponse.json({ versions: ['v1'] });
        },
      ),
    );
    await expect(
      makeClient().listChoices({
        action: 'rollback',
        entityRef: ORDERS,
        environment: 'a & b',
      }),
    ).resolves.toEqual({ versions: ['v1'] });
    expect(asked).toEqual(['?action=rollback&environment=a+%26+b']);
  });

  it('forgets an answer that the viewer may no longer see', async () => {
    let status = 200;
    const asked: Array<string | null> = [];
    server.use(
      http.get(`${BASE}/v1/runs/run-412`, ({ request: { headers } }) => {
        asked.push(headers.get('if-none-match'));
        return status === 200
          ? HttpResponse.json({ id: 'run-412' }, { headers: { ETag: '"1"' } })
          : HttpResponse.json({ error: { name: 'NotFoundError' } }, { status });
      }),
    );
    const client = makeClient();
    await client.getRun('run-412');
    status = 404;
    await expect(client.getRun('run-412')).rejects.toMatchObject({
      statusCode: 404,
    });
    status = 200;
    await client.getRun('run-412');
    expect(asked).toEqual([null, '"1"', null]);
  });

  it('sends the idempotency key and the plan that was shown', async () => {
    let seen: unknown;
    server.use(
      http.post(`${BASE}/v1/runs`, async ({ request: req }) => {
        seen = {
          key: req.headers.get('idempotency-key'),
          body: await req.json(),
        };
        return HttpResponse.json(aRun(), { status: 201 });
      }),
    );
    const run = await makeClient().requestRun(
      { ...request, reason: 'Slow', planHash: 'sha256:aaaa' },
      { idempotencyKey: 'key-1' },
    );
    expect(run.number).toBe(412);
    expect(seen).toEqual({
      key: 'key-1',
      body: { ...request, reason: 'Slow', planHash: 'sha256:aaaa' },
    });
  });

  it('keeps names in their place in the address', async () => {
    const paths: string[] = [];
    server.use(
      http.all(`${BASE}/*`, ({ request: req }) => {
        paths.push(new URL(req.url).pathname + new URL(req.url).search);
        return HttpResponse.json({ items: [] });
      }),
    );
    const client = makeClient();
    await client.getStepLog('a/../b', 'commit.deploy blue');
    await client.listRuns({ entityRef: ORDERS, status: ['failed', 'dead'] });
    await client.retryStep('r1', 'x/y');
    expect(paths).toEqual([
      '/api/runs/v1/runs/a%2F..%2Fb/steps/commit.deploy%20blue/log',
      '/api/runs/v1/runs?entityRef=component%3Adefault%2Forders&status=failed&status=dead',
      '/api/runs/v1/runs/r1/steps/x%2Fy/retry',
    ]);
  });

  it('rejects with the reason and the status of a refusal', async () => {
    server.use(
      http.post(`${BASE}/v1/previews`, () => refusal(403, 'Not your service')),
    );
    await expect(makeClient().preview(request)).rejects.toMatchObject({
      statusCode: 403,
      cause: { message: 'Not your service' },
    });
  });

  it('gives up a preview that nobody waits for', async () => {
    server.use(
      http.post(`${BASE}/v1/previews`, () => HttpResponse.json(aPreview())),
    );
    const controller = new AbortController();
    controller.abort();
    await expect(
      makeClient().preview(request, { signal: controller.signal }),
    ).rejects.toThrow(/abort/i);
  });
});
