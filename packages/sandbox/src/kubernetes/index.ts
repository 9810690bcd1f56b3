export * from './types';
export { ApiError } from './ApiError';
export { createCluster } from './createCluster';
export type { ClusterOptions, SandboxCluster } from './cluster';
export { ClusterFaults } from './ClusterFaults';
export type { ClusterFaultState } from './ClusterFaults';
