import express, { Request } from 'express';
import { EvidenceService } from '../service/EvidenceService';
import { LogService } from '../service/LogService';
import { CallOptions } from '../service/types';
import { parseInput, runPath, stepPath } from './schemas';
import { sendWithETag } from './sendWithETag';

/** Adds the routes by which people find out what a run has said, and how the world stands. */
export function addFindingRoutes(
  router: express.Router,
  options: {
    evidence: EvidenceService;
    logs: LogService;
    identify: (req: Request) => Promise<CallOptions>;
  },
): void {
  const { evidence, logs, identify } = options;

  router.get('/v1/runs/:id/steps/:stepId/log', async (req, res) => {
    const call = await identify(req);
    const { id, stepId } = parseInput(stepPath, req.params);
    sendWithETag(req, res, { items: await logs.getStepLog(id, stepId, call) });
  });

  router.get('/v1/runs/:id/log', async (req, res) => {
    const call = await identify(req);
    const { id } = parseInput(runPath, req.params);
    const { fileName, text } = await logs.getRunLog(id, call);
    res.attachment(fileName);
    // `attachment` takes the type from the name of the file, which says less.
    res.type('text/plain');
    // Step by step: the whole may be long.
    for await (const part of text) {
      if (res.destroyed) return;
      res.write(part);
    }
    res.end();
  });

  router.get('/v1/runs/:id/evidence', async (req, res) => {
    const call = await identify(req);
    const { id } = parseInput(runPath, req.params);
    res.json(await evidence.getEvidence(id, call));
  });
}
