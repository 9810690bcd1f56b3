import { Config } from '@backstage/config';
import {
  DefaultAzureDevOpsCredentialsProvider,
  DefaultGithubCredentialsProvider,
  DefaultGitlabCredentialsProvider,
  ScmIntegrations,
} from '@backstage/integration';
import { GitError } from './errors';
import { GitHost, readGitHosts } from './gitConfig';
import { toHttpUrl } from './remoteUrl';

/** A repository that the portal may talk to. */
export interface GitRemote {
  /** Address over HTTP, without credentials. */
  url: string;
  /** Short name for people and steps: the last part of the path, without `.git`. */
  name: string;
  /** The `Authorization` header of the moment; undefined where none is configured. */
  authorization(): Promise<string | undefined>;
  /** Address of a commit's page, where the forge is known to have one. */
  commitUrl(commit: string): string | undefined;
}

/** Finds how to reach the repositories that Applications name. */
export interface GitRemotes {
  /** @throws GitError with `not-configured` for hosts that are not, and `invalid` for what is no address */
  find(repoUrl: string): GitRemote;
}

type Authorize = (url: string) => Promise<string | undefined>;

/**
 * Credentials come from Backstage's `integrations`; `switchyard.deploys.git` is for servers that are none of the known forges.
 */
export class ConfiguredGitRemotes implements GitRemotes {
  readonly #integrations: ScmIntegrations;
  readonly #hosts: readonly GitHost[];
  readonly #authorize: Record<string, Authorize>;

  static fromConfig(config: Config): ConfiguredGitRemotes {
    return new ConfiguredGitRemotes(
      ScmIntegrations.fromConfig(config),
      readGitHosts(config),
    );
  }

  private constructor(
    integrations: ScmIntegrations,
    hosts: readonly GitHost[],
  ) {
    this.#integrations = integrations;
    this.#hosts = hosts;
    const github =
      DefaultGithubCredentialsProvider.fromIntegrations(integrations);
    const gitlab =
      DefaultGitlabCredentialsProvider.fromIntegrations(integrations);
    const azure =
      DefaultAzureDevOpsCredentialsProvider.fromIntegrations(integrations);
    this.#authorize = {
      github: async url => {
        const { token } = await github.getCredentials({ url });
        return token && basic('x-access-token', token);
      },
      gitlab: async url => {
        const { token } = await gitlab.getCredentials({ url });
        return token && basic('oauth2', token);
      },
      azure: async url =>
        (await azure.getCredentials({ url }))?.headers.Authorization,
      gitea: async url => {
        const config = integrations.gitea.byUrl(url)?.config;
        return (
          config?.password && basic(config.username ?? 'token', config.password)
        );
      },
      gerrit: async url => {
        const config = integrations.gerrit.byUrl(url)?.config;
        return config?.username && config.password
          ? basic(config.username, config.password)
          : undefined;
      },
      bitbucketCloud: async url => {
        const config = integrations.bitbucketCloud.byUrl(url)?.config;
        const secret = config?.token ?? config?.appPassword;
        return secret && basic(config?.username ?? 'x-token-auth', secret);
      },
      bitbucketServer: async url => {
        const config = integrations.bitbucketServer.byUrl(url)?.config;
        if (config?.username && config.password)
          return basic(config.username, config.password);
        return config?.token && `Bearer ${config.token}`;
      },
    };
  }

  find(repoUrl: string): GitRemote {
    const url = toHttpUrl(repoUrl);
    if (!url) {
      throw new GitError(
        'invalid',
        'The repository of the Application has no address that can be used over HTTP',
      );
    }
    const name =
      url.pathname
        .replace(/\/+$/, '')
        .replace(/\.git$/, '')
        .split('/')
        .pop() || url.pathname;
    const generic = this.#hosts.find(host => host.host === url.host);
    if (generic) {
      url.protocol = generic.insecure ? 'http:' : 'https:';
      return {
        url: url.href.replace(/\/+$/, ''),
        name,
        authorization: async () => generic.authorization,
        commitUrl: () => undefined,
      };
    }
    return this.#fromIntegration(url, name);
  }

  #fromIntegration(url: URL, name: string): GitRemote {
    const integration = this.#integrations.byHost(url.host);
    const authorize = integration && this.#authorize[integration.type];
    if (!integration || !authorize) {
      throw new GitError(
        'not-configured',
        `No integration is configured for the Git server of ${name}: add it to integrations, or to switchyard.deploys.git`,
      );
    }
    const { baseUrl } = integration as {
      baseUrl?: string;
      config?: { baseUrl?: string };
    };
    const configured =
      (integration as { config?: { baseUrl?: string } }).config?.baseUrl ??
      baseUrl;
    // Plain HTTP only where the integration itself says so.
    url.protocol = configured?.startsWith('http://') ? 'http:' : 'https:';
    const href = url.href.replace(/\/+$/, '');
    return {
      url: href,
      name,
      authorization: async () => {
        try {
          return await authorize(href);
        } catch (cause) {
          throw new GitError(
            'unauthorized',
            `The integration for the Git server of ${name} gave no credentials`,
            { cause },
          );
        }
      },
      commitUrl: commit => commitPage(integration.type, href, commit),
    };
  }
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function commitPage(
  type: string,
  href: string,
  commit: string,
): string | undefined {
  const page = href.replace(/\.git$/, '');
  switch (type) {
    case 'github':
    case 'gitea':
    case 'azure':
      return `${page}/commit/${commit}`;
    case 'gitlab':
      return `${page}/-/commit/${commit}`;
    case 'bitbucketCloud':
      return `${page}/commits/${commit}`;
    default:
      return undefined;
  }
}
