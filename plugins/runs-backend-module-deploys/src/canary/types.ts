import { WorkloadId } from '../workloads/types';

/** Input of a `continue-canary` step. */
export type ContinueStepInput = {
  /** The Job at which Argo CD waits. */
  workload: WorkloadId;
  /** Of the very Job that was shown: each sync makes another. */
  uid: string;
};
