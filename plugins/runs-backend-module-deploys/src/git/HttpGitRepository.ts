import fs from 'node:fs';
import * as git from 'isomorphic-git';
import { Advertisement } from './advertisement';
import { BareClone } from './BareClone';
import { GitError } from './errors';
import { CommitIdentity } from './gitConfig';
import { GitHttp, GitTimeouts } from './GitHttp';
import { GitRemote } from './GitRemotes';
import { History } from './History';
import {
  buildReceivePackRequest,
  NO_COMMIT,
  parseReceivePackReport,
  PushReport,
} from './receivePack';
import { editTree } from './treeEdit';
import {
  BranchHead,
  GitCommit,
  GitFile,
  GitRepository,
  PreparedCommit,
  ReadCache,
} from './types';

interface Cancellable {
  signal: AbortSignal;
}

/**
 * {@link GitRepository} over smart HTTP, without the git program and without a work tree.
 */
export class HttpGitRepository implements GitRepository {
  readonly #remote: GitRemote;
  readonly #http: GitHttp;
  readonly #clone: BareClone;
  readonly #history: History;
  #readCache: WeakRef<ReadCache> | undefined;

  static create(options: {
    remote: GitRemote;
    directory: string;
    timeouts: GitTimeouts;
  }): HttpGitRepository {
    return new HttpGitRepository(options);
  }

