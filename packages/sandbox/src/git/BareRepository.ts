import fs from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import * as reader from 'isomorphic-git';
import { git } from './git';

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
  /** Further parent, of a merge. */
  merges?: string;
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

// The server says with which words, and of which ref; of all where it names none.
const PRE_RECEIVE_HOOK = `#!/bin/sh
[ -n "$SWITCHYARD_REFUSE_PUSH" ] || exit 0
while read -r before after ref; do
  if [ "$ref" = "\${SWITCHYARD_REFUSED_REF:-$ref}" ]; then
    printf '%s\\n' "$SWITCHYARD_REFUSE_PUSH" >&2
    exit 1
  fi
done
`;

const SHORTEST_SHA = 7;
const KEPT_HISTORIES = 10;

/**
 * A bare repository on disk. It is what the Git server serves, and what Argo CD's part reads manifests from. Reading starts no program: the sandbox reads
 * a lot, and to start one costs a large process tens of milliseconds.
 */
export class BareRepository {
  /** Files of each folder by the id of its tree. They never change, and commits share most of them. */
  readonly #trees = new Map<string, Map<string, Buffer>>();
  /** Entries of each tree by its id. */
  readonly #entries = new Map<string, Promise<reader.TreeEntry[]>>();
  /** Commits that a commit has, itself among them, by its id. Only those of the last heads: each has all that its parent has. */
  readonly #histories = new Map<string, Promise<reader.ReadCommitResult[]>>();
  /** Commits that were read: they are there for good. */
  readonly #known = new Map<string, reader.ReadCommitResult>();
  readonly #cache = {};

  static async open(options: {
    name: string;
    directory: string;
  }): Promise<BareRepository> {
    if (!fs.existsSync(join(options.directory, 'HEAD'))) {
      throw new Error(`${options.directory} holds no Git repository`);
    }
    await writeHook(options.directory);
    return new BareRepository(options.name, options.directory);
  }

  /** Makes an empty repository with the branch `main` to come. */
  static async init(options: {
    name: string;
    directory: string;
  }): Promise<BareRepository> {
    await git([
      'init',
      '--quiet',
      '--bare',
      '--template=',
      '--initial-branch=main',
      options.directory,
    ]);
    await appendFile(join(options.directory, 'config'), SETTINGS);
    await writeHook(options.directory);
    return new BareRepository(options.name, options.directory);
  }

  private constructor(readonly name: string, readonly directory: string) {}

