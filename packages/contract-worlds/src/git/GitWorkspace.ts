import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ContractBranch, ContractGitAccess } from '../types';
import { git, GitProgramError } from './gitProgram';

/** A push that lost its race says one of these. */
const LOST_RACE = /rejected|cannot lock ref|fetch first|failed to update ref/;

/** A clone with a work tree, as a person has one. */
export class GitWorkspace {
  readonly repoUrl: string;
  readonly #directory: string;
  readonly #authorization: string;

  static async open(options: {
    repoUrl: string;
    access: Pick<ContractGitAccess, 'username' | 'token'>;
  }): Promise<GitWorkspace> {
    const directory = await mkdtemp(join(tmpdir(), 'switchyard-contract-git-'));
    await git(['init', '--quiet', directory]);
    const { username, token } = options.access;
    return new GitWorkspace(
      options.repoUrl,
      directory,
      `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`,
    );
  }

  private constructor(
    repoUrl: string,
    directory: string,
    authorization: string,
  ) {
    this.repoUrl = repoUrl;
    this.#directory = directory;
    this.#authorization = authorization;
  }

  branch(branch: string): ContractBranch {
    return {
      repoUrl: this.repoUrl,
      branch,
      head: () => this.#fetch(branch),
      commitsSince: async commit => {
        const head = await this.#fetch(branch);
        const text = await this.#git(
          'log',
          '--format=%H%x00%P%x00%B%x01',
          `${commit}..${head}`,
        );
        return text
          .split('\x01\n')
          .filter(Boolean)
          .map(entry => {
            const [sha, parent, message] = entry.split('\0');
            return { sha, parent, message };
          });
      },
      read: async path => {
        await this.#checkOut(branch);
        return readFile(join(this.#directory, path), 'utf8');
      },
      commit: async (files, message) => {
        for (;;) {
          await this.#checkOut(branch);
          const commit = await this.#commit(files, message);
          try {
            await this.#push(`${commit}:refs/heads/${branch}`);
            return commit;
          } catch (error) {
            if (
              !(error instanceof GitProgramError) ||
              !LOST_RACE.test(error.output)
            )
              throw error;
          }
        }
      },
    };
  }

  /** Makes a branch with these files and nothing else. */
  async createBranch(
    branch: string,
    files: Readonly<Record<string, string>>,
  ): Promise<ContractBranch> {
    await this.#git('checkout', '--quiet', '--orphan', branch);
    await this.#git('rm', '-r', '--quiet', '--force', '--ignore-unmatch', '.');
    const commit = await this.#commit(files, 'Begin');
    await this.#push(`${commit}:refs/heads/${branch}`);
    return this.branch(branch);
  }

  /** Sets a branch to a commit that is known here, whatever it is at. */
  async force(branch: string, commit: string): Promise<void> {
    await this.#push(`+${commit}:refs/heads/${branch}`);
  }

  async deleteBranch(branch: string): Promise<void> {
    await this.#push(`:refs/heads/${branch}`);
  }

  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #fetch(branch: string): Promise<string> {
    await this.#git(
      'fetch',
      '--quiet',
      this.repoUrl,
      `+refs/heads/${branch}:refs/remotes/origin/${branch}`,
    );
    const commit = await this.#git(
      'rev-parse',
      `refs/remotes/origin/${branch}`,
    );
    return commit.trim();
  }

  async #checkOut(branch: string): Promise<void> {
    await this.#git(
      'checkout',
      '--quiet',
      '--force',
      '--detach',
      await this.#fetch(branch),
    );
  }

  async #commit(
    files: Readonly<Record<string, string>>,
    message: string,
  ): Promise<string> {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.#directory, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      await this.#git('add', '--', path);
    }
    await this.#git('commit', '--quiet', '--allow-empty', '-m', message);
    return (await this.#git('rev-parse', 'HEAD')).trim();
  }

  async #push(refspec: string): Promise<void> {
    await this.#git('push', '--quiet', this.repoUrl, refspec);
  }

  #git(...args: string[]): Promise<string> {
    return git(args, {
      directory: this.#directory,
      authorization: this.#authorization,
    });
  }
}
