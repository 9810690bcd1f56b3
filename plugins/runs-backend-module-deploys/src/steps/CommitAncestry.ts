import { GitRepository } from '../git';

/** An answer that a revision does not hold the commit is believed for this long: one replica of a Git server may not know it yet. */
const DOUBT_AFTER_MS = 15_000;

/**
 * Remembers which revisions hold a commit. That they do never changes.
 */
export class CommitAncestry {
  readonly #options: {
    repository: GitRepository;
    branch: string;
    commit: string;
    signal: AbortSignal;
  };
  readonly #known = new Map<string, { contains: boolean; at: number }>();

  static create(options: {
    repository: GitRepository;
    branch: string;
    commit: string;
    signal: AbortSignal;
  }): CommitAncestry {
    return new CommitAncestry(options);
  }

  private constructor(options: {
    repository: GitRepository;
    branch: string;
    commit: string;
    signal: AbortSignal;
  }) {
    this.#options = options;
  }

  /** Whether the revision equals the commit or descends from it. */
  async isIn(revision: string): Promise<boolean> {
    const known = this.#known.get(revision);
    if (known && (known.contains || Date.now() - known.at < DOUBT_AFTER_MS))
      return known.contains;
    const { repository, branch, commit, signal } = this.#options;
    const contains = await repository.contains({
      branch,
      revision,
      commit,
      signal,
    });
    this.#known.set(revision, { contains, at: Date.now() });
    return contains;
  }
}