  private constructor(options: {
    remote: GitRemote;
    directory: string;
    timeouts: GitTimeouts;
  }) {
    this.#remote = options.remote;
    this.#http = GitHttp.create(options);
    this.#clone = BareClone.create({
      http: this.#http,
      name: options.remote.name,
      directory: options.directory,
    });
    this.#history = History.create({
      clone: this.#clone,
      name: options.remote.name,
      advertise: signal => this.#http.advertise('git-upload-pack', signal),
    });
  }

  get name(): string {
    return this.#remote.name;
  }

  get url(): string {
    return this.#remote.url;
  }

  commitUrl(commit: string): string | undefined {
    return this.#remote.commitUrl(commit);
  }

  async findBranch(
    targetRevision: string | undefined,
    options: Cancellable,
  ): Promise<BranchHead | undefined> {
    const advertisement = await this.#http.advertise(
      'git-upload-pack',
      options.signal,
    );
    const branch = branchOf(targetRevision, advertisement);
    return branch === undefined
      ? undefined
      : this.#fetch(branch, advertisement, options);
  }

  async head(branch: string, options: Cancellable): Promise<BranchHead> {
    return this.#fetch(
      branch,
      await this.#http.advertise('git-upload-pack', options.signal),
      options,
    );
  }

  async #fetch(
    branch: string,
    advertisement: Advertisement,
    options: Cancellable,
  ): Promise<BranchHead> {
    const commit = advertisement.refs.get(`refs/heads/${branch}`);
    if (!commit)
      throw new GitError(
        'not-found',
        `The Git repository ${this.name} has no branch ${branch}`,
      );
    await this.#clone.fetch(branch, advertisement, options.signal);
    return { branch, commit };
  }

  readCache(): ReadCache {
    const known = this.#readCache?.deref();
    if (known) return known;
    const cache = {};
    this.#readCache = new WeakRef(cache);
    return cache;
  }

  async listFiles(
    commit: string,
    folder: string,
    options: { recursive?: boolean; atMost?: number; cache?: ReadCache } = {},
  ): Promise<GitFile[] | undefined> {
    const { recursive, atMost = Infinity, cache = {} } = options;
    const { gitdir } = this.#clone;
    const files: GitFile[] = [];
    let count = 0;
    // One folder after the other: all at once, a large repository would be in memory as a whole.
    const read = async (path: string): Promise<void> => {
      const { tree } = await git.readTree({
        fs,
        gitdir,
        cache,
        oid: commit,
        filepath: path === '' ? undefined : path,
      });
      count += tree.length;
      if (count > atMost)
        throw new GitError(
          'too-large',
          `${folder} in ${this.name} holds more than ${atMost} files and folders`,
        );
      for (const { path: name, oid, type, mode } of tree) {
        const at = path === '' ? name : `${path}/${name}`;
        if (type === 'commit') files.push({ path: at, oid, kind: 'submodule' });
        else if (type === 'blob')
          files.push({
            path: at,
            oid,
            kind: mode === '120000' ? 'symlink' : 'file',
          });
        else if (recursive) await read(at);
      }
    };
    try {
      await read(folder);
      return files;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  async readFile(
    commit: string,
    path: string,
    options: { atMost?: number; cache?: ReadCache } = {},
  ): Promise<string | undefined> {
    const { atMost = Infinity, cache } = options;
    let blob: Uint8Array;
    try {
      ({ blob } = await git.readBlob({
        fs,
        gitdir: this.#clone.gitdir,
        cache,
        oid: commit,
        filepath: path,
      }));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
    if (blob.length > atMost)
      throw new GitError(
        'too-large',
        `${path} in ${this.name} has more than ${atMost} bytes`,
      );
    const bytes = Buffer.from(blob);
    const text = bytes.toString('utf8');
    if (!Buffer.from(text, 'utf8').equals(bytes)) {
      throw new GitError(
        'invalid',
        `${path} in ${this.name} is not written in UTF-8`,
      );
    }
    return text;
  }

  findCommit(
    options: { branch: string; commit: string } & Cancellable,
  ): Promise<GitCommit | undefined> {
    return this.#history.find(options);
  }

  commitsSince(
    options: { head: BranchHead; since: string; notBefore: Date } & Cancellable,
  ): Promise<GitCommit[]> {
    return this.#history.commitsSince(options);
  }

  findLastChange(
    options: {
      head: BranchHead;
      until: string;
      valueAt(commit: string): Promise<string | undefined>;
    } & Cancellable,
  ): Promise<GitCommit | undefined> {
    return this.#history.findLastChange(options);
  }

  async contains(
    options: { branch: string; revision: string; commit: string } & Cancellable,
  ): Promise<boolean> {
    const { branch, revision, commit, signal } = options;
    if (revision === commit) return true;
    const isHere =
      (await this.#clone.has(revision)) && (await this.#clone.has(commit));
    if (!isHere) await this.head(branch, { signal });
    // What the branch's newest state does not lead to is older than all that was fetched, or on another branch.
    if (!(await this.#clone.has(revision))) return false;
    return this.#history.contains({ branch, revision, commit, signal });
  }

  async checkWriteAccess(branch: string, options: Cancellable): Promise<void> {
    const { refs, capabilities } = await this.#http.advertise(
      'git-receive-pack',
      options.signal,
    );
    if (!refs.has(`refs/heads/${branch}`)) {
      throw new GitError(
        'not-found',
        `The Git repository ${this.name} has no branch ${branch}`,
      );
    }
    if (!capabilities.has('report-status')) {
      throw new GitError(
        'invalid',
        `The Git server of ${this.name} does not report what became of a push`,
      );
    }
  }

  async prepareCommit(options: {
    parent: BranchHead;
    files: ReadonlyMap<string, string>;
    message: string;
    identity: CommitIdentity;
    at: Date;
  }): Promise<PreparedCommit> {
    const { parent, files, message, identity, at } = options;
    const { gitdir } = this.#clone;
    const { root, created } = await editTree({
      gitdir,
      commit: parent.commit,
      files,
    });
    const who = {
      ...identity,
      timestamp: Math.floor(at.getTime() / 1000),
      timezoneOffset: 0,
    };
    const oid = await git.writeCommit({
      fs,
      gitdir,
      commit: {
        tree: root,
        parent: [parent.commit],
        message,
        author: who,
        committer: who,
      },
    });
    const { packfile } = await git.packObjects({
      fs,
      gitdir,
      oids: [...new Set([oid, ...created])],
      write: false,
    });
    if (!packfile)
      throw new GitError('invalid', 'The commit could not be packed');
    return {
      oid,
      parent: parent.commit,
      branch: parent.branch,
      pack: Buffer.from(packfile),
    };
  }

  async push(
    { branch, parent, oid, pack }: PreparedCommit,
    options: { beforeSend(): Promise<void> } & Cancellable,
  ): Promise<PushReport> {
    return this.#move({ branch, expected: parent, commit: oid, pack }, options);
  }

  async createBranch(
    { oid, pack }: PreparedCommit,
    options: { name: string; beforeSend(): Promise<void> } & Cancellable,
  ): Promise<PushReport> {
    return this.#move(
      { branch: options.name, expected: NO_COMMIT, commit: oid, pack },
      options,
    );
  }

  async deleteBranch(
    { branch, commit }: BranchHead,
    options: Cancellable,
  ): Promise<PushReport> {
    return this.#move(
      {
        branch,
        expected: commit,
        commit: NO_COMMIT,
        pack: Buffer.alloc(0),
      },
      { ...options, beforeSend: async () => {} },
    );
  }

  async #move(
    change: { branch: string; expected: string; commit: string; pack: Buffer },
    options: { beforeSend(): Promise<void> } & Cancellable,
  ): Promise<PushReport> {
    const { branch, expected, commit } = change;
    const { refs, capabilities } = await this.#http.advertise(
      'git-receive-pack',
      options.signal,
    );
    const now = refs.get(`refs/heads/${branch}`) ?? NO_COMMIT;
    if (now === commit) return { state: 'accepted' };
    if (now !== expected)
      return { state: 'lost-race', why: 'the branch has moved' };
    const request = buildReceivePackRequest({ ...change, capabilities });
    await options.beforeSend();
    const body = await this.#http.receivePack(request, options.signal);
    try {
      return parseReceivePackReport(body, {
        branch,
        sideBand: capabilities.has('side-band-64k'),
      });
    } catch (cause) {
      throw new GitError(
        'outcome-unknown',
        `The Git server of ${this.name} did not say what became of the push`,
        { cause },
      );
    }
  }
}

function branchOf(
  targetRevision: string | undefined,
  { refs, defaultBranch }: Advertisement,
): string | undefined {
  if (!targetRevision || targetRevision === 'HEAD') {
    if (defaultBranch) return defaultBranch.replace(/^refs\/heads\//, '');
    // Old servers do not say which branch is the default: then it must be clear from where HEAD is.
    const head = refs.get('HEAD');
    const candidates = [...refs]
      .filter(([name, oid]) => name.startsWith('refs/heads/') && oid === head)
      .map(([name]) => name.slice('refs/heads/'.length));
    return candidates.length === 1 ? candidates[0] : undefined;
  }
  const name = targetRevision.replace(/^refs\/heads\//, '');
  return refs.has(`refs/heads/${name}`) ? name : undefined;
}

// No such path, or something on the way is no folder.
function isAbsent(error: unknown): boolean {
  const { name } = error as Error;
  return name === 'NotFoundError' || name === 'ObjectTypeError';
}
