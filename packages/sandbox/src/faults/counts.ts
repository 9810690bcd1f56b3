import type { ForgePullRequest } from '../forge';
import { CommitInfo, WorldRepository } from '../git';
import type { SlackDoubleMessage } from '../slack';
import type { MigrationRun } from '../world';

export interface ApplicationCounts {
  /** Entries added to `status.history` since the world began, those trimmed away included. */
  syncs: number;
  /** Operations that the controller started since the world began: partial, dry, failed and automated ones too. */
  operations: number;
}

/** What was done to the world since it began, as the remotes themselves know it. */
export interface WorldCounts {
  repositories: Record<string, { commits: number; items: CommitInfo[] }>;
  applications: Record<string, ApplicationCounts>;
  /** Runs of schema migrations since the world began, oldest first; those with the outcome `changed` changed a schema. */
  migrations: readonly MigrationRun[];
  /** Oldest first. */
  pullRequests: readonly ForgePullRequest[];
  /** How often each verb was asked for that the sandbox does not have. */
  unimplemented: Record<string, number>;
  /**
   * How often somebody asked a cluster for something that its rules allow, and that none allows: `<user> <verb> <resource>`. What a fault forbids is
   * not among it.
   */
  rights: { used: Record<string, number>; refused: Record<string, number> };
  /** What was posted to Slack, oldest first. */
  slack: {
    messages: readonly SlackDoubleMessage[];
    webhookPosts: readonly string[];
  };
  /** Requests that each part has got since the process started; those of the fault page are among them. */
  requests: Record<string, number>;
}

/** Commits of each repository since the world began, newest first, with their trailers. */
export async function countCommits(
  repositories: ReadonlyMap<string, WorldRepository>,
): Promise<WorldCounts['repositories']> {
  const counted = await Promise.all(
    [...repositories].map(async ([name, { repository, start }]) => {
      const items = await repository.log({ revision: 'main', since: start });
      return [name, { commits: items.length, items }] as const;
    }),
  );
  return Object.fromEntries(counted);
}
