import { AuditorService, HttpAuthService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { deploysAuditEvents } from '@switchyard/backstage-plugin-deploys-common';
import express, { Request, Response } from 'express';
import Router from 'express-promise-router';
import { z } from 'zod';
import { closeSignal } from '../closeSignal';
import { parseInput } from '../parseInput';
import { entityParams } from '../requests';
import { DeploymentDetailsService } from './types';

const BASE = '/v1/entities/:kind/:namespace/:name/deployments/:deployment';
const MAX_ID_LENGTH = 2_000;

const params = entityParams.extend({
  // Compared with the ids of the entity's deployments, never taken apart.
  deployment: z.string().min(1).max(MAX_ID_LENGTH),
});

/** HTTP of what opens below a line of the Deploy card. */
export async function createDetailsRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  details: DeploymentDetailsService;
}): Promise<express.Router> {
  const { auditor, httpAuth, details } = options;
  const router = Router();

  const answer = async (
    req: Request,
    res: Response,
    read: (
      request: Parameters<DeploymentDetailsService['getDetails']>[0],
      call: Parameters<DeploymentDetailsService['getDetails']>[1],
    ) => Promise<unknown>,
  ) => {
    const credentials = await httpAuth.credentials(req, {
      allow: ['user', 'service'],
    });
    const { deployment, ...entityRef } = parseInput(params, req.params);
    const call = { credentials, signal: closeSignal(res) };
    const body = await read({ entityRef, deployment }, call);
    res.set({ 'Cache-Control': 'private, no-store', Vary: 'Authorization' });
    res.json(body);
  };

  router.get(`${BASE}/details`, (req, res) =>
    answer(req, res, (request, call) => details.getDetails(request, call)),
  );
  router.get(`${BASE}/history`, (req, res) =>
    answer(req, res, (request, call) => details.getHistory(request, call)),
  );
  router.get(`${BASE}/windows`, (req, res) =>
    answer(req, res, (request, call) => details.getWindows(request, call)),
  );
  router.get(`${BASE}/tree`, (req, res) =>
    answer(req, res, (request, call) => details.getTree(request, call)),
  );
  router.get(`${BASE}/diff`, async (req, res) => {
    const { kind, namespace, name, deployment } = req.params;
    const event = await auditor.createEvent({
      eventId: deploysAuditEvents.manifestsRead,
      severityLevel: 'low',
      request: req,
      meta: {
        queryType: 'diff',
        entityRef: `${kind}:${namespace}/${name}`,
        deployment: deployment.slice(0, MAX_ID_LENGTH),
      },
    });
    try {
      await answer(req, res, (request, call) => details.getDiff(request, call));
      await event.success();
    } catch (error) {
      await event.fail({ error: toError(error) });
      throw error;
    }
  });

  return router;
}
