import { GitError } from '../git';
import { ForgeApi } from './ForgeApi';
import { PullRequest, PullRequestBranches, PullRequests } from './types';

interface Cancellable {
  signal: AbortSignal;
}

/** As `GET /repos/{owner}/{repo}/pulls/{number}` answers; lists leave out what is optional here. */
interface Pull {
  number: number;
  html_url: string;
  state: 'open' | 'closed';
  draft?: boolean;
  merged?: boolean;
  merged_at: string | null;
  merge_commit_sha: string | null;
  merged_by?: { login: string } | null;
  /** Null while GitHub is finding out. */
  mergeable?: boolean | null;
  mergeable_state?: string;
  head: { sha: string };
  base: { ref: string };
}

const FAILED_CONCLUSIONS = new Set([
  'failure',
  'timed_out',
  'cancelled',
  'action_required',
  'startup_failure',
]);
const MAX_NAMED_CHECKS = 5;

/** {@link PullRequests} of GitHub, by its REST API. */
export class GitHubPullRequests implements PullRequests {
  readonly noun = 'pull request';
  readonly #api: ForgeApi;
  readonly #owner: string;

  static create(options: {
    api: ForgeApi;
    /** Of the repository: its branches are named by it. */
    owner: string;
  }): GitHubPullRequests {
    return new GitHubPullRequests(options.api, options.owner);
  }

  private constructor(api: ForgeApi, owner: string) {
    this.#api = api;
    this.#owner = owner;
  }

  async findNewest(
    { from, into }: PullRequestBranches,
    options: Cancellable,
  ): Promise<PullRequest | undefined> {
    const query = new URLSearchParams({
      head: `${this.#owner}:${from}`,
      base: into,
      state: 'all',
      sort: 'created',
      direction: 'desc',
      per_page: '1',
    });
    const [newest] = (await this.#api.get(
      `/pulls?${query}`,
      options,
    )) as unknown as Pull[];
    return newest && this.read(newest.number, options);
  }

  async open(
    request: PullRequestBranches & { title: string; description: string },
    options: Cancellable,
  ): Promise<PullRequest> {
    const { from, into, title, description } = request;
    const pull = (await this.#api.send(
      'POST',
      '/pulls',
      { head: from, base: into, title, body: description },
      options,
    )) as unknown as Pull;
    return this.#describe(pull, options);
  }

  async read(number: number, options: Cancellable): Promise<PullRequest> {
    const pull = (await this.#api.get(
      `/pulls/${number}`,
      options,
    )) as unknown as Pull;
    return this.#describe(pull, options);
  }

  async close(number: number, options: Cancellable): Promise<void> {
    await this.#api.send(
      'PATCH',
      `/pulls/${number}`,
      { state: 'closed' },
      options,
    );
  }

  async #describe(pull: Pull, options: Cancellable): Promise<PullRequest> {
    const { number, html_url: url } = pull;
    const about = { number, name: `#${number}`, url };
    if (pull.merged || pull.merged_at)
      return {
        ...about,
        state: 'merged',
        mergeCommit: pull.merge_commit_sha ?? undefined,
        by: pull.merged_by?.login,
        obstacles: [],
      };
    if (pull.state === 'closed')
      return {
        ...about,
        state: 'closed',
        by: await this.#closedBy(number, options),
        obstacles: [],
      };
    return {
      ...about,
      state: 'open',
      obstacles: await this.#obstacles(pull, options),
    };
  }

  /** The pull request itself does not say it; the issue that it also is does. */
  async #closedBy(number: number, options: Cancellable) {
    const issue = await this.#optional<{
      closed_by?: { login: string } | null;
    }>(`/issues/${number}`, options);
    return issue?.closed_by?.login;
  }

  async #obstacles(pull: Pull, options: Cancellable): Promise<string[]> {
    const obstacles: string[] = [];
    if (pull.draft) obstacles.push('it is a draft');
    if (pull.mergeable === false || pull.mergeable_state === 'dirty')
      obstacles.push(`it conflicts with ${pull.base.ref}`);
    if (pull.mergeable_state === 'behind')
      obstacles.push(`it is behind ${pull.base.ref}`);
    const failed = await this.#failedChecks(pull.head.sha, options);
    if (failed.length > 0) obstacles.push(`checks fail: ${failed.join(', ')}`);
    else if (pull.mergeable_state === 'blocked')
      obstacles.push('a review or a check is missing');
    return obstacles;
  }

  /** By both of GitHub's ways to report: check runs and commit statuses. */
  async #failedChecks(sha: string, options: Cancellable): Promise<string[]> {
    const [runs, status] = await Promise.all([
      this.#optional<{
        check_runs: Array<{ name: string; conclusion: string | null }>;
      }>(`/commits/${sha}/check-runs?per_page=100`, options),
      this.#optional<{ statuses: Array<{ context: string; state: string }> }>(
        `/commits/${sha}/status?per_page=100`,
        options,
      ),
    ]);
    const failed = [
      ...(runs?.check_runs ?? [])
        .filter(({ conclusion }) => FAILED_CONCLUSIONS.has(conclusion ?? ''))
        .map(({ name }) => name),
      ...(status?.statuses ?? [])
        .filter(({ state }) => state === 'failure' || state === 'error')
        .map(({ context }) => context),
    ];
    return [...new Set(failed)].slice(0, MAX_NAMED_CHECKS);
  }

  /** What a token without the right to it simply does not show. */
  async #optional<T>(
    path: string,
    options: Cancellable,
  ): Promise<T | undefined> {
    try {
      return (await this.#api.get(path, options)) as T;
    } catch (error) {
      if (
        error instanceof GitError &&
        (error.code === 'forbidden' || error.code === 'not-found')
      )
        return undefined;
      throw error;
    }
  }
}
