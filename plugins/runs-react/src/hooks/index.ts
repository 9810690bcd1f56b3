export { useChanged } from './useChanged';
export { useEntityRuns } from './useEntityRuns';
export { useEnvironments } from './useEnvironments';
export { useEnvironmentTitle } from './useEnvironmentTitle';
export { useGateInbox } from './useGateInbox';
export { useLocks, type LocksOverview } from './useLocks';
export { useNow } from './useNow';
export { useRun } from './useRun';
export { useRunList } from './useRunList';
