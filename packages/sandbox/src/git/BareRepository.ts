import { existsSync } from 'node:fs';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git, GitError } from './git';

export interface CommitAuthor {
  name: string;
  email: string;
}

export interface CommitInfo {
  sha: string;
  author: CommitAuthor;
  /** ISO time at which it was committed. */
  at: string;
  message: string;
  /** Trailers of the message, by key as written; a key that stands twice keeps its last value. */
  trailers: Record<string, string>;
}

/** A commit to be made on top of a branch. */
export interface NewCommit {
  author: CommitAuthor;
  message: string;
  /** ISO time; the present when absent. */
  at?: string;
  /** Whole new content by path. */
  files: Record<string, Buffer | string>;
  removed?: string[];
}

// Nothing tidies up behind the sandbox's back; a shallow fetch of a known commit works as with the forges.
const SETTINGS = `[gc]
	auto = 0
[receive]
	autogc = false
	fsckObjects = true
[uploadpack]
	allowReachableSHA1InWant = true
	allowFilter = true
`;

const PRE_RECEIVE_HOOK = `#!/bin/sh
if [ -n "$SWITCHYARD_REFUSE_PUSH" ]; then
  echo "You are not allowed to push to a protected branch: changes must be made through a pull request." >&2
  exit 1
fi
`;

/**
 * A bare repository on disk, read and written with git's plumbing. It is what the Git server serves, and what Argo CD's part reads manifests from.
 */
export class BareRepository {
  /** Files of a commit's folder never change, so they are kept; a small number, because folders are small. */
  readonly #files = new Map<string, Map<string, Buffer>>();

  static async open(options: {
    name: string;
    directory: string;
  }): Promise<BareRepository> {
    if (!existsSync(`${options.directory}/HEAD`)) {
      throw new Error(`${options.directory} holds no Git repository`);
    }
    return new BareRepository(options.name, options.directory);
  }

