import { WantedWorkload, WorkloadId } from '../workloads/types';

/** What can be asked of Argo Rollouts. */
export type RolloutVerb =
  | 'promote'
  | 'promote-full'
  | 'abort'
  | 'retry'
  | 'pause'
  | 'resume';

/** Where a Rollout stood when a person decided: what is asked of it rests on that. */
export type SeenRollout = {
  /** `status.currentPodHash`: the version that comes. */
  hash: string;
  /** Index of the step, where its place matters. */
  step?: number;
  /** When the pause began, letter for letter as Argo Rollouts wrote it. */
  since?: string;
  /** AnalysisRun of the step. */
  analysis?: string;
  /** When it was aborted, letter for letter. */
  abortedAt?: string;
};

/** Input of a promotion. */
export type PromoteInput = {
  /** Skips all steps, pauses and analyses. */
  full?: boolean;
  workloads?: WantedWorkload[];
};

/** Input of the other verbs. */
export type RolloutInput = {
  /** All of the target of which it can be asked, where none is given. */
  workloads?: WantedWorkload[];
};

/** Input of a `rollout-verb` step. */
export type RolloutVerbStepInput = {
  workload: WorkloadId;
  verb: RolloutVerb;
  seen: SeenRollout;
};

/** Input of a `rollout-reached` step. */
export type RolloutReachedStepInput = RolloutVerbStepInput & {
  /** Step that has asked. */
  after: string;
};
