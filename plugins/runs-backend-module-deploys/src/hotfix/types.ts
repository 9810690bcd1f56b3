import { ApplicationId } from '../operations/applicationTargets';

/** Input of a hotfix. */
export type HotfixInput = {
  /** As people say it, without the prefix that a shared repository gives each service. */
  version: string;
};

/** A place that a commit changes, with what stood there when the plan was made. */
export type PlannedPlace = {
  id: string;
  what: string;
  /** Its tag and digest: `v1`, `v1@sha256:…` or `@sha256:…`; null where there was neither. */
  before: string | null;
};

/** What a commit changes in one file. */
export type PlannedEdit = {
  file: string;
  /** A `WantedImage`. */
  wanted: { repository: string; tagPrefix: string };
  /** The whole new tag. */
  tag: string;
  /** What the registry said the tag was; there where a place is pinned by digest. */
  digest?: string;
  places: PlannedPlace[];
};

/** Input of a `commit` step. */
export type CommitStepInput = {
  repoUrl: string;
  branch: string;
  /** Head of the branch when the plan was made: an earlier attempt's commit is searched from there on. */
  parent: string;
  subject: string;
  edits: PlannedEdit[];
  /** The config says that the branch is changed by pull request: no push is tried. */
  byPullRequest?: true;
};

/** Output of a `commit` step. */
export type CommitStepOutput = {
  /** The commit that holds the change: ours, or the head that held it already. */
  commit: string;
  /** False when nothing had to be changed. */
  created: boolean;
};

/** Input of a `check` step. */
export type CheckStepInput = {
  repositories: Array<{ repoUrl: string; branch: string }>;
};

/** Names an Application and which of its sources carries the change. */
export type PlannedApplication = ApplicationId & {
  repoUrl: string;
  branch: string;
  /** Id of the step whose commit it must get. */
  commitStep: string;
};

/** Input of a `sync` step. */
export type SyncStepInput = {
  application: PlannedApplication;
  /** Of the fleet; null where the destination is none. */
  cluster: string | null;
};

/** Output of a `sync` step. */
export type SyncStepOutput = {
  /** Revision that was synced; contains the commit. */
  revision: string;
  /** How it was found out, for people. */
  evidence: string;
  /** Who started it: `automated`, an account, or null where no operation was needed. */
  initiatedBy: string | null;
  /** ISO time; null where no operation was needed. */
  finishedAt: string | null;
  migration: { state: string; text: string };
};

/** Something that runs the image. */
export type PlannedObject = {
  kind: string;
  name: string;
  container: string;
  /** The whole image it is to run. */
  image: string;
};

/** Input of a `rollout` step. */
export type RolloutStepInput = {
  application: PlannedApplication;
  cluster: string | null;
  /** Of the Application's destination; null where manifests say it themselves. */
  namespace: string | null;
  syncStep: string;
  objects: PlannedObject[];
};
