/** A pull request as far as a run needs it. GitLab calls it a merge request. */
export interface PullRequest {
  number: number;
  /** As the forge writes it: `#12`, or `!12`. */
  name: string;
  /** Its page. */
  url: string;
  state: 'open' | 'merged' | 'closed';
  /** The commit with which it came into the branch: of a squash or rebase not the one that was pushed. Only of a merged one. */
  mergeCommit?: string;
  /** Who merged or closed it, where the forge tells. */
  by?: string;
  /** What stands in the way of a merge, for people; empty where it waits for nobody but who merges it. */
  obstacles: string[];
}

/** From which branch into which. */
export interface PullRequestBranches {
  from: string;
  into: string;
}

interface Cancellable {
  signal: AbortSignal;
}

/**
 * Pull requests of one repository, by the forge's API. Every method throws `GitError`, and what the signal says when that is aborted.
 */
export interface PullRequests {
  /** What the forge calls them: `pull request`. */
  readonly noun: string;
  /** The newest between two branches, whatever has become of it. */
  findNewest(
    branches: PullRequestBranches,
    options: Cancellable,
  ): Promise<PullRequest | undefined>;
  /**
   * Opens one. The forge refuses a second one between the same branches while one is open.
   *
   * @throws GitError with `outcome-unknown` when the answer was lost, `invalid` with the forge's words when it does not want it
   */
  open(
    request: PullRequestBranches & { title: string; description: string },
    options: Cancellable,
  ): Promise<PullRequest>;
  read(number: number, options: Cancellable): Promise<PullRequest>;
  /** Closes it without a merge. One that was merged meanwhile stays so: read it again. */
  close(number: number, options: Cancellable): Promise<void>;
}

/** Finds the pull requests of the repositories that Applications name. */
export interface Forges {
  /** Undefined where none is configured whose API is known. */
  find(repoUrl: string): PullRequests | undefined;
}
