/** Names a workload in a plan. */
export type WorkloadId = {
  cluster: string;
  kind: string;
  namespace: string;
  name: string;
};

/** A workload as a person names it: what stands in more than one place needs more than its name. */
export type WantedWorkload = {
  kind?: string;
  name: string;
  namespace?: string;
  cluster?: string;
};

/** Input of a restart. */
export type RestartInput = {
  /** All of the target where none is given. */
  workloads?: WantedWorkload[];
};

/** Input of a `restart` step. */
export type RestartStepInput = { workload: WorkloadId };

/** Input of a change of size. */
export type ScaleInput = { replicas: number; workloads?: WantedWorkload[] };

/** Input of a `scale` step. */
export type ScaleStepInput = {
  workload: WorkloadId;
  /** What the plan has shown. */
  before: number;
  replicas: number;
};

/** Output of a step that has changed a workload. */
export type ChangedOutput = {
  uid: string;
  /** Count of changes of the spec, at least: what is younger has seen the change. */
  generation: number;
  /** It was so already: this run has sent nothing. */
  found?: boolean;
};

/** Input of a `ready` step. */
export type ReadyStepInput = {
  workload: WorkloadId;
  /** Step with a {@link ChangedOutput} that it comes after. */
  after: string;
  /** Wanted number of pods, where that is what was changed. */
  replicas?: number;
};
