import { JsonObject } from '@backstage/types';
import { runsAuditEvents } from '@switchyard/backstage-plugin-runs-common';
import express, { Request, Response } from 'express';
import { RunVerbService } from '../service/RunVerbService';
import { CallOptions, RunService } from '../service/types';
import { Audited } from './audited';
import {
  emptyBody,
  parseInput,
  reasonBody,
  runPath,
  stepPath,
} from './schemas';

/** Adds the routes of what people do with runs that are there already. */
export function addVerbRoutes(
  router: express.Router,
  options: {
    runs: RunService;
    verbs: RunVerbService;
    identify: (req: Request) => Promise<CallOptions>;
    audited: Audited;
  },
): void {
  const { runs, verbs, identify, audited } = options;

  const add = (
    path: string,
    actionType: string,
    work: (
      req: Request,
      call: CallOptions,
    ) => Promise<{ result: object; meta?: JsonObject }>,
  ) =>
    router.post(path, async (req: Request, res: Response) => {
      const result = await audited(
        req,
        {
          eventId: runsAuditEvents.runVerb,
          severityLevel: 'medium',
          meta: { actionType, ...req.params },
        },
        async () => work(req, await identify(req)),
      );
      res.json(result);
    });

  const ofRun = (
    name: string,
    act: (id: string, call: CallOptions) => Promise<object>,
  ) =>
    add(`/v1/runs/:id/${name}`, name, async (req, call) => {
      parseInput(emptyBody, req.body);
      return { result: await act(parseInput(runPath, req.params).id, call) };
    });

  ofRun('cancel', (id, call) => runs.cancelRun(id, call));
  ofRun('confirm', (id, call) => runs.confirmRun(id, call));
  ofRun('pause', (id, call) => verbs.pauseRun(id, call));
  ofRun('continue', (id, call) => verbs.continueRun(id, call));
  ofRun('redrive', (id, call) => verbs.redriveRun(id, call));
  ofRun('fork', (id, call) => verbs.forkRun(id, call));

  add('/v1/runs/:id/discard', 'discard', async (req, call) => {
    const { id } = parseInput(runPath, req.params);
    const { reason } = parseInput(reasonBody, req.body);
    return {
      result: await verbs.discardRun(id, reason, call),
      meta: { reason },
    };
  });
  add('/v1/runs/:id/steps/:stepId/retry', 'retry-step', async (req, call) => {
    parseInput(emptyBody, req.body);
    const { id, stepId } = parseInput(stepPath, req.params);
    return { result: await runs.retryStep(id, stepId, call) };
  });
  add('/v1/runs/:id/steps/:stepId/skip', 'skip-step', async (req, call) => {
    const { id, stepId } = parseInput(stepPath, req.params);
    const { reason } = parseInput(reasonBody, req.body);
    return {
      result: await verbs.skipStep(id, stepId, reason, call),
      meta: { reason },
    };
  });
}
