import {
  AuditorService,
  AuditorServiceEventSeverityLevel,
  HttpAuthService,
  LoggerService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { JsonObject } from '@backstage/types';
import { runsAuditEvents } from '@switchyard/backstage-plugin-runs-common';
import express, { Request, Response } from 'express';
import Router from 'express-promise-router';
import { HealthReporter } from './health/HealthReporter';
import { hideInternalErrors } from './router/hideInternalErrors';
import { readOpenApiDocument } from './router/openApiDocument';
import {
  emptyBody,
  entityPath,
  idempotencyKey,
  listQuery,
  lockBody,
  lockPath,
  lockQuery,
  parseInput,
  previewBody,
  runBody,
  runPath,
  stepPath,
} from './router/schemas';
import { sendWithETag } from './router/sendWithETag';
import { Caller } from './service/Caller';
import { LockService, RunService } from './service/types';

const MAX_BODY = '100kb';

export async function createRouter(options: {
  runs: RunService;
  locks: LockService;
  health: HealthReporter;
  httpAuth: HttpAuthService;
  userInfo: UserInfoService;
  catalog: CatalogService;
  auditor: AuditorService;
  logger: LoggerService;
}): Promise<express.Router> {
  const { runs, locks, health, httpAuth, userInfo, catalog, auditor, logger } =
    options;
  const openApi = await readOpenApiDocument();

  const router = Router();
  router.use(express.json({ limit: MAX_BODY }));

  const identify = async (req: Request) => ({
    caller: new Caller({
      credentials: await httpAuth.credentials(req, { allow: ['user'] }),
      catalog,
      userInfo,
    }),
  });

  /** Every write leaves a trace, and so does every attempt at one. */
  const audited = async <T>(
    req: Request,
    event: {
      eventId: string;
      severityLevel: AuditorServiceEventSeverityLevel;
      meta: JsonObject;
    },
    work: () => Promise<{ result: T; meta?: JsonObject }>,
  ): Promise<T> => {
    const auditEvent = await auditor.createEvent({ ...event, request: req });
    try {
      const { result, meta } = await work();
      await auditEvent.success({ meta });
      return result;
    } catch (error) {
      await auditEvent.fail({ error: toError(error) });
      throw error;
    }
  };

  router.get('/openapi.json', (_req, res) => {
    res.json(openApi);
  });

  router.get('/v1/health', async (_req, res) => {
    const report = await health.report();
    res.status(report.status === 'ok' ? 200 : 503).json(report);
  });

  router.get('/v1/entities/:kind/:namespace/:name/state', async (req, res) => {
    const call = await identify(req);
    const state = await runs.getEntityState(
      parseInput(entityPath, req.params),
      call,
    );
    sendWithETag(req, res, state, ['asOf']);
  });

  router.post('/v1/previews', async (req, res) => {
    const preview = await audited(
      req,
      {
        eventId: runsAuditEvents.runPreview,
        severityLevel: 'low',
        meta: { actionType: 'preview' },
      },
      async () => {
        const call = await identify(req);
        const body = parseInput(previewBody, req.body);
        return { result: await runs.preview(body, call), meta: targetOf(body) };
      },
    );
    res.json(preview);
  });

  router.post('/v1/runs', async (req, res) => {
    const { run, created } = await audited(
      req,
      {
        eventId: runsAuditEvents.runCreate,
        severityLevel: 'medium',
        meta: { actionType: 'create' },
      },
      async () => {
        const call = await identify(req);
        const key = parseInput(idempotencyKey, {
          'Idempotency-Key': req.header('Idempotency-Key'),
        });
        const body = parseInput(runBody, req.body);
        const result = await runs.createRun(
          { ...body, idempotencyKey: key['Idempotency-Key'] },
          call,
        );
        const meta = {
          ...targetOf(body),
          run: result.run.id,
          number: result.run.number,
          created: result.created,
        };
        return { result, meta };
      },
    );
    res.status(created ? 201 : 200).json(run);
  });

  router.get('/v1/runs', async (req, res) => {
    const call = await identify(req);
    const page = await runs.listRuns(parseInput(listQuery, req.query), call);
    sendWithETag(req, res, page);
  });

  router.get('/v1/runs/:id', async (req, res) => {
    const call = await identify(req);
    const { id } = parseInput(runPath, req.params);
    sendWithETag(req, res, await runs.getRun(id, call));
  });

  router.get('/v1/runs/:id/steps/:stepId/log', async (req, res) => {
    const call = await identify(req);
    const { id, stepId } = parseInput(stepPath, req.params);
    sendWithETag(req, res, { items: await runs.getStepLog(id, stepId, call) });
  });

  const verb = (
    path: string,
    actionType: string,
    work: (req: Request) => Promise<JsonObject>,
  ) =>
    router.post(path, async (req: Request, res: Response) => {
      const result = await audited(
        req,
        {
          eventId: runsAuditEvents.runVerb,
          severityLevel: 'medium',
          meta: { actionType, ...req.params },
        },
        async () => {
          parseInput(emptyBody, req.body);
          return { result: await work(req) };
        },
      );
      res.json(result);
    });

  verb('/v1/runs/:id/cancel', 'cancel', async req => {
    const call = await identify(req);
    return asJson(
      await runs.cancelRun(parseInput(runPath, req.params).id, call),
    );
  });
  verb('/v1/runs/:id/confirm', 'confirm', async req => {
    const call = await identify(req);
    return asJson(
      await runs.confirmRun(parseInput(runPath, req.params).id, call),
    );
  });
  verb('/v1/runs/:id/steps/:stepId/retry', 'retry-step', async req => {
    const call = await identify(req);
    const { id, stepId } = parseInput(stepPath, req.params);
    return asJson(await runs.retryStep(id, stepId, call));
  });

  router.get('/v1/locks', async (req, res) => {
    const call = await identify(req);
    sendWithETag(req, res, {
      items: await locks.listLocks(parseInput(lockQuery, req.query), call),
    });
  });

  router.post('/v1/locks', async (req, res) => {
    const lock = await audited(
      req,
      {
        eventId: runsAuditEvents.lockCreate,
        severityLevel: 'medium',
        meta: { actionType: 'create' },
      },
      async () => {
        const call = await identify(req);
        const body = parseInput(lockBody, req.body);
        const result = await locks.createLock(body, call);
        return {
          result,
          meta: {
            lock: result.id,
            entityRef: result.entityRef,
            environment: result.environment ?? '*',
          },
        };
      },
    );
    res.status(201).json(lock);
  });

  router.post('/v1/locks/:id/release', async (req, res) => {
    const lock = await audited(
      req,
      {
        eventId: runsAuditEvents.lockRelease,
        severityLevel: 'medium',
        meta: { actionType: 'release', lock: req.params.id },
      },
      async () => {
        const call = await identify(req);
        parseInput(emptyBody, req.body);
        const result = await locks.releaseLock(
          parseInput(lockPath, req.params).id,
          call,
        );
        return {
          result,
          meta: { entityRef: result.entityRef, createdBy: result.createdBy },
        };
      },
    );
    res.json(lock);
  });

  router.use(hideInternalErrors(logger));
  return router;
}

function targetOf(body: {
  action: string;
  entityRef: string;
  environment: string;
}): JsonObject {
  return {
    action: body.action,
    entityRef: body.entityRef,
    environment: body.environment,
  };
}

function asJson(value: object): JsonObject {
  return value as JsonObject;
}
