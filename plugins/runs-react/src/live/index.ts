export type { LiveState } from './useLiveQuery';
