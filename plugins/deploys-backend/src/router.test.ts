import {
  mockCredentials,
  mockErrorHandler,
  mockServices,
} from '@backstage/backend-test-utils';
import {
  AuthenticationError,
  NotAllowedError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import express from 'express';
import request from 'supertest';
import { createDetailsRouter } from './details/detailsRouter';
import { DeploymentDetailsService } from './details/types';
import { createFleetViewRouter } from './fleetViews/fleetViewRouter';
import { PodService } from './pods/types';
import { createTerminalRouter } from './terminal/terminalRouter';
import { TerminalService } from './terminal/TerminalService';
import { createRouter } from './router';
import { openApiDocument } from './schema/openapi';
import { DeployStateService } from './service/types';

const PATH = '/v1/entities/component/default/orders';
const LOGS = `${PATH}/pods/prod-blue/storefront/orders-1/logs`;

async function* linesOf(...lines: string[]) {
  yield* lines;
}

async function setUp() {
  const deploys: jest.Mocked<DeployStateService> = {
    getState: jest
      .fn()
      .mockResolvedValue({ etag: 'abc', body: '{"hash":"x"}', ownMs: 0.5 }),
    listVersions: jest.fn().mockResolvedValue({ items: [], repositories: [] }),
    openLog: jest
      .fn()
      .mockResolvedValue({ container: 'orders', lines: linesOf('one', 'two') }),
    getFleet: jest.fn().mockResolvedValue({ clusters: [], argoInstances: [] }),
  };
  const pods: jest.Mocked<PodService> = {
    openMergedLog: jest
      .fn()
      .mockResolvedValue(linesOf('{"type":"source"}', '[0,null,"hi"]')),
    listEvents: jest.fn().mockResolvedValue({ items: [], readable: true }),
    readMetrics: jest.fn().mockResolvedValue({ places: [], pods: {} }),
  };
  const auditor = mockServices.auditor.mock();
  const event = {
    success: jest.fn(async () => {}),
    fail: jest.fn(async () => {}),
  };
  auditor.createEvent.mockResolvedValue(event);
  const router = await createRouter({
    auditor,
    httpAuth: mockServices.httpAuth(),
    deploys,
    pods,
  });
  const app = express().use(router).use(mockErrorHandler());
  return { app, deploys, pods, auditor, event, router };
}

describe('GET state', () => {
  it('answers the state with an ETag and its own share of the time', async () => {
    const { app, deploys } = await setUp();
    const response = await request(app).get(`${PATH}/state`);
    expect(response.status).toBe(200);
    expect(response.text).toBe('{"hash":"x"}');
    expect(response.headers).toMatchObject({
      etag: 'W/"abc"',
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'private, no-cache',
      'server-timing': expect.stringMatching(/^own;dur=\d+\.\d\d$/),
    });
    expect(deploys.getState).toHaveBeenCalledWith(
      {
        entityRef: { kind: 'component', namespace: 'default', name: 'orders' },
      },
      { credentials: expect.anything(), signal: expect.any(AbortSignal) },
    );
  });

  it.each([
    ['W/"abc"', 304],
    ['"abc"', 304],
    ['W/"abd"', 200],
  ])('answers If-None-Match %s with %i', async (etag, status) => {
    const { app } = await setUp();
    const response = await request(app)
      .get(`${PATH}/state`)
      .set('If-None-Match', etag);
    expect(response.status).toBe(status);
    expect(response.text).toBe(status === 304 ? '' : '{"hash":"x"}');
  });

  it.each([
    '/v1/entities/component/default/..%2Forders/state',
    '/v1/entities/component/default/%00/state',
    '/v1/entities/component/de%20fault/orders/state',
    `/v1/entities/component/default/${'a'.repeat(200)}/state`,
  ])('refuses %s', async path => {
    const { app, deploys } = await setUp();
    const response = await request(app).get(path);
    expect(response.status).toBe(400);
    expect(deploys.getState).not.toHaveBeenCalled();
  });

  it.each([
    [new NotFoundError('no such'), 404],
    [new NotAllowedError('not you'), 403],
    [new ServiceUnavailableError('not now'), 503],
  ])('passes on %s', async (error, status) => {
    const { app, deploys } = await setUp();
    deploys.getState.mockRejectedValue(error);
    const response = await request(app).get(`${PATH}/state`);
    expect(response.status).toBe(status);
    expect(response.body.error.message).toBe(error.message);
    expect(response.headers.etag).not.toBe('W/"abc"');
  });
});

describe('GET versions', () => {
  it('needs the name of an environment', async () => {
    const { app, deploys } = await setUp();
    for (const query of [
      '',
      '?environment=',
      '?environment=../x',
      '?environment=a&environment=b',
    ]) {
      const response = await request(app).get(`${PATH}/versions${query}`);
      expect([query, response.status]).toEqual([query, 400]);
    }
    const response = await request(app).get(
      `${PATH}/versions?environment=production`,
    );
    expect(response.body).toEqual({ items: [], repositories: [] });
    expect(deploys.listVersions.mock.calls[0][0]).toEqual({
      entityRef: { kind: 'component', namespace: 'default', name: 'orders' },
      environment: 'production',
    });
  });
});

describe('GET logs', () => {
  it('streams text, and says who read what before the first line', async () => {
    const { app, deploys, auditor, event } = await setUp();
    const response = await request(app).get(
      `${LOGS}?container=orders&previous=true&timestamps=true&tail=7`,
    );
    expect(response.status).toBe(200);
    expect(response.text).toBe('one\ntwo\n');
    expect(response.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store, no-transform',
    });
    expect(deploys.openLog.mock.calls[0][0]).toEqual({
      entityRef: { kind: 'component', namespace: 'default', name: 'orders' },
      cluster: 'prod-blue',
      namespace: 'storefront',
      pod: 'orders-1',
      container: 'orders',
      previous: true,
      follow: false,
      timestamps: true,
      tailLines: 7,
    });
    expect(auditor.createEvent).toHaveBeenCalledWith(
      expect.objectContaining({
        eventId: 'logs-read',
        meta: {
          queryType: 'pod-log',
          entityRef: 'component:default/orders',
          cluster: 'prod-blue',
          namespace: 'storefront',
          pod: 'orders-1',
        },
      }),
    );
    expect(event.success).toHaveBeenCalledWith({
      meta: { container: 'orders', previous: true, follow: false },
    });
  });

  it('gives no times unless they are asked for', async () => {
    const { app, deploys } = await setUp();
    await request(app).get(LOGS);
    expect(deploys.openLog.mock.calls[0][0].timestamps).toBe(false);
  });

  it.each([
    '?tail=0',
    '?tail=-1',
    '?tail=10001',
    '?tail=1e3',
    '?tail=x',
    '?follow=maybe',
    '?timestamps=1',
    '?timestamps=true&timestamps=true',
    '?container=../x',
    '?container=a&container=b',
  ])('refuses %s, and names the field', async query => {
    const { app, deploys, event } = await setUp();
    const response = await request(app).get(LOGS + query);
    expect(response.status).toBe(400);
    const [field] = new URLSearchParams(query).keys();
    expect(response.body.error.message).toContain(`at ${field}`);
    expect(deploys.openLog).not.toHaveBeenCalled();
    expect(event.fail).toHaveBeenCalled();
  });

  it.each([
    `${PATH}/pods/prod-blue/..%2Fkube-system/orders-1/logs`,
    `${PATH}/pods/prod-blue/storefront/orders%2F..%2Fexec/logs`,
    `${PATH}/pods/prod-blue/storefront/orders%0A1/logs`,
  ])('refuses %s', async path => {
    const { app, deploys } = await setUp();
    expect((await request(app).get(path)).status).toBe(400);
    expect(deploys.openLog).not.toHaveBeenCalled();
  });

  it('audits a refusal', async () => {
    const { app, deploys, event } = await setUp();
    deploys.openLog.mockRejectedValue(new NotAllowedError('not agreed'));
    const response = await request(app).get(LOGS);
    expect(response.status).toBe(403);
    expect(event.fail).toHaveBeenCalledWith({
      error: expect.objectContaining({ name: 'NotAllowedError' }),
    });
    expect(event.success).not.toHaveBeenCalled();
  });

  it('ends a followed log when the caller goes', async () => {
    const { app, deploys } = await setUp();
    let signal: AbortSignal | undefined;
    deploys.openLog.mockImplementation(async (_, options) => {
      signal = options.signal;
      return {
        container: 'orders',
        lines: (async function* endless() {
          yield 'hello';
          await new Promise(resolve =>
            signal!.addEventListener('abort', resolve),
          );
        })(),
      };
    });
    const server = app.listen(0);
    try {
      const { port } = server.address() as { port: number };
      const caller = new AbortController();
      const response = await fetch(
        `http://127.0.0.1:${port}${LOGS}?follow=true`,
        { signal: caller.signal },
      );
      const reader = response.body!.getReader();
      const { value } = await reader.read();
      expect(Buffer.from(value!).toString()).toBe('hello\n');
      expect(signal!.aborted).toBe(false);
      const ended = new Promise(resolve =>
        signal!.addEventListener('abort', resolve),
      );
      caller.abort();
      await ended;
      expect(signal!.aborted).toBe(true);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('breaks the connection when the log breaks, so that a part is not taken for all', async () => {
    const { app, deploys } = await setUp();
    deploys.openLog.mockResolvedValue({
      container: 'orders',
      lines: (async function* broken() {
        yield 'half';
        throw new ServiceUnavailableError('gone');
      })(),
    });
    const server = app.listen(0);
    try {
      const { port } = server.address() as { port: number };
      const response = await fetch(`http://127.0.0.1:${port}${LOGS}`);
      await expect(response.text()).rejects.toThrow();
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('GET logs of a workload', () => {
  const MERGED = `${PATH}/logs?cluster=prod-blue&namespace=storefront&workload=Deployment/orders`;

  it('streams records, and says who read what before the first', async () => {
    const { app, pods, auditor, event } = await setUp();
    const response = await request(app).get(
      `${MERGED}&pod=orders-1&pod=orders-2&container=orders&follow=true&tail=7&since=300`,
    );
    expect(response.status).toBe(200);
    expect(response.text).toBe('{"type":"source"}\n[0,null,"hi"]\n');
    expect(response.headers['content-type']).toBe(
      'application/x-ndjson; charset=utf-8',
    );
    expect(pods.openMergedLog.mock.calls[0][0]).toEqual({
      entityRef: { kind: 'component', namespace: 'default', name: 'orders' },
      cluster: 'prod-blue',
      namespace: 'storefront',
      workload: { kind: 'Deployment', name: 'orders' },
      pods: ['orders-1', 'orders-2'],
      container: 'orders',
      previous: false,
      follow: true,
      timestamps: true,
      tailLines: 7,
      sinceSeconds: 300,
    });
    expect(auditor.createEvent).toHaveBeenCalledWith(
      expect.objectContaining({
        eventId: 'logs-read',
        meta: {
          queryType: 'workload-log',
          entityRef: 'component:default/orders',
          cluster: 'prod-blue',
          namespace: 'storefront',
          workload: 'Deployment/orders',
        },
      }),
    );
    expect(event.success).toHaveBeenCalledWith({
      meta: {
        pods: ['orders-1', 'orders-2'],
        container: 'orders',
        previous: false,
        follow: true,
      },
    });
  });

  it.each([
    [MERGED.replace('Deployment/', ''), 'workload'],
    [MERGED.replace('Deployment/', 'Deployment/../'), 'workload'],
    [MERGED.replace('cluster=prod-blue&', ''), 'cluster'],
    [`${MERGED}&since=0`, 'since'],
    [`${MERGED}&pod=..%2Fx`, 'pod'],
    [`${MERGED}${'&pod=a'.repeat(11)}`, 'pod'],
  ])('refuses %s', async (path, field) => {
    const { app, pods, event } = await setUp();
    const response = await request(app).get(path);
    expect(response.status).toBe(400);
    expect(response.body.error.message).toContain(`at ${field}`);
    expect(pods.openMergedLog).not.toHaveBeenCalled();
    expect(event.fail).toHaveBeenCalled();
  });
});

describe('GET events and metrics', () => {
  it('pass on what the service says', async () => {
    const { app, pods } = await setUp();
    const events = await request(app).get(LOGS.replace(/logs$/, 'events'));
    expect(events.body).toEqual({ items: [], readable: true });
    expect(pods.listEvents.mock.calls[0][0]).toEqual({
      entityRef: { kind: 'component', namespace: 'default', name: 'orders' },
      cluster: 'prod-blue',
      namespace: 'storefront',
      pod: 'orders-1',
    });
    const metrics = await request(app).get(`${PATH}/metrics`);
    expect(metrics.body).toEqual({ places: [], pods: {} });
  });
});

describe('a workload’s log that may not be read on', () => {
  it.each([
    [new NotAllowedError('Not any more'), 'refused'],
    [new AuthenticationError('Your sign-in ended'), 'signed-out'],
  ])('ends with a record that says why: %s', async (error, reason) => {
    const { app, pods } = await setUp();
    pods.openMergedLog.mockResolvedValue(
      (async function* lines() {
        yield '[0,null,"hi"]';
        throw error;
      })(),
    );
    const { text } = await request(app).get(
      `${PATH}/logs?cluster=prod-blue&namespace=storefront&workload=Deployment/orders`,
    );
    expect(
      text
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([[0, null, 'hi'], { type: 'over', reason, why: error.message }]);
  });
});

describe('OpenAPI', () => {
  it('describes every route, and no other', async () => {
    const { app, router } = await setUp();
    const document = (await request(app).get('/openapi.json')).body;
    expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument)));
    const fleetViews = await createFleetViewRouter({
      httpAuth: mockServices.httpAuth(),
      fleetViews: { getPart: jest.fn(), getView: jest.fn(), search: jest.fn() },
    });
    const details = await createDetailsRouter({
      auditor: mockServices.auditor.mock(),
      httpAuth: mockServices.httpAuth(),
      details: {} as DeploymentDetailsService,
    });
    const terminals = createTerminalRouter({
      auditor: mockServices.auditor.mock(),
      httpAuth: mockServices.httpAuth(),
      terminals: {} as TerminalService,
    });
    const routes = [
      ...router.stack,
      ...fleetViews.stack,
      ...details.stack,
      ...terminals.stack,
    ].flatMap(layer => methodsOf(layer.route));
    // Where the web sockets come in; there is no route.
    routes.push('get /v1/terminal');
    const described = Object.entries(openApiDocument.paths).flatMap(
      ([path, operations]) =>
        Object.keys(operations).map(
          method => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
        ),
    );
    expect([...described].sort()).toEqual([...routes].sort());
  });

  it('refers only to schemas that are there', () => {
    const text = JSON.stringify(openApiDocument);
    const refs = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(refs.length).toBeGreaterThan(5);
    for (const name of refs) {
      expect(Object.keys(openApiDocument.components.schemas)).toContain(name);
    }
  });
});

/** Method and path of what a router answers. */
function methodsOf(route: unknown): string[] {
  if (!route) return [];
  const { path, methods } = route as { path: string; methods: object };
  return Object.keys(methods).map(method => `${method} ${path}`);
}

describe('credentials', () => {
  it.each([
    `${PATH}/state`,
    `${PATH}/versions?environment=production`,
    LOGS,
    LOGS.replace(/logs$/, 'events'),
    `${PATH}/metrics`,
    `${PATH}/logs?cluster=prod-blue&namespace=storefront&workload=Deployment/orders`,
    '/v1/fleet',
  ])('are needed for %s', async path => {
    const { app } = await setUp();
    const response = await request(app)
      .get(path)
      .set('authorization', mockCredentials.none.header());
    expect(response.status).toBe(401);
  });
});
