import {
  AuditorService,
  AuditorServiceEventSeverityLevel,
} from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { JsonObject } from '@backstage/types';
import { Request } from 'express';

/** Does the work of a request, and tells the auditor of it: of every write, and of every attempt at one. */
export type Audited = <T>(
  req: Request,
  event: {
    eventId: string;
    severityLevel: AuditorServiceEventSeverityLevel;
    meta: JsonObject;
  },
  work: () => Promise<{ result: T; meta?: JsonObject }>,
) => Promise<T>;

export function createAudited(auditor: AuditorService): Audited {
  return async (req, event, work) => {
    const auditEvent = await auditor.createEvent({ ...event, request: req });
    try {
      const { result, meta } = await work();
      await auditEvent.success({ meta });
      return result;
    } catch (error) {
      await auditEvent.fail({ error: toError(error) });
      throw error;
    }
  };
}
