export { useEntityRuns } from './useEntityRuns';
export { useRun } from './useRun';
export { useRunList } from './useRunList';
