import { AuditorService, HttpAuthService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { deploysAuditEvents } from '@switchyard/backstage-plugin-deploys-common';
import express, { Request, Response } from 'express';
import Router from 'express-promise-router';
import { z } from 'zod';
import { parseInput } from '../parseInput';
import { kubernetesName, logsParams } from '../requests';
import { closeSignal } from '../closeSignal';
import { TerminalService } from './TerminalService';

const MAX_REASON_LENGTH = 500;
const MAX_ARGUMENT_LENGTH = 200;
const MAX_ARGUMENTS = 20;

const wanted = z.object({
  container: kubernetesName.optional(),
  reason: z.string().max(MAX_REASON_LENGTH).optional(),
});
const ticketBody = z.discriminatedUnion('kind', [
  wanted.extend({
    kind: z.literal('terminal'),
    shell: z.string().max(MAX_ARGUMENT_LENGTH).optional(),
  }),
  wanted.extend({
    kind: z.literal('command'),
    command: z.string().max(MAX_ARGUMENT_LENGTH),
    arguments: z
      .record(
        z.string().max(MAX_ARGUMENT_LENGTH),
        z.string().max(MAX_ARGUMENT_LENGTH),
      )
      .refine(values => Object.keys(values).length <= MAX_ARGUMENTS)
      .optional(),
  }),
]);

/** HTTP of terminals and commands; what follows goes over a web socket. */
export function createTerminalRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  terminals: TerminalService;
}): express.Router {
  const { auditor, httpAuth, terminals } = options;
  const router = Router();
  const personOf = async (req: Request, res: Response) => ({
    // A session is a person's: no service opens one.
    credentials: await httpAuth.credentials(req, { allow: ['user'] }),
    signal: closeSignal(res),
  });

  router.get('/v1/terminal-options', async (req, res) => {
    res.json(await terminals.getOptions(await personOf(req, res)));
  });

  router.post(
    '/v1/entities/:kind/:namespace/:name/pods/:cluster/:podNamespace/:pod/terminal-tickets',
    express.json({ limit: '16kb' }),
    async (req, res) => {
      const { kind, namespace, name, ...place } = req.params;
      const event = await auditor.createEvent({
        eventId: deploysAuditEvents.terminalTicket,
        severityLevel: 'medium',
        request: req,
        meta: {
          entityRef: `${kind}:${namespace}/${name}`,
          cluster: place.cluster,
          namespace: place.podNamespace,
          pod: place.pod,
        },
      });
      try {
        const person = await personOf(req, res);
        const { cluster, podNamespace, pod, ...entityRef } = parseInput(
          logsParams,
          req.params,
        );
        const body = parseInput(ticketBody, req.body);
        const ticket = await terminals.issueTicket(
          { entityRef, cluster, namespace: podNamespace, pod },
          body,
          person,
        );
        await event.success({
          meta: {
            actionType: body.kind,
            container: ticket.container,
            ...(body.reason && { reason: body.reason }),
            ...(body.kind === 'command' && {
              command: body.command,
              arguments: body.arguments ?? {},
            }),
          },
        });
        res.set('Cache-Control', 'no-store');
        res.status(201).json(ticket);
      } catch (error) {
        await event.fail({ error: toError(error) });
        throw error;
      }
    },
  );

  return router;
}
