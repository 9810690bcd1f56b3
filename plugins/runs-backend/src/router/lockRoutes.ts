import { JsonObject } from '@backstage/types';
import {
  Lock,
  runsAuditEvents,
} from '@switchyard/backstage-plugin-runs-common';
import express, { Request, Response } from 'express';
import { CallOptions, LockChange, LockService } from '../service/types';
import { Audited } from './audited';
import {
  calendarQuery,
  extendBody,
  lockBody,
  lockPath,
  lockQuery,
  releaseBody,
  transferBody,
} from './lockSchemas';
import { parseInput } from './schemas';
import { sendWithETag } from './sendWithETag';

/** Adds the routes of locks, warnings and freezes. */
export function addLockRoutes(
  router: express.Router,
  options: {
    locks: LockService;
    identify: (req: Request) => Promise<CallOptions>;
    audited: Audited;
  },
): void {
  const { locks, identify, audited } = options;

  router.get('/v1/locks', async (req, res) => {
    const call = await identify(req);
    sendWithETag(req, res, {
      items: await locks.listLocks(parseInput(lockQuery, req.query), call),
    });
  });

  router.get('/v1/lock-calendar', async (req, res) => {
    const call = await identify(req);
    sendWithETag(
      req,
      res,
      await locks.getCalendar(parseInput(calendarQuery, req.query), call),
    );
  });

  router.get('/v1/lock-places', async (req, res) => {
    sendWithETag(req, res, await locks.listPlaces(await identify(req)));
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
        const result = await locks.createLock(
          parseInput(lockBody, req.body),
          call,
        );
        return { result, meta: { lock: result.id, ...describe(result) } };
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
        const body = parseInput(releaseBody, req.body);
        const result = await locks.releaseLock(
          parseInput(lockPath, req.params).id,
          body,
          call,
        );
        return {
          result,
          meta: {
            ...describe(result),
            holder: result.holder,
            createdBy: result.createdBy,
            ...(body.reason !== undefined && { releaseReason: body.reason }),
          },
        };
      },
    );
    res.json(lock);
  });

  const addChange = <TBody extends { reason?: string }>(
    verb: 'extend' | 'transfer',
    eventId: string,
    parse: (body: unknown) => TBody,
    act: (id: string, body: TBody, call: CallOptions) => Promise<LockChange>,
  ) =>
    router.post(
      `/v1/locks/:id/${verb}`,
      async (req: Request, res: Response) => {
        const lock = await audited(
          req,
          {
            eventId,
            severityLevel: 'medium',
            meta: { actionType: verb, lock: req.params.id },
          },
          async () => {
            const call = await identify(req);
            const body = parse(req.body);
            const { before, after } = await act(
              parseInput(lockPath, req.params).id,
              body,
              call,
            );
            return {
              result: after,
              meta: {
                ...describe(after),
                before: ownOf(before),
                after: ownOf(after),
                ...(body.reason !== undefined && { changeReason: body.reason }),
              },
            };
          },
        );
        res.json(lock);
      },
    );
  addChange(
    'extend',
    runsAuditEvents.lockExtend,
    body => parseInput(extendBody, body),
    (id, body, call) => locks.extendLock(id, body, call),
  );
  addChange(
    'transfer',
    runsAuditEvents.lockTransfer,
    body => parseInput(transferBody, body),
    (id, body, call) => locks.transferLock(id, body, call),
  );
}

/** What the verbs change. */
function ownOf({ holder, expiresAt }: Lock): JsonObject {
  return { holder, expiresAt: expiresAt ?? 'when it is released' };
}

/** What a lock binds, and why, for the audit trail. */
function describe(lock: Lock): JsonObject {
  const { scope, kind, entityRef, cluster, environment, reason } = lock;
  return {
    scope,
    kind,
    ...(entityRef !== undefined && { entityRef }),
    ...(cluster !== undefined && { cluster }),
    environment: environment ?? '*',
    reason,
    ...(lock.expiresAt !== undefined && { expiresAt: lock.expiresAt }),
  };
}
