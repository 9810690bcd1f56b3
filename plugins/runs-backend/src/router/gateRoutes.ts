import { JsonObject } from '@backstage/types';
import {
  runsAuditEvents,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';
import express, { Request, Response } from 'express';
import { GateService } from '../service/GateService';
import { PassService } from '../service/PassService';
import { CallOptions } from '../service/types';
import { Audited } from './audited';
import { approveBody, delegateBody, gatePath, rejectBody } from './gateSchemas';
import { emptyBody, parseInput } from './schemas';
import { sendWithETag } from './sendWithETag';

/** Adds the routes of what people do at the gates of runs. */
export function addGateRoutes(
  router: express.Router,
  options: {
    gates: GateService;
    passes: PassService;
    identify: (req: Request) => Promise<CallOptions>;
    audited: Audited;
  },
): void {
  const { gates, passes, identify, audited } = options;

  router.get('/v1/gates', async (req, res) => {
    const call = await identify(req);
    const [inbox, waiting] = await Promise.all([
      gates.listInbox(call),
      passes.listWaiting(call),
    ]);
    sendWithETag(req, res, { ...inbox, passes: waiting });
  });

  const add = <TBody extends object>(
    actionType: 'approve' | 'reject' | 'delegate' | 'open',
    parse: (body: unknown) => TBody,
    act: (id: string, body: TBody, call: CallOptions) => Promise<RunSummary>,
  ) =>
    router.post(
      `/v1/gates/:id/${actionType}`,
      async (req: Request, res: Response) => {
        const run = await audited(
          req,
          {
            eventId: runsAuditEvents.runGate,
            severityLevel: 'medium',
            meta: { actionType, gate: req.params.id },
          },
          async () => {
            const call = await identify(req);
            const { id } = parseInput(gatePath, req.params);
            const body = parse(req.body);
            const result = await act(id, body, call);
            const { entityRef, environment } = result;
            const meta = {
              ...(body as JsonObject),
              run: result.id,
              number: result.number,
              entityRef,
              environment,
            };
            return { result, meta };
          },
        );
        res.json(run);
      },
    );

  add(
    'approve',
    body => parseInput(approveBody, body),
    (id, body, call) => gates.approve(id, body, call),
  );
  add(
    'reject',
    body => parseInput(rejectBody, body),
    (id, body, call) => gates.reject(id, body, call),
  );
  add(
    'delegate',
    body => parseInput(delegateBody, body),
    (id, body, call) => gates.delegate(id, body, call),
  );
  add(
    'open',
    body => parseInput(emptyBody, body) ?? {},
    (id, _body, call) => gates.open(id, call),
  );
}
