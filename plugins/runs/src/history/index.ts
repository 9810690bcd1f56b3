export {
  historyApiRef,
  type AuditTrailFilter,
  type HistoryApi,
} from './HistoryApi';
export { HistoryClient } from './HistoryClient';
