import { Config } from '@backstage/config';
import { matchesGlob } from '@switchyard/fleet-node';
import { toHttpUrl } from '../git';

interface Rule {
  repository: string;
  branch: string;
  environments?: string[];
}

/** Into what a commit is to go. */
export interface PullRequestTarget {
  repoUrl: string;
  branch: string;
}

/**
 * Which branches are changed by pull request: those of `switchyard.deploys.pullRequests` always. Of others this replica remembers whether their server has
 * refused the last push, which is worth a warning and no more: rights change.
 */
export class PullRequestPolicy {
  readonly #rules: readonly Rule[];
  readonly #refused = new Set<string>();

  /** @throws Error when an entry of the config cannot match anything */
  static fromConfig(config: Config): PullRequestPolicy {
    const entries =
      config.getOptionalConfigArray('switchyard.deploys.pullRequests') ?? [];
    return new PullRequestPolicy(
      entries.map(entry => {
        const repository = entry.getOptionalString('repository') ?? '*';
        if (/^\w+:\/\//.test(repository))
          throw new Error(
            `'${repository}' in switchyard.deploys.pullRequests: write host and path without a scheme, as github.com/acme/deploy-*`,
          );
        return {
          repository: repository.replace(/\.git$/, ''),
          branch: entry.getOptionalString('branch') ?? '*',
          environments: entry.getOptionalStringArray('environments'),
        };
      }),
    );
  }

  private constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /** Whether the config says so. */
  isAlways(target: PullRequestTarget & { environment: string }): boolean {
    const { branch, environment } = target;
    const name = nameOf(target);
    return this.#rules.some(
      rule =>
        matchesGlob(rule.repository, name) &&
        matchesGlob(rule.branch, branch) &&
        (rule.environments?.includes(environment) ?? true),
    );
  }

  wasRefused(target: PullRequestTarget): boolean {
    return this.#refused.has(keyOf(target));
  }

  noteRefused(target: PullRequestTarget): void {
    this.#refused.add(keyOf(target));
  }

  noteAccepted(target: PullRequestTarget): void {
    this.#refused.delete(keyOf(target));
  }
}

function keyOf(target: PullRequestTarget): string {
  return `${nameOf(target)}#${target.branch}`;
}

/** `github.com/acme/deploy-blue` */
function nameOf({ repoUrl }: PullRequestTarget): string {
  const url = toHttpUrl(repoUrl);
  return url
    ? `${url.host}${url.pathname}`.replace(/\/+$/, '').replace(/\.git$/, '')
    : repoUrl;
}
