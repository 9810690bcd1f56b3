import { AuditorService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { deploysAuditEvents } from '@switchyard/backstage-plugin-deploys-common';
import express, { Request, Response } from 'express';
import { parseInput } from '../parseInput';
import { entityParams, logsParams, mergedLogQuery } from '../requests';
import { CallOptions } from '../service/types';
import { streamLines } from '../streamLines';
import { sayWhyItEnds } from './sayWhyItEnds';
import { PodService } from './types';

const ENTITY = '/v1/entities/:kind/:namespace/:name';

/** Adds what is asked about pods beside the state: logs of workloads, events, metrics. */
export function addPodRoutes(
  router: express.Router,
  options: {
    auditor: AuditorService;
    pods: PodService;
    optionsOf(req: Request, res: Response): Promise<CallOptions>;
  },
): void {
  const { auditor, pods, optionsOf } = options;

  router.get(`${ENTITY}/metrics`, async (req, res) => {
    const call = await optionsOf(req, res);
    const entityRef = parseInput(entityParams, req.params);
    res.json(await pods.readMetrics({ entityRef }, call));
  });

  router.get(
    `${ENTITY}/pods/:cluster/:podNamespace/:pod/events`,
    async (req, res) => {
      const call = await optionsOf(req, res);
      const { cluster, podNamespace, pod, ...entityRef } = parseInput(
        logsParams,
        req.params,
      );
      res.json(
        await pods.listEvents(
          { entityRef, cluster, namespace: podNamespace, pod },
          call,
        ),
      );
    },
  );

  router.get(`${ENTITY}/logs`, async (req, res) => {
    const { kind, namespace, name } = req.params;
    const { query } = req;
    const event = await auditor.createEvent({
      eventId: deploysAuditEvents.logsRead,
      severityLevel: 'medium',
      request: req,
      meta: {
        queryType: 'workload-log',
        entityRef: `${kind}:${namespace}/${name}`,
        cluster: String(query.cluster),
        namespace: String(query.namespace),
        workload: String(query.workload),
      },
    });
    let lines;
    let call;
    try {
      call = await optionsOf(req, res);
      const entityRef = parseInput(entityParams, req.params);
      const { tail, since, workload, ...how } = parseInput(
        mergedLogQuery,
        query,
      );
      lines = await pods.openMergedLog(
        {
          entityRef,
          ...how,
          workload,
          timestamps: true,
          tailLines: tail,
          sinceSeconds: since,
        },
        call,
      );
      const { pods: named, container, previous, follow } = how;
      // Now, not at its end: one that is followed may last long.
      await event.success({
        meta: { pods: named, container, previous, follow },
      });
    } catch (error) {
      await event.fail({ error: toError(error) });
      throw error;
    }
    await streamLines(
      sayWhyItEnds(lines),
      res,
      call.signal,
      'application/x-ndjson',
    );
  });
}
