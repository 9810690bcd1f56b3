export { startClusters } from './startClusters';
export type { WorldClusters, WorldClustersOptions } from './startClusters';
export { LiveClock, SteppedClock } from './clock';
export type { WorldClock } from './clock';
export { Ledger } from './Ledger';
export type { MigrationRun } from './Ledger';
export type { PullAnswer, PullImage } from './images';
export type { ClusterUserName } from './clusterAccess';