  /** The full id of the commit that a branch, tag or (short) id names; undefined when there is none. */
  async resolve(revision: string): Promise<string | undefined> {
    if (!/^[A-Za-z0-9][\w./-]*$/.test(revision) || revision.includes('..')) {
      return undefined;
    }
    if (this.#known.has(revision)) {
      return revision;
    }
    const branch = await this.#branch(revision);
    if (branch) {
      return branch;
    }
    try {
      const isId =
        /^[0-9a-f]+$/.test(revision) && revision.length >= SHORTEST_SHA;
      const oid = await reader
        .resolveRef({ ...this.#place, ref: revision })
        .catch(async error => {
          if (!isId) {
            throw error;
          }
          return reader.expandOid({ ...this.#place, oid: revision });
        });
      return (await this.#commit(oid)).oid;
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** Files under a folder at a commit, by their path inside that folder. Undefined when the folder is not there. */
  async files(
    revision: string,
    folder: string,
  ): Promise<Map<string, Buffer> | undefined> {
    const commit = await this.resolve(revision);
    const prefix = posix
      .normalize(folder)
      .replace(/^\.?\/*/, '')
      .replace(/\/+$/, '');
    const root = commit && (await this.#tree(commit, prefix));
    return root ? this.#readTree(root) : undefined;
  }

  /** Commits that a revision has, newest first, without those that `since` has too. */
  async log(options: {
    revision: string;
    since?: string;
    path?: string;
    limit?: number;
  }): Promise<CommitInfo[]> {
    const head = await this.resolve(options.revision);
    if (!head) {
      return [];
    }
    const limit = options.limit ?? 1000;
    const known = new Set(
      options.since
        ? (await this.#commits(options.since)).map(commit => commit.oid)
        : [],
    );
    const found: CommitInfo[] = [];
    for (const commit of await this.#commits(head)) {
      if (
        known.has(commit.oid) ||
        (options.path && !(await this.#changes(commit, options.path)))
      ) {
        continue;
      }
      found.push(commitInfo(commit));
      if (found.length === limit) {
        break;
      }
    }
    return found;
  }

  /** Makes commits on a branch, one after the other, and answers the new head. Nobody else's commit is lost: they stand on the present head. */
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
      if (commit.merges) {
        parts.push(`merge ${commit.merges}\n`);
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

  /** The newest commit that two revisions have both. */
  async mergeBase(one: string, other: string): Promise<string> {
    const found = await git(['merge-base', one, other], {
      directory: this.directory,
    });
    return found.toString('utf8').trim();
  }

  async deleteBranch(name: string): Promise<void> {
    await git(['update-ref', '-d', `refs/heads/${name}`], {
      directory: this.directory,
    });
  }

  get #place() {
    return { fs, gitdir: this.directory, cache: this.#cache };
  }

  /** Branches are never packed here: nobody runs gc. */
  async #branch(name: string): Promise<string | undefined> {
    try {
      return (
        await readFile(join(this.directory, 'refs', 'heads', name), 'utf8')
      ).trim();
    } catch (error) {
      if (
        ['ENOENT', 'EISDIR', 'ENOTDIR'].includes(
          (error as NodeJS.ErrnoException).code ?? '',
        )
      ) {
        return undefined;
      }
      throw error;
    }
  }

  async #commit(oid: string): Promise<reader.ReadCommitResult> {
    const commit =
      this.#known.get(oid) ??
      (await reader.readCommit({ ...this.#place, oid }));
    this.#known.set(commit.oid, commit);
    return commit;
  }

  #commits(head: string): Promise<reader.ReadCommitResult[]> {
    let history = this.#histories.get(head);
    if (!history) {
      history = reader.log({ ...this.#place, ref: head }).then(commits => {
        commits.forEach(commit => this.#known.set(commit.oid, commit));
        return commits;
      });
      if (this.#histories.size >= KEPT_HISTORIES) {
        this.#histories.clear();
      }
      this.#histories.set(head, history);
      history.catch(() => this.#histories.delete(head));
    }
    return history;
  }

  /** Whether a commit changed what lies at a path, seen from its first parent. */
  async #changes(
    commit: reader.ReadCommitResult,
    path: string,
  ): Promise<boolean> {
    const [parent] = commit.commit.parent;
    const [now, before] = await Promise.all([
      this.#tree(commit.oid, path),
      parent ? this.#tree(parent, path) : undefined,
    ]);
    return now !== before;
  }

  /** Id of the tree at a path of a commit. */
  async #tree(commit: string, path: string): Promise<string | undefined> {
    let tree = (await this.#commit(commit)).commit.tree;
    for (const name of path.split('/').filter(Boolean)) {
      const entry = (await this.#entriesOf(tree)).find(
        each => each.path === name && each.type === 'tree',
      );
      if (!entry) {
        return undefined;
      }
      tree = entry.oid;
    }
    return tree;
  }

  #entriesOf(tree: string): Promise<reader.TreeEntry[]> {
    let entries = this.#entries.get(tree);
    if (!entries) {
      entries = reader
        .readTree({ ...this.#place, oid: tree })
        .then(found => found.tree);
      this.#entries.set(tree, entries);
      entries.catch(() => this.#entries.delete(tree));
    }
    return entries;
  }

  async #readTree(oid: string): Promise<Map<string, Buffer>> {
    const known = this.#trees.get(oid);
    if (known) {
      return known;
    }
    const tree = await this.#entriesOf(oid);
    const files = new Map<string, Buffer>();
    for (const entry of tree) {
      if (entry.type === 'tree') {
        for (const [path, content] of await this.#readTree(entry.oid)) {
          files.set(`${entry.path}/${path}`, content);
        }
      } else if (entry.type === 'blob') {
        const { blob } = await reader.readBlob({
          ...this.#place,
          oid: entry.oid,
        });
        files.set(entry.path, Buffer.from(blob));
      }
    }
    this.#trees.set(oid, files);
    return files;
  }
}

/** Branch protection declines a push by a hook too. A world of an earlier version gets the hook of this one. */
async function writeHook(directory: string): Promise<void> {
  await mkdir(join(directory, 'hooks'), { recursive: true });
  await writeFile(join(directory, 'hooks', 'pre-receive'), PRE_RECEIVE_HOOK, {
    mode: 0o755,
  });
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof reader.Errors.NotFoundError ||
    error instanceof reader.Errors.ObjectTypeError ||
    error instanceof reader.Errors.AmbiguousError
  );
}

function data(content: Buffer | string): Array<Buffer | string> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return [`data ${bytes.length}\n`, bytes, '\n'];
}

function commitInfo({ oid, commit }: reader.ReadCommitResult): CommitInfo {
  const message = commit.message.trimEnd();
  return {
    sha: oid,
    author: { name: commit.author.name, email: commit.author.email },
    at: new Date(commit.committer.timestamp * 1000).toISOString(),
    message,
    trailers: trailersOf(message),
  };
}

/** Trailers are the last paragraph, if that is not the subject and every line of it is one. */
function trailersOf(message: string): Record<string, string> {
  const paragraphs = message.split(/\n\s*\n/);
  const lines =
    paragraphs.length > 1 ? paragraphs[paragraphs.length - 1].split('\n') : [];
  const pairs = lines.map(line =>
    /^([A-Za-z0-9-]+):\s+(.*)$/.exec(line.trim()),
  );
  return pairs.every(Boolean)
    ? Object.fromEntries(pairs.map(pair => [pair![1], pair![2]]))
    : {};
}
