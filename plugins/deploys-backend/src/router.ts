import { AuditorService, HttpAuthService } from '@backstage/backend-plugin-api';
import { deploysAuditEvents } from '@switchyard/backstage-plugin-deploys-common';
import { toError } from '@backstage/errors';
import express, { Request, Response } from 'express';
import Router from 'express-promise-router';
import { closeSignal } from './closeSignal';
import { parseInput } from './parseInput';
import { addPodRoutes } from './pods/podRoutes';
import { PodService } from './pods/types';
import { entityParams, logsParams, logsQuery, versionsQuery } from './requests';
import { openApiDocument } from './schema/openapi';
import { DeployStateService } from './service/types';
import { streamLines } from './streamLines';

/** HTTP of the deploys backend; {@link openApiDocument} describes it. */
export async function createRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  deploys: DeployStateService;
  pods: PodService;
}): Promise<express.Router> {
  const { auditor, httpAuth, deploys, pods } = options;
  const router = Router();
  const optionsOf = async (req: Request, res: Response) => ({
    credentials: await httpAuth.credentials(req, {
      allow: ['user', 'service'],
    }),
    signal: closeSignal(res),
  });

  router.get('/openapi.json', async (_req, res) => {
    res.json(openApiDocument);
  });

  router.get('/v1/fleet', async (req, res) => {
    res.json(await deploys.getFleet(await optionsOf(req, res)));
  });

  router.get('/v1/entities/:kind/:namespace/:name/state', async (req, res) => {
    const call = await optionsOf(req, res);
    const startedAt = performance.now();
    const entityRef = parseInput(entityParams, req.params);
    const beforeMs = performance.now() - startedAt;
    const { etag, body, ownMs } = await deploys.getState({ entityRef }, call);
    const answeredAt = performance.now();
    res.set({
      // Weak: as of when it is may differ.
      ETag: `W/"${etag}"`,
      'Cache-Control': 'private, no-cache',
      Vary: 'Authorization',
      'Content-Type': 'application/json; charset=utf-8',
    });
    const isKnown = req.fresh;
    const afterMs = performance.now() - answeredAt;
    const own = (beforeMs + ownMs + afterMs).toFixed(2);
    res.set('Server-Timing', `own;dur=${own}`);
    if (isKnown) res.status(304).end();
    else res.send(body);
  });

  router.get(
    '/v1/entities/:kind/:namespace/:name/versions',
    async (req, res) => {
      const call = await optionsOf(req, res);
      const entityRef = parseInput(entityParams, req.params);
      const { environment } = parseInput(versionsQuery, req.query);
      res.json(await deploys.listVersions({ entityRef, environment }, call));
    },
  );

  router.get(
    '/v1/entities/:kind/:namespace/:name/pods/:cluster/:podNamespace/:pod/logs',
    async (req, res) => {
      const { kind, namespace, name, ...place } = req.params;
      const event = await auditor.createEvent({
        eventId: deploysAuditEvents.logsRead,
        severityLevel: 'medium',
        request: req,
        meta: {
          queryType: 'pod-log',
          entityRef: `${kind}:${namespace}/${name}`,
          cluster: place.cluster,
          namespace: place.podNamespace,
          pod: place.pod,
        },
      });
      let log;
      let call;
      try {
        call = await optionsOf(req, res);
        const { cluster, podNamespace, pod, ...entityRef } = parseInput(
          logsParams,
          req.params,
        );
        const { container, previous, follow, timestamps, tail, since } =
          parseInput(logsQuery, req.query);
        log = await deploys.openLog(
          {
            entityRef,
            cluster,
            namespace: podNamespace,
            pod,
            container,
            previous,
            follow,
            timestamps,
            tailLines: tail,
            sinceSeconds: since,
          },
          call,
        );
        // Now, not at its end: one that is followed may last until the process ends.
        await event.success({
          meta: { container: log.container, previous, follow },
        });
      } catch (error) {
        await event.fail({ error: toError(error) });
        throw error;
      }
      await streamLines(log.lines, res, call.signal);
    },
  );

  addPodRoutes(router, { auditor, pods, optionsOf });
  return router;
}
