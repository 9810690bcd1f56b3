import {
  AuditorService,
  HttpAuthService,
  LoggerService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { JsonObject } from '@backstage/types';
import { runsAuditEvents } from '@switchyard/backstage-plugin-runs-common';
import { SeenEntities } from '@switchyard/backstage-plugin-runs-node';
import express, { Request } from 'express';
import Router from 'express-promise-router';
import { HealthReporter } from './health/HealthReporter';
import { AuditService } from './audit/AuditService';
import { addAuditRoutes } from './audit/auditRoutes';
import { addRecordRoutes } from './record/recordRoutes';
import { RecordService } from './record/RecordService';
import { createAudited } from './router/audited';
import { addFindingRoutes } from './router/findingRoutes';
import { addGateRoutes } from './router/gateRoutes';
import { addLockRoutes } from './router/lockRoutes';
import { addPassRoutes } from './router/passRoutes';
import { hideInternalErrors } from './router/hideInternalErrors';
import { readOpenApiDocument } from './router/openApiDocument';
import {
  actionQuery,
  choicesQuery,
  entityPath,
  idempotencyKey,
  listQuery,
  parseInput,
  previewBody,
  runBody,
  runPath,
} from './router/schemas';
import { sendWithETag } from './router/sendWithETag';
import { addVerbRoutes } from './router/verbRoutes';
import { Caller } from './service/Caller';
import { EvidenceService } from './service/EvidenceService';
import { GateService } from './service/GateService';
import { LogService } from './service/LogService';
import { PassService } from './service/PassService';
import { RightsService } from './service/RightsService';
import { RunVerbService } from './service/RunVerbService';
import { LockService, RunService } from './service/types';

const MAX_BODY = '100kb';

export async function createRouter(options: {
  runs: RunService;
  verbs: RunVerbService;
  evidence: EvidenceService;
  logs: LogService;
  gates: GateService;
  passes: PassService;
  locks: LockService;
  audit: AuditService;
  rights: RightsService;
  record: RecordService;
  health: HealthReporter;
  httpAuth: HttpAuthService;
  userInfo: UserInfoService;
  catalog: CatalogService;
  auditor: AuditorService;
  logger: LoggerService;
}): Promise<express.Router> {
  const {
    runs,
    verbs,
    evidence,
    logs,
    gates,
    passes,
    locks,
    audit,
    rights,
    record,
    health,
    httpAuth,
    userInfo,
    catalog,
    auditor,
    logger,
  } = options;
  const openApi = await readOpenApiDocument();

  const router = Router();
  router.use(express.json({ limit: MAX_BODY }));

  const seenEntities = new SeenEntities();
  const identify = async (req: Request, seen?: SeenEntities) => ({
    caller: new Caller({
      credentials: await httpAuth.credentials(req, { allow: ['user'] }),
      catalog,
      userInfo,
      seen,
    }),
  });

  const audited = createAudited(auditor);

  router.get('/openapi.json', (_req, res) => {
    res.json(openApi);
  });

  router.get('/v1/health', async (_req, res) => {
    const report = await health.report();
    res.status(report.status === 'ok' ? 200 : 503).json(report);
  });

  router.get('/v1/entities/:kind/:namespace/:name/state', async (req, res) => {
    const call = await identify(req, seenEntities);
    const state = await runs.getEntityState(
      parseInput(entityPath, req.params),
      call,
    );
    sendWithETag(req, res, state, ['asOf']);
  });

  router.get(
    '/v1/entities/:kind/:namespace/:name/why-not',
    async (req, res) => {
      const call = await identify(req, seenEntities);
      const actions = await runs.getActions(
        parseInput(entityPath, req.params),
        parseInput(actionQuery, req.query),
        call,
      );
      sendWithETag(req, res, actions, ['asOf']);
    },
  );

  router.get('/v1/why-not', async (req, res) => {
    const call = await identify(req);
    const only = parseInput(actionQuery, req.query);
    sendWithETag(req, res, await rights.listRights(only, call));
  });

  router.get(
    '/v1/entities/:kind/:namespace/:name/choices',
    async (req, res) => {
      const call = await identify(req);
      const entityRef = parseInput(entityPath, req.params);
      const query = parseInput(choicesQuery, req.query);
      const choices = await runs.listChoices({ ...query, entityRef }, call);
      sendWithETag(req, res, choices);
    },
  );

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
          ...(body.replaces && { replaces: body.replaces }),
          ...(body.forkedFrom && { forkedFrom: body.forkedFrom }),
          ...(body.breakGlass && { breakGlass: { ...body.breakGlass } }),
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

  router.get('/v1/kinds', async (req, res) => {
    const call = await identify(req);
    sendWithETag(req, res, { items: await runs.listKinds(call) });
  });

  router.get('/v1/runs/:id', async (req, res) => {
    const call = await identify(req);
    const { id } = parseInput(runPath, req.params);
    sendWithETag(req, res, await runs.getRun(id, call));
  });

  addFindingRoutes(router, { evidence, logs, identify });
  addVerbRoutes(router, { runs, verbs, identify, audited });
  addGateRoutes(router, { gates, passes, identify, audited });
  addPassRoutes(router, { passes, identify, audited });
  addAuditRoutes(router, { audit, identify, audited });
  addRecordRoutes(router, { record, identify, audited });

  addLockRoutes(router, { locks, identify, audited });

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
