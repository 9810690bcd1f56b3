import { createApiRef } from '@backstage/core-plugin-api';
import {
  AuditPage,
  RecordReport,
} from '@switchyard/backstage-plugin-runs-common';

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
 * Which runs the record counts. Without a field, it does not restrict.
 *
 * @public
 */
export interface RecordFilter {
  entityRef?: string;
  /** Entity ref of a system. */
  system?: string;
  /** Entity ref of a group that owns. */
  team?: string;
  environment?: string;
  action?: string;
  /** ISO time. */
  from?: string;
  /** ISO time, not included. */
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
  /** How runs went that have ended. */
  readRecord(filter: RecordFilter): Promise<RecordReport>;
  /** The runs behind the numbers, as the text of a CSV file. */
  exportRecord(filter: RecordFilter): Promise<string>;
}

/**
 * Ref of {@link HistoryApi}.
 *
 * @public
 */
export const historyApiRef = createApiRef<HistoryApi>({
  id: 'plugin.runs.history',
});
