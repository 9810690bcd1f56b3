import { Config } from '@backstage/config';

/** A Git server that is none of the forges that `integrations` know. */
export interface GitHost {
  /** Host and port. */
  host: string;
  insecure: boolean;
  /** The whole header. */
  authorization?: string;
}

/** Who the portal's commits are by. The person who asked stands in the commit's trailers. */
export interface CommitIdentity {
  name: string;
  email: string;
}

/**
 * Reads `switchyard.deploys.git`.
 *
 * @throws Error when an entry is incomplete
 */
export function readGitHosts(config: Config): GitHost[] {
  const entries = config.getOptionalConfigArray('switchyard.deploys.git') ?? [];
  return entries.map(entry => {
    const host = entry.getString('host').toLowerCase();
    if (!/^[a-z0-9.-]+(:\d+)?$|^\[[0-9a-f:]+\](:\d+)?$/.test(host)) {
      throw new Error(
        `'${host}' in switchyard.deploys.git is no host: write it without scheme or path`,
      );
    }
    const secret =
      entry.getOptionalString('token') ?? entry.getOptionalString('password');
    const username = entry.getOptionalString('username');
    if (username !== undefined && secret === undefined) {
      throw new Error(
        `switchyard.deploys.git: '${host}' has a username, but neither token nor password`,
      );
    }
    return {
      host,
      insecure: entry.getOptionalBoolean('insecure') ?? false,
      authorization:
        secret &&
        `Basic ${Buffer.from(`${username ?? 'git'}:${secret}`).toString(
          'base64',
        )}`,
    };
  });
}

/** Reads `switchyard.deploys.commitAuthor`. */
export function readCommitIdentity(config: Config): CommitIdentity {
  const name =
    config.getOptionalString('switchyard.deploys.commitAuthor.name') ??
    'Switchyard';
  const email =
    config.getOptionalString('switchyard.deploys.commitAuthor.email') ??
    'switchyard@noreply.invalid';
  if (/[<>\n\0]/.test(name + email)) {
    throw new Error(
      'switchyard.deploys.commitAuthor holds a character that Git does not allow in names',
    );
  }
  return { name, email };
}
