import { WorkloadId } from '../workloads/types';

/** A container that gets another image. */
export type PlannedContainer = {
  name: string;
  /** The whole image that the plan has shown. */
  before: string;
  /** The whole image that it is to run. */
  after: string;
};

/** Input of a `set-image` step. */
export type SetImageStepInput = {
  workload: WorkloadId;
  containers: PlannedContainer[];
};

/** Input of an `image-rollout` step. */
export type ImageRolloutStepInput = SetImageStepInput & {
  /** Step that sets the image. */
  after: string;
};
