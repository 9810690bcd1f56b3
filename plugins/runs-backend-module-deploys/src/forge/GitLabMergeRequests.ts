import { ForgeApi } from './ForgeApi';
import { PullRequest, PullRequestBranches, PullRequests } from './types';

interface Cancellable {
  signal: AbortSignal;
}

/** As `GET /projects/:id/merge_requests/:iid` answers. */
interface MergeRequest {
  iid: number;
  web_url: string;
  /** `locked` while GitLab merges it. */
  state: 'opened' | 'closed' | 'locked' | 'merged';
  /** Head of its branch. */
  sha: string | null;
  merge_commit_sha: string | null;
  squash_commit_sha: string | null;
  merge_user?: { username: string } | null;
  merged_by?: { username: string } | null;
  closed_by?: { username: string } | null;
  target_branch: string;
  draft?: boolean;
  has_conflicts?: boolean;
  detailed_merge_status?: string;
}

/** What `detailed_merge_status` says, for people. Anything else is no obstacle, or passes by itself. */
const OBSTACLES: Record<string, string> = {
  ci_must_pass: 'its pipeline must pass',
  ci_still_running: 'its pipeline is running',
  status_checks_must_pass: 'a status check must pass',
  external_status_checks: 'a status check must pass',
  not_approved: 'an approval is missing',
  approvals_syncing: 'an approval is missing',
  requested_changes: 'a reviewer asks for changes',
  discussions_not_resolved: 'a discussion is not resolved',
  draft_status: 'it is a draft',
  need_rebase: 'it has to be rebased',
  blocked_status: 'another merge request has to come first',
  policies_denied: 'a policy denies it',
};

/** {@link PullRequests} of GitLab, by its REST API. */
export class GitLabMergeRequests implements PullRequests {
  readonly noun = 'merge request';
  readonly #api: ForgeApi;

  static create(options: { api: ForgeApi }): GitLabMergeRequests {
    return new GitLabMergeRequests(options.api);
  }

  private constructor(api: ForgeApi) {
    this.#api = api;
  }

  async findNewest(
    { from, into }: PullRequestBranches,
    options: Cancellable,
  ): Promise<PullRequest | undefined> {
    const query = new URLSearchParams({
      source_branch: from,
      target_branch: into,
      state: 'all',
      order_by: 'created_at',
      sort: 'desc',
      per_page: '1',
    });
    const [newest] = (await this.#api.get(
      `/merge_requests?${query}`,
      options,
    )) as unknown as MergeRequest[];
    return newest && this.read(newest.iid, options);
  }

  async open(
    request: PullRequestBranches & { title: string; description: string },
    options: Cancellable,
  ): Promise<PullRequest> {
    const { from, into, title, description } = request;
    const made = (await this.#api.send(
      'POST',
      '/merge_requests',
      {
        source_branch: from,
        target_branch: into,
        title,
        description,
        remove_source_branch: true,
      },
      options,
    )) as unknown as MergeRequest;
    return describe(made);
  }

  async read(number: number, options: Cancellable): Promise<PullRequest> {
    return describe(
      (await this.#api.get(
        `/merge_requests/${number}`,
        options,
      )) as unknown as MergeRequest,
    );
  }

  async close(number: number, options: Cancellable): Promise<void> {
    await this.#api.send(
      'PUT',
      `/merge_requests/${number}`,
      { state_event: 'close' },
      options,
    );
  }
}

function describe(request: MergeRequest): PullRequest {
  const { iid: number, web_url: url } = request;
  const about = { number, name: `!${number}`, url };
  if (request.state === 'merged')
    return {
      ...about,
      state: 'merged',
      // A fast-forward makes no commit of its own: the branch is at what was pushed.
      mergeCommit:
        request.merge_commit_sha ??
        request.squash_commit_sha ??
        request.sha ??
        undefined,
      by: (request.merge_user ?? request.merged_by)?.username,
      obstacles: [],
    };
  if (request.state === 'closed')
    return {
      ...about,
      state: 'closed',
      by: request.closed_by?.username,
      obstacles: [],
    };
  const isConflict =
    request.has_conflicts || request.detailed_merge_status === 'conflict';
  const other = OBSTACLES[request.detailed_merge_status ?? ''];
  return {
    ...about,
    state: 'open',
    obstacles: [
      ...(isConflict ? [`it conflicts with ${request.target_branch}`] : []),
      ...(other ? [other] : []),
    ],
  };
}