  /** Makes an empty repository with the branch `main` to come. */
  static async init(options: {
    name: string;
    directory: string;
  }): Promise<BareRepository> {
    await git(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', options.directory]);
    await appendFile(join(options.directory, 'config'), SETTINGS);
    // Branch protection declines a push by a hook too; the server says when.
    await mkdir(join(options.directory, 'hooks'), { recursive: true });
    await writeFile(
      join(options.directory, 'hooks', 'pre-receive'),
      PRE_RECEIVE_HOOK,
      { mode: 0o755 },
    );
    return new BareRepository(options.name, options.directory);
  }

  private constructor(readonly name: string, readonly directory: string) {}

  /** The full id of the commit that a branch, tag or (short) id names; undefined when there is none. */
  async resolve(revision: string): Promise<string | undefined> {
    if (!/^[A-Za-z0-9][\w./-]*$/.test(revision) || revision.includes('..')) {
      return undefined;
    }
    try {
      const sha = await git(
        ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`],
        { directory: this.directory },
      );
      return sha.toString('utf8').trim();
    } catch (error) {
      if (error instanceof GitError) {
        return undefined;
      }
      throw error;
    }
  }

  /** Files under a folder at a commit, by their path inside that folder. Undefined when the folder is not there. */
  async files(
    commit: string,
    folder: string,
  ): Promise<Map<string, Buffer> | undefined> {
    const prefix = folder.replace(/^\.?\/+/, '').replace(/\/+$/, '');
    const key = `${commit}:${prefix}`;
    const known = this.#files.get(key);
    if (known) {
      return known;
    }
    const place = prefix === '' || prefix === '.' ? [] : ['--', `${prefix}/`];
    const listing = await git(['ls-tree', '-r', '-z', commit, ...place], {
      directory: this.directory,
    });
    const entries = listing
      .toString('utf8')
      .split('\0')
      .filter(Boolean)
      .map(line => {
        const [meta, path] = line.split('\t');
        return { sha: meta.split(' ')[2], path };
      });
    if (entries.length === 0) {
      return undefined;
    }
    const contents = await this.#blobs(entries.map(entry => entry.sha));
    const files = new Map(
      entries.map((entry, index): [string, Buffer] => [
        place.length ? entry.path.slice(prefix.length + 1) : entry.path,
        contents[index],
      ]),
    );
    if (this.#files.size > 400) {
      this.#files.clear();
    }
    this.#files.set(key, files);
    return files;
  }

  /** Commits of a branch, newest first, down to but without `since`. */
  async log(options: {
    revision: string;
    since?: string;
    path?: string;
    limit?: number;
  }): Promise<CommitInfo[]> {
    const range = options.since
      ? `${options.since}..${options.revision}`
      : options.revision;
    const output = await git(
      [
        'log',
        '-z',
        `--max-count=${options.limit ?? 1000}`,
        '--format=%H%x01%an%x01%ae%x01%cI%x01%B%x01%(trailers:only=true,unfold=true)',
        range,
        ...(options.path ? ['--', options.path] : []),
      ],
      { directory: this.directory },
    );
    return output
      .toString('utf8')
      .split('\0')
      .filter(Boolean)
      .map(record => {
        const [sha, name, email, at, message, trailers] = record.split('\x01');
        return {
          sha,
          author: { name, email },
          at: new Date(at).toISOString(),
          message: message.trimEnd(),
          trailers: parseTrailers(trailers),
        };
      });
  }

  /** True when `descendant` equals `ancestor` or descends from it. */
  async contains(descendant: string, ancestor: string): Promise<boolean> {
    try {
      await git(['merge-base', '--is-ancestor', ancestor, descendant], {
        directory: this.directory,
      });
      return true;
    } catch (error) {
      if (error instanceof GitError) {
        return false;
      }
      throw error;
    }
  }

  /** Makes commits on a branch, one after the other, and answers the new head. Nobody else's commit is lost: it stands on the present head. */
  async commit(branch: string, commits: readonly NewCommit[]): Promise<string> {
    const parent = await this.resolve(branch);
    const parts: Array<Buffer | string> = [];
    commits.forEach((commit, index) => {
      const when = `${Math.floor(
        (commit.at ? Date.parse(commit.at) : Date.now()) / 1000,
      )} +0000`;
      const who = `${commit.author.name} <${commit.author.email}> ${when}`;
      parts.push(
        `commit refs/heads/${branch}\nauthor ${who}\ncommitter ${who}\n`,
        ...data(`${commit.message.trimEnd()}\n`),
      );
      if (index === 0 && parent) {
        parts.push(`from ${parent}\n`);
      }
      for (const path of commit.removed ?? []) {
        parts.push(`D ${path}\n`);
      }
      for (const [path, content] of Object.entries(commit.files)) {
        parts.push(`M 100644 inline ${path}\n`, ...data(content));
      }
      parts.push('\n');
    });
    const input = Buffer.concat(
      parts.map(part => (typeof part === 'string' ? Buffer.from(part) : part)),
    );
    await git(['fast-import', '--quiet', '--date-format=raw'], {
      directory: this.directory,
      input,
    });
    const head = await this.resolve(branch);
    if (!head) {
      throw new Error(`No commit was made in ${this.name}`);
    }
    return head;
  }

  async #blobs(shas: string[]): Promise<Buffer[]> {
    const output = await git(['cat-file', '--batch'], {
      directory: this.directory,
      input: `${shas.join('\n')}\n`,
    });
    const contents: Buffer[] = [];
    let position = 0;
    while (position < output.length) {
      const end = output.indexOf(10, position);
      const size = Number(output.toString('utf8', position, end).split(' ')[2]);
      contents.push(output.subarray(end + 1, end + 1 + size));
      position = end + 1 + size + 1;
    }
    return contents;
  }
}

function data(content: Buffer | string): Array<Buffer | string> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return [`data ${bytes.length}\n`, bytes, '\n'];
}

function parseTrailers(text: string | undefined): Record<string, string> {
  const trailers: Record<string, string> = {};
  for (const line of (text ?? '').split('\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) {
      trailers[line.slice(0, colon)] = line.slice(colon + 2).trim();
    }
  }
  return trailers;
}
