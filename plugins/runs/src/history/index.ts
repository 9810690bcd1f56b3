export {
  historyApiRef,
  type AuditTrailFilter,
  type HistoryApi,
  type RecordFilter,
} from './HistoryApi';
export { HistoryClient } from './HistoryClient';
