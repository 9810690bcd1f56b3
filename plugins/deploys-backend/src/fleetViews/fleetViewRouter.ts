import { HttpAuthService } from '@backstage/backend-plugin-api';
import express from 'express';
import Router from 'express-promise-router';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { closeSignal } from '../closeSignal';
import { parseInput } from '../parseInput';
import { entityParams } from '../requests';
import { FleetViewAnswer } from './FleetViews';
import { FleetViewService } from './FleetViewService';

const viewQuery = z.object({
  since: z
    .string()
    .max(2_000)
    .regex(/^[\w-]+$/, 'is not what an earlier answer said')
    .optional(),
});
const searchQuery = z.object({ q: z.string().trim().min(2).max(200) });

/** HTTP of the fleet pages. */
export async function createFleetViewRouter(options: {
  httpAuth: HttpAuthService;
  fleetViews: Pick<FleetViewService, 'getPart' | 'getView' | 'search'>;
}): Promise<express.Router> {
  const { httpAuth, fleetViews } = options;
  const router = Router();
  const optionsOf = async (req: express.Request, res: express.Response) => ({
    credentials: await httpAuth.credentials(req, {
      allow: ['user', 'service'],
    }),
    signal: closeSignal(res),
  });

  router.get('/v1/fleet-view', async (req, res) => {
    const call = await optionsOf(req, res);
    const request = parseInput(viewQuery, req.query);
    await sendView(await fleetViews.getView(request, call), req, res);
  });

  router.get(
    '/v1/entities/:kind/:namespace/:name/fleet-view',
    async (req, res) => {
      const call = await optionsOf(req, res);
      const entityRef = parseInput(entityParams, req.params);
      const { since } = parseInput(viewQuery, req.query);
      await sendView(
        await fleetViews.getPart({ entityRef, since }, call),
        req,
        res,
      );
    },
  );

  router.get('/v1/fleet-search', async (req, res) => {
    const call = await optionsOf(req, res);
    const { q } = parseInput(searchQuery, req.query);
    res.json(await fleetViews.search({ query: q }, call));
  });

  return router;
}

async function sendView(
  { etag, gzipped }: FleetViewAnswer,
  req: express.Request,
  res: express.Response,
): Promise<void> {
  res.set({
    // Weak: as of when it is may differ.
    ETag: `W/"${etag}"`,
    'Cache-Control': 'private, no-cache',
    Vary: 'Authorization, Accept-Encoding',
    'Content-Type': 'application/json; charset=utf-8',
  });
  if (req.fresh) {
    res.status(304).end();
    return;
  }
  const body = await gzipped;
  if (req.acceptsEncodings('gzip')) {
    // Compressed once for all: the portal's own compression leaves alone what is.
    res.set('Content-Encoding', 'gzip').send(body);
  } else {
    res.send(gunzipSync(body));
  }
}
