import { ApplicationId } from '../operations/applicationTargets';

/** One resource of an Application, as Argo CD names it. */
export type SyncResource = {
  /** Empty for the core group. */
  group: string;
  kind: string;
  namespace?: string;
  name: string;
};

/** Input of a sync. */
export type SyncInput = {
  /** Names of Applications. All of the target where none is given. */
  applications?: string[];
  /** Only these resources, of the Applications that have them. */
  resources?: SyncResource[];
  /** Deletes what Git no longer has. */
  prune?: boolean;
  /** Deletes and creates again what cannot be changed in place. */
  force?: boolean;
  /** Makes Argo CD look at Git first; `hard` renders the manifests anew. */
  refresh?: 'normal' | 'hard';
};

/** Input of a `request-sync` step. */
export type RequestSyncInput = {
  application: ApplicationId;
  /** Of the fleet; null where the destination is none. */
  cluster: string | null;
  resources: SyncResource[] | null;
  prune: boolean;
  force: boolean;
  refresh: 'normal' | 'hard' | null;
};

/** Output of a step that has asked Argo CD for an operation. */
export type OperationOutput = {
  /** What was synced; null where Argo CD does not say. */
  revision: string | null;
  /** How it was found out, for people. */
  evidence: string;
  /** An account, or null. */
  initiatedBy: string | null;
  /** ISO time. */
  finishedAt: string | null;
  migration: { state: string; text: string };
};

/** Input of a `settle` step. */
export type SettleInput = {
  application: ApplicationId;
  cluster: string | null;
  /** Step with an {@link OperationOutput} that it comes after. */
  after: string;
  /** What runs and has to be well again. */
  workloads: PlannedWorkload[];
};

export type PlannedWorkload = { kind: string; namespace: string; name: string };
