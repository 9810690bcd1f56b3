import { createApiRef } from '@backstage/core-plugin-api';
import { AuditPage } from '@switchyard/backstage-plugin-runs-common';

/**
 * Which entries of the audit trail to read. Without a field, it does not restrict.
 *
 * @public
 */
export interface AuditTrailFilter {
  entityRef?: string;
  environment?: string;
  /** User entity ref. */
  person?: string;
  event?: string;
  /** Number of a run. */
  run?: string;
  /** ISO time: it happened then or later. */
  from?: string;
  /** ISO time: it happened before. */
  to?: string;
}

/**
 * What has happened, as the runs backend tells it. Every method rejects with a `ResponseError` that carries the status and the reason.
 *
 * @public
 */
export interface HistoryApi {
  /** A page of the audit trail, newest first. */
  listAudit(
    filter: AuditTrailFilter,
    page?: { cursor?: string },
  ): Promise<AuditPage>;
  /** All of it, as the text of a file. */
  exportAudit(
    filter: AuditTrailFilter,
    format: 'csv' | 'json',
  ): Promise<string>;
}

/**
 * Ref of {@link HistoryApi}.
 *
 * @public
 */
export const historyApiRef = createApiRef<HistoryApi>({
  id: 'plugin.runs.history',
});
