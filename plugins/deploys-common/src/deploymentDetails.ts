/**
 * What opens below a line of the Deploy card: each part is an answer of its own, below
 * `/v1/entities/:kind/:namespace/:name/deployments/:id`, read when somebody looks.
 */

/** What became of one resource in a sync. @public */
export interface SyncedResource {
  group: string;
  kind: string;
  namespace: string;
  name: string;
  /** Synced, SyncFailed, Pruned or PruneSkipped; of a hook its phase. */
  status: string;
  message?: string;
  /** PreSync, Sync, PostSync or SyncFail; only of hooks. */
  hook?: string;
}

/** The last operation of Argo CD on an Application, under way or over. @public */
export interface OperationDetails {
  /** Pending until Argo CD's controller begins. */
  phase: string;
  /** What is happening, or has, in plain words. */
  text: string;
  /** Argo CD's own words. */
  message?: string;
  startedAt?: string;
  finishedAt?: string;
  retryCount?: number;
  kind: 'sync' | 'partial-sync' | 'dry-run' | 'rollback';
  /** One for each source. */
  revisions: string[];
  by: {
    /** The person or account; undefined for what Argo CD did by itself. */
    name?: string;
    automated: boolean;
    /** The run of Switchyard that asked for it. */
    run?: { id: string; requestedBy?: string };
  };
  /** What else whoever asked wrote down. */
  infos: Array<{ name: string; value: string }>;
  /** What failed first, then what is under way. */
  resources: SyncedResource[];
  /** How many more there are. */
  moreResources: number;
}

/** One source of an Application, with what it is at. @public */
export interface SourceDetails {
  /** Without user and password, should the address hold any. */
  repository: string;
  path?: string;
  chart?: string;
  ref?: string;
  targetRevision?: string;
  /** What was compared last. */
  revision?: string;
}

/** Another Application, or what makes Applications. @public */
export interface RelatedApplication {
  kind: 'Application' | 'ApplicationSet';
  name: string;
  namespace?: string;
  sync?: string;
  health?: string;
  url?: string;
}

/** What Argo CD says about one deployment, beyond its line. @public */
export interface DeploymentDetails {
  operation?: OperationDetails;
  /** Who starts a sync, in words. */
  syncPolicy: string;
  sources: SourceDetails[];
  conditions: Array<{
    type: string;
    message?: string;
    at?: string;
    severity: 'error' | 'warning';
  }>;
  /** What it is made by: an app of apps or an ApplicationSet. */
  parent?: RelatedApplication;
  /** Applications that it makes. */
  children: RelatedApplication[];
  /** Why parent, children and all messages are left out; ready to show. */
  withheld?: string;
  reconciledAt?: string;
}

/** A commit, as far as Argo CD tells. @public */
export interface CommitDetails {
  revision: string;
  author?: string;
  at?: string;
  /** Its first line stands first. */
  message?: string;
  /** Why it is not known. */
  problem?: string;
}

/** @public */
export interface DeploymentHistory {
  /** Newest first. Argo CD keeps ten unless told otherwise. */
  entries: Array<{
    id: number;
    deployedAt: string;
    /** How long the sync took. */
    seconds?: number;
    by?: string;
    automated: boolean;
    commits: CommitDetails[];
  }>;
}

/**
 * What a component can be rolled back to in an environment: the versions that Argo CD remembers, the last one first.
 *
 * @public
 */
export interface RollbackChoices {
  versions: Array<{
    version: string;
    /** Git names it everywhere in the environment now. */
    isNow: boolean;
    /** Names of Applications by which it never ran. */
    missingIn: string[];
    /** The newest by each Application. */
    deploys: PastDeployDetails[];
    /** All commits with which it was deployed. */
    revisions: string[];
  }>;
  /** What Argo CD itself can roll back to, where Git cannot be changed. */
  applications: Array<{
    application: string;
    cluster: string;
    /** Why Argo CD must not roll it back, ready to show. */
    refused?: string;
    /** The last one first; `id` is that of Argo CD's history. */
    deploys: Array<PastDeployDetails & { id: number }>;
  }>;
  /** Deploys of which it is not known what ran. */
  unknown: Array<PastDeployDetails & { why: string }>;
  /** What could not be looked at, ready to show. */
  problems: Array<{ what: string; why: string; ref?: string }>;
  /** No Application deploys what runs there: the image is set on the objects, and what ran is known from them. */
  isSetOnObjects?: true;
}

/** A deploy that Argo CD remembers, by one Application, or Kubernetes of one workload. @public */
export interface PastDeployDetails {
  /** The Application, or the workload where none deploys it. */
  application: string;
  cluster: string;
  deployedAt: string;
  by?: string;
  automated: boolean;
  revision?: string;
  commit?: { author: string; at: string; message: string };
}

/** @public */
export interface SyncWindowDetails {
  kind: 'allow' | 'deny';
  /** Why there is such a window, by whoever made it. */
  description?: string;
  schedule: string;
  duration: string;
  timeZone: string;
  manualSync: boolean;
  active: boolean;
  /** When it ends, while it is active. */
  until?: string;
  /** When it begins next. */
  next?: string;
}

/** @public */
export interface DeploymentWindows {
  /** Whether Argo CD lets it be synced by hand now. */
  canSync: boolean;
  /** In words, with the window that decides. */
  text: string;
  windows: SyncWindowDetails[];
  /** What cannot be told, and why. */
  problem?: string;
}

/** @public */
export interface TreeNode {
  group: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  /** Argo CD's word. */
  health?: string;
  message?: string;
  /** Only of what Git has. */
  sync?: string;
  createdAt?: string;
  images: string[];
  children: TreeNode[];
}

/** @public */
export interface DeploymentTree {
  /** What is unhealthy first. */
  roots: TreeNode[];
  /** How many more there are. */
  more: number;
}

/** @public */
export interface ResourceDiff {
  group: string;
  kind: string;
  namespace: string;
  name: string;
  change: 'changed' | 'created' | 'deleted';
  /** YAML of what is there; empty where it would be created. */
  live: string;
  /** YAML of what it would be after a sync; empty where it would be deleted. */
  desired: string;
  /** How many values are hidden. */
  masked: number;
  /** Too large to be shown: the manifests are left out. */
  tooLarge: boolean;
}

/** What a sync would change, by Argo CD's own comparison. @public */
export interface DeploymentDiff {
  resources: ResourceDiff[];
  /** How many are as Git wants them. */
  unchanged: number;
  /** How many differ and are left out. */
  more: number;
}
