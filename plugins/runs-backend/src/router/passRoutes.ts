import { JsonObject } from '@backstage/types';
import {
  runsAuditEvents,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';
import express, { Request, Response } from 'express';
import { PassService } from '../service/PassService';
import { CallOptions } from '../service/types';
import { Audited } from './audited';
import {
  confirmPassBody,
  passBody,
  passPath,
  refusePassBody,
} from './passSchemas';
import { emptyBody, parseInput, runPath } from './schemas';

/** Adds the routes of emergency passes. Those that wait are told of with the gates. */
export function addPassRoutes(
  router: express.Router,
  options: {
    passes: PassService;
    identify: (req: Request) => Promise<CallOptions>;
    audited: Audited;
  },
): void {
  const { passes, identify, audited } = options;

  const add = <TBody extends object>(
    path: string,
    actionType: 'ask' | 'confirm' | 'refuse' | 'withdraw',
    parse: (body: unknown) => TBody,
    act: (req: Request, body: TBody, call: CallOptions) => Promise<RunSummary>,
  ) =>
    router.post(path, async (req: Request, res: Response) => {
      const run = await audited(
        req,
        {
          eventId: runsAuditEvents.runBreakGlass,
          severityLevel: 'high',
          meta: { actionType, id: req.params.id },
        },
        async () => {
          const call = await identify(req);
          const body = parse(req.body);
          const result = await act(req, body, call);
          const { entityRef, environment, number } = result;
          const meta = {
            ...(body as JsonObject),
            run: result.id,
            number,
            entityRef,
            environment,
          };
          return { result, meta };
        },
      );
      res.json(run);
    });

  add(
    '/v1/runs/:id/break-glass',
    'ask',
    body => parseInput(passBody, body),
    (req, body, call) =>
      passes.ask(parseInput(runPath, req.params).id, body, call),
  );
  add(
    '/v1/break-glass/:id/confirm',
    'confirm',
    body => parseInput(confirmPassBody, body),
    (req, body, call) =>
      passes.confirm(parseInput(passPath, req.params).id, body, call),
  );
  add(
    '/v1/break-glass/:id/refuse',
    'refuse',
    body => parseInput(refusePassBody, body),
    (req, body, call) =>
      passes.refuse(parseInput(passPath, req.params).id, body, call),
  );
  add(
    '/v1/break-glass/:id/withdraw',
    'withdraw',
    body => parseInput(emptyBody, body) ?? {},
    (req, _body, call) =>
      passes.withdraw(parseInput(passPath, req.params).id, call),
  );
}
