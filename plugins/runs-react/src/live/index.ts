export type { LiveQueryOptions } from './LiveQuery';
export { useLiveQuery, type LiveState } from './useLiveQuery';
