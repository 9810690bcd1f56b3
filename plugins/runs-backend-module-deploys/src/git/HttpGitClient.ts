import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_TIMEOUTS, GitTimeouts } from './GitHttp';
import { GitRemotes } from './GitRemotes';
import { HttpGitRepository } from './HttpGitRepository';
import { GitClient, GitRepository } from './types';

/**
 * Keeps one clone per repository, in a folder of this process.
 */
export class HttpGitClient implements GitClient {
  readonly #remotes: GitRemotes;
  readonly #directory: string;
  readonly #timeouts: GitTimeouts;
  readonly #repositories = new Map<string, GitRepository>();

  static create(options: {
    remotes: GitRemotes;
    /** Where clones are kept; the machine's temporary folder by default. */
    directory?: string;
    timeouts?: Partial<GitTimeouts>;
  }): HttpGitClient {
    return new HttpGitClient(
      options.remotes,
      makeOwnFolder(options.directory ?? tmpdir()),
      { ...DEFAULT_TIMEOUTS, ...options.timeouts },
    );
  }

  private constructor(
    remotes: GitRemotes,
    directory: string,
    timeouts: GitTimeouts,
  ) {
    this.#remotes = remotes;
    this.#directory = directory;
    this.#timeouts = timeouts;
  }

  repository(repoUrl: string): GitRepository {
    const remote = this.#remotes.find(repoUrl);
    const known = this.#repositories.get(remote.url);
    if (known) return known;
    const name = createHash('sha256')
      .update(remote.url)
      .digest('hex')
      .slice(0, 16);
    const repository = HttpGitRepository.create({
      remote,
      directory: join(this.#directory, name),
      timeouts: this.#timeouts,
    });
    this.#repositories.set(remote.url, repository);
    return repository;
  }

  /** Removes the clones. */
  dispose(): void {
    this.#repositories.clear();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

// Processes do not share clones: one that is killed in the middle of a fetch may leave half a pack. What dead ones left is removed.
function makeOwnFolder(parent: string): string {
  const base = join(parent, 'switchyard-git');
  const prefix = `${hostname()}-`;
  mkdirSync(base, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(base)) {
    const pid = name.startsWith(prefix)
      ? Number(name.slice(prefix.length).split('-')[0])
      : Number.NaN;
    if (Number.isInteger(pid) && pid !== process.pid && !isAlive(pid))
      rmSync(join(base, name), { recursive: true, force: true });
  }
  let own = join(base, `${prefix}${process.pid}-${Date.now().toString(36)}`);
  for (let index = 0; ; index++) {
    try {
      mkdirSync(own, { mode: 0o700 });
      return own;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || index > 100)
        throw error;
      own = `${own}x`;
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
