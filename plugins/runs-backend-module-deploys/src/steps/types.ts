import { FleetService } from '@switchyard/fleet-node';
import { Forges, PullRequestPolicy } from '../forge';
import { CommitIdentity, GitClient } from '../git';

/** How long steps put up with what may pass by itself, in milliseconds. */
export interface Patience {
  /** An image that cannot be pulled, where the registry did not say that it does not exist. */
  imagePullMs: number;
  /** A pod for which there is no node: more may be on their way. */
  unschedulableMs: number;
  /** Restarts of a container after which it is said to crash. */
  restarts: number;
  /** A cluster or Argo CD that does not answer, and a sync that does not begin. 0.95 of a step's time by default. */
  shareOfTimeout: number;
  /** How often Argo CD is asked to look at Git again while nothing happens. */
  refreshEveryMs: number;
  /** A sync that was asked for and does not begin, before Argo CD is made to look. */
  beginMs: number;
  /** What changes without ringing is looked at this often. */
  lookEveryMs: number;
  /** A pull request that waits for people: how often the forge is asked at first, and at last. */
  pullRequestMs: { first: number; last: number };
}

export const DEFAULT_PATIENCE: Patience = {
  imagePullMs: 60_000,
  unschedulableMs: 180_000,
  restarts: 2,
  shareOfTimeout: 0.95,
  refreshEveryMs: 30_000,
  beginMs: 10_000,
  lookEveryMs: 1_000,
  pullRequestMs: { first: 5_000, last: 60_000 },
};

/** What the steps work with. */
export interface StepTools {
  fleet: FleetService;
  git: GitClient;
  identity: CommitIdentity;
  patience: Patience;
}

/** What steps work with besides that get commits into branches. */
export interface CommitTools extends StepTools {
  forges: Forges;
  pullRequests: PullRequestPolicy;
}
