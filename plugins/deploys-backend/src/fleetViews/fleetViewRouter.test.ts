import { gzipSync } from 'node:zlib';
import {
  mockCredentials,
  mockErrorHandler,
  mockServices,
} from '@backstage/backend-test-utils';
import { NotAllowedError } from '@backstage/errors';
import express from 'express';
import request from 'supertest';
import { createFleetViewRouter } from './fleetViewRouter';

const BODY = JSON.stringify({ hash: 'h1', rows: [] });

async function setUp() {
  const fleetViews = {
    getView: jest.fn(async () => ({
      etag: 'h1',
      gzipped: Promise.resolve(gzipSync(BODY)),
    })),
    getPart: jest.fn(async () => ({
      etag: 'p1',
      gzipped: Promise.resolve(gzipSync(BODY)),
    })),
    search: jest.fn(async () => ({ items: [], more: false })),
  };
  const app = express()
    .use(
      await createFleetViewRouter({
        httpAuth: mockServices.httpAuth(),
        fleetViews,
      }),
    )
    .use(mockErrorHandler());
  return { app, fleetViews };
}

describe('the routes of the fleet pages', () => {
  it('answer compressed, and plain to who wants it so', async () => {
    const { app } = await setUp();
    const compressed = await request(app)
      .get('/v1/fleet-view')
      .set('Accept-Encoding', 'gzip');
    expect(compressed.headers['content-encoding']).toBe('gzip');
    expect(compressed.text).toBe(BODY);
    const plain = await request(app)
      .get('/v1/fleet-view')
      .set('Accept-Encoding', 'identity');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.text).toBe(BODY);
  });

  it('do not send again what the caller has', async () => {
    const { app, fleetViews } = await setUp();
    const { headers } = await request(app).get('/v1/fleet-view');
    const again = await request(app)
      .get('/v1/fleet-view?since=AbC-_1')
      .set('If-None-Match', headers.etag);
    expect(again.status).toBe(304);
    expect(fleetViews.getView).toHaveBeenLastCalledWith(
      { since: 'AbC-_1' },
      expect.objectContaining({ signal: expect.any(AbortSignal) }),
    );
  });

  it('answer for the components of a system', async () => {
    const { app, fleetViews } = await setUp();
    const { body, headers } = await request(app).get(
      '/v1/entities/system/default/shop/fleet-view?since=AbC',
    );
    expect(body).toEqual(JSON.parse(BODY));
    expect(headers.etag).toBe('W/"p1"');
    expect(fleetViews.getPart).toHaveBeenCalledWith(
      {
        entityRef: { kind: 'system', namespace: 'default', name: 'shop' },
        since: 'AbC',
      },
      expect.objectContaining({ signal: expect.any(AbortSignal) }),
    );
  });

  it.each([
    '/v1/fleet-view?since=../..',
    '/v1/entities/system/default/shop/fleet-view?since=../..',
    '/v1/entities/system/default/sh%2fop/fleet-view',
    `/v1/fleet-view?since=${'a'.repeat(2_001)}`,
    '/v1/fleet-view?since=a&since=b',
    '/v1/fleet-search',
    '/v1/fleet-search?q=%20a%20',
    `/v1/fleet-search?q=${'a'.repeat(201)}`,
  ])('refuse %.60s', async path => {
    const { app, fleetViews } = await setUp();
    expect((await request(app).get(path)).status).toBe(400);
    expect(fleetViews.getView).not.toHaveBeenCalled();
    expect(fleetViews.getPart).not.toHaveBeenCalled();
    expect(fleetViews.search).not.toHaveBeenCalled();
  });

  it.each(['/v1/fleet-view', '/v1/fleet-search?q=orders'])(
    'need credentials, and hand a refusal on: %s',
    async path => {
      const { app, fleetViews } = await setUp();
      const nobody = await request(app)
        .get(path)
        .set('authorization', mockCredentials.none.header());
      expect(nobody.status).toBe(401);
      fleetViews.getView.mockRejectedValue(new NotAllowedError('no'));
      fleetViews.search.mockRejectedValue(new NotAllowedError('no'));
      expect((await request(app).get(path)).status).toBe(403);
    },
  );
});
