import {
  AuditEntry,
  runsAuditEvents,
  toCsvLine,
} from '@switchyard/backstage-plugin-runs-common';
import express, { Request } from 'express';
import { z } from 'zod';
import { Audited } from '../router/audited';
import { auditQuery, parseInput } from '../router/schemas';
import { sendFile } from '../router/sendFile';
import { sendWithETag } from '../router/sendWithETag';
import { CallOptions } from '../service/types';
import { AuditService } from './AuditService';
import { AuditFilter } from './AuditStore';

const exportQuery = auditQuery.extend({
  format: z.enum(['csv', 'json']).default('csv'),
});

/** Adds the routes of the audit trail: a page of it, and all of it as a file. */
export function addAuditRoutes(
  router: express.Router,
  options: {
    audit: AuditService;
    identify: (req: Request) => Promise<CallOptions>;
    audited: Audited;
  },
): void {
  const { audit, identify, audited } = options;

  router.get('/v1/audit', async (req, res) => {
    const call = await identify(req);
    const { limit, cursor, ...query } = parseInput(auditQuery, req.query);
    const filter = toFilter(query);
    sendWithETag(req, res, await audit.list({ filter, limit, cursor }, call));
  });

  router.get('/v1/audit/export', async (req, res) => {
    const { format, pieces } = await audited(
      req,
      {
        eventId: runsAuditEvents.auditExport,
        severityLevel: 'medium',
        meta: { queryType: 'export' },
      },
      async () => {
        const call = await identify(req);
        const query = parseInput(exportQuery, req.query);
        const result = {
          format: query.format,
          pieces: await audit.export(toFilter(query), call),
        };
        return { result, meta: { format: query.format } };
      },
    );
    await sendFile(res, {
      name: `switchyard-audit.${format}`,
      type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json',
      text: format === 'csv' ? toCsv(pieces) : toJson(pieces),
    });
  });
}

function toFilter(
  query: Omit<z.output<typeof auditQuery>, 'limit' | 'cursor'>,
): AuditFilter {
  const { entityRef, environment, person, event, run, from, to } = query;
  return {
    entityRef,
    environment,
    actor: person,
    events: event,
    run,
    from,
    to,
  };
}

const columns: ReadonlyArray<{
  title: string;
  value(entry: AuditEntry): string | number | undefined;
}> = [
  { title: 'at', value: entry => entry.at },
  { title: 'who', value: entry => entry.actor },
  { title: 'event', value: entry => entry.event },
  { title: 'entity', value: entry => entry.entityRef },
  { title: 'environment', value: entry => entry.environment },
  { title: 'action', value: entry => entry.action },
  { title: 'what', value: entry => entry.what },
  { title: 'before', value: entry => entry.before },
  { title: 'after', value: entry => entry.after },
  { title: 'why', value: entry => entry.reason },
  { title: 'run', value: entry => entry.run?.number },
  { title: 'run_id', value: entry => entry.run?.id },
  {
    title: 'details',
    value: entry => entry.details && JSON.stringify(entry.details),
  },
];

async function* toCsv(pieces: AsyncIterable<AuditEntry[]>) {
  yield toCsvLine(columns.map(({ title }) => title));
  for await (const piece of pieces)
    yield piece
      .map(entry => toCsvLine(columns.map(({ value }) => value(entry))))
      .join('');
}

async function* toJson(pieces: AsyncIterable<AuditEntry[]>) {
  let separator = '[\n';
  for await (const piece of pieces) {
    if (piece.length === 0) continue;
    yield separator + piece.map(entry => JSON.stringify(entry)).join(',\n');
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}
