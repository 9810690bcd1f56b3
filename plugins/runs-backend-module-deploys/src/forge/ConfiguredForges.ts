import { Config } from '@backstage/config';
import {
  DefaultGithubCredentialsProvider,
  DefaultGitlabCredentialsProvider,
  ScmIntegrations,
} from '@backstage/integration';
import { GitError, toHttpUrl } from '../git';
import { ForgeApi } from './ForgeApi';
import { GitHubPullRequests } from './GitHubPullRequests';
import { GitLabMergeRequests } from './GitLabMergeRequests';
import { Forges, PullRequests } from './types';

/** {@link Forges} of Backstage's `integrations`: GitHub and GitLab, with the credentials that stand there. */
export class ConfiguredForges implements Forges {
  readonly #integrations: ScmIntegrations;
  readonly #github: DefaultGithubCredentialsProvider;
  readonly #gitlab: DefaultGitlabCredentialsProvider;

  static fromConfig(config: Config): ConfiguredForges {
    return new ConfiguredForges(ScmIntegrations.fromConfig(config));
  }

  private constructor(integrations: ScmIntegrations) {
    this.#integrations = integrations;
    this.#github =
      DefaultGithubCredentialsProvider.fromIntegrations(integrations);
    this.#gitlab =
      DefaultGitlabCredentialsProvider.fromIntegrations(integrations);
  }

  find(repoUrl: string): PullRequests | undefined {
    const url = toHttpUrl(repoUrl);
    if (!url) return undefined;
    const path = url.pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
    return this.#findGitHub(url, path) ?? this.#findGitLab(url, path);
  }

  #findGitHub(url: URL, path: string): PullRequests | undefined {
    const config = this.#integrations.github.byHost(url.host)?.config;
    const [owner, name, ...rest] = path.split('/');
    if (!config?.apiBaseUrl || !name || rest.length > 0) return undefined;
    return GitHubPullRequests.create({
      owner,
      api: ForgeApi.create({
        forge: 'GitHub',
        repository: name,
        url: `${config.apiBaseUrl}/repos/${owner}/${name}`,
        accept: 'application/vnd.github+json',
        authorization: () =>
          authorize('GitHub', () =>
            this.#github.getCredentials({ url: `${url.origin}/${path}` }),
          ),
      }),
    });
  }

  #findGitLab(url: URL, path: string): PullRequests | undefined {
    const config = this.#integrations.gitlab.byHost(url.host)?.config;
    if (!config) return undefined;
    // A GitLab under a path of its host: that path is no group.
    const prefix = new URL(config.baseUrl).pathname.replace(/^\/+|\/+$/g, '');
    const project = path.startsWith(`${prefix}/`)
      ? path.slice(prefix.length + 1)
      : path;
    return GitLabMergeRequests.create({
      api: ForgeApi.create({
        forge: 'GitLab',
        repository: project.split('/').pop() as string,
        url: `${config.apiBaseUrl}/projects/${encodeURIComponent(project)}`,
        accept: 'application/json',
        authorization: () =>
          authorize('GitLab', () =>
            this.#gitlab.getCredentials({ url: `${url.origin}/${path}` }),
          ),
      }),
    });
  }
}

async function authorize(
  forge: string,
  credentials: () => Promise<{
    headers?: Record<string, string>;
    token?: string;
  }>,
): Promise<string | undefined> {
  try {
    const { headers, token } = await credentials();
    return headers?.Authorization ?? (token && `Bearer ${token}`);
  } catch (cause) {
    throw new GitError(
      'unauthorized',
      `The integration for ${forge} gave no credentials`,
      { cause },
    );
  }
}
