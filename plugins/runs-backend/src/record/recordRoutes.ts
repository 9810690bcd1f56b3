import {
  runsAuditEvents,
  toCsvLine,
} from '@switchyard/backstage-plugin-runs-common';
import { InputError } from '@backstage/errors';
import express, { Request } from 'express';
import { z } from 'zod';
import { Audited } from '../router/audited';
import { parseInput, recordQuery } from '../router/schemas';
import { sendFile } from '../router/sendFile';
import { sendWithETag } from '../router/sendWithETag';
import { CallOptions } from '../service/types';
import { RecordQuestion, RecordService } from './RecordService';
import { RecordedRun } from './RecordStore';

const DEFAULT_DAYS = 90;
const DAY_MS = 24 * 60 * 60_000;

/** Adds the routes of the record: numbers, and the runs behind them as a file. */
export function addRecordRoutes(
  router: express.Router,
  options: {
    record: RecordService;
    identify: (req: Request) => Promise<CallOptions>;
    audited: Audited;
  },
): void {
  const { record, identify, audited } = options;

  router.get('/v1/record', async (req, res) => {
    const call = await identify(req);
    const question = toQuestion(parseInput(recordQuery, req.query));
    // Where nobody says until when, the period moves on with every call.
    sendWithETag(req, res, await record.report(question, call), [
      'asOf',
      'from',
      'to',
    ]);
  });

  router.get('/v1/record/export', async (req, res) => {
    const pieces = await audited(
      req,
      {
        eventId: runsAuditEvents.recordExport,
        severityLevel: 'low',
        meta: { queryType: 'export' },
      },
      async () => {
        const call = await identify(req);
        const question = toQuestion(parseInput(recordQuery, req.query));
        return { result: await record.export(question, call) };
      },
    );
    await sendFile(res, {
      name: 'switchyard-record.csv',
      type: 'text/csv; charset=utf-8',
      text: toCsv(pieces, run => record.savedMs(run)),
    });
  });
}

function toQuestion(query: z.output<typeof recordQuery>): RecordQuestion {
  const to = query.to ?? new Date();
  const from = query.from ?? new Date(to.getTime() - DEFAULT_DAYS * DAY_MS);
  if (from >= to) throw new InputError('from: must be before to');
  return { ...query, from, to };
}

async function* toCsv(
  pieces: AsyncIterable<RecordedRun[]>,
  savedMs: (run: RecordedRun) => number,
) {
  yield toCsvLine([
    'run',
    'run_id',
    'what',
    'entity',
    'environment',
    'action',
    'outcome',
    'asked_for_by',
    'asked_for_at',
    'started_at',
    'finished_at',
    'duration_s',
    'committed_at',
    'lead_s',
    'saved_s',
  ]);
  for await (const piece of pieces)
    yield piece
      .map(run =>
        toCsvLine([
          run.number,
          run.id,
          run.title,
          run.entityRef,
          run.environment,
          run.action,
          run.outcome,
          run.requestedBy,
          run.requestedAt.toISOString(),
          run.startedAt?.toISOString(),
          run.finishedAt.toISOString(),
          seconds(run.startedAt, run.finishedAt),
          run.committedAt?.toISOString(),
          seconds(run.committedAt, run.finishedAt),
          Math.round(savedMs(run) / 1000),
        ]),
      )
      .join('');
}

function seconds(from: Date | undefined, to: Date): number | undefined {
  return from && Math.round((to.getTime() - from.getTime()) / 1000);
}
