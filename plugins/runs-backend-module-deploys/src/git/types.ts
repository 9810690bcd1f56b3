import { CommitIdentity } from './gitConfig';
import { PushReport } from './receivePack';

/** A commit as far as it is read. */
export interface GitCommit {
  oid: string;
  parents: string[];
  message: string;
  /** Who it is by, e.g. `Dana`. */
  author: string;
  /** ISO time at which it was committed. */
  at: string;
}

/** Where a branch is now. */
export interface BranchHead {
  branch: string;
  commit: string;
}

/** A file in a commit, by its path in the repository. */
export interface GitFile {
  path: string;
  oid: string;
  kind: 'file' | 'symlink' | 'submodule';
}

/** A commit that is made and not yet pushed. */
export interface PreparedCommit {
  oid: string;
  parent: string;
  branch: string;
  /** What has to be sent for it. */
  pack: Buffer;
}

/** What several reads share: the packs are read and checked once for all of them. */
export type ReadCache = object;

interface ReadOptions {
  /** More than this many (files and folders, or bytes) is a GitError with `too-large`. */
  atMost?: number;
  cache?: ReadCache;
}

interface Cancellable {
  signal: AbortSignal;
}

/**
 * One repository over HTTP, with a kept clone behind it. Every method throws `GitError`, and what the signal says when that is aborted.
 */
export interface GitRepository {
  /** Last part of its path: `deploy-blue`. */
  readonly name: string;
  /** Address without credentials: the same for every way to write it. */
  readonly url: string;
  commitUrl(commit: string): string | undefined;
  /**
   * The branch that a `targetRevision` means, at its present head, which is fetched. Undefined when it names a tag or a commit, or nothing at all.
   */
  findBranch(
    targetRevision: string | undefined,
    options: Cancellable,
  ): Promise<BranchHead | undefined>;
  /** Asks for the head now, and fetches it. */
  head(branch: string, options: Cancellable): Promise<BranchHead>;
  /** For whoever reads many files. One for all who keep it at the same time; packs stay in memory as long as somebody does. */
  readCache(): ReadCache;
  /** Files in a folder of a commit; undefined when there is no such folder. Folders within it only on request. */
  listFiles(
    commit: string,
    folder: string,
    options?: { recursive?: boolean } & ReadOptions,
  ): Promise<GitFile[] | undefined>;
  /** Text of a file, exactly; undefined when there is no such file. @throws GitError with `invalid` when it is not UTF-8 */
  readFile(
    commit: string,
    path: string,
    options?: ReadOptions,
  ): Promise<string | undefined>;
  /**
   * A commit of the branch's history, which is fetched as far as it takes, with its files. Undefined when the branch does not lead to it any more.
   */
  findCommit(
    options: { branch: string; commit: string } & Cancellable,
  ): Promise<GitCommit | undefined>;
  /**
   * Commits that are in `head` and came after `since` (or, for those that are not on the way from there, after `notBefore`), newest first.
   */
  commitsSince(
    options: { head: BranchHead; since: string; notBefore: Date } & Cancellable,
  ): Promise<GitCommit[]>;
  /**
   * The commit that gave something its present value: the newest whose value differs from those of all its parents. Undefined when that is beyond `until`.
   */
  findLastChange(
    options: {
      head: BranchHead;
      until: string;
      valueAt(commit: string): Promise<string | undefined>;
    } & Cancellable,
  ): Promise<GitCommit | undefined>;
  /**
   * Whether the commit equals or is an ancestor of the revision. Looks at the branch anew when it does not know the revision.
   */
  contains(
    options: { branch: string; revision: string; commit: string } & Cancellable,
  ): Promise<boolean>;
  /** Finds out before anything is done whether the portal may push. @throws GitError that says so when it may not */
  checkWriteAccess(branch: string, options: Cancellable): Promise<void>;
  /** Makes a commit in which the given files have another content. Nothing is sent. */
  prepareCommit(options: {
    parent: BranchHead;
    files: ReadonlyMap<string, string>;
    message: string;
    identity: CommitIdentity;
    at: Date;
  }): Promise<PreparedCommit>;
  /**
   * Moves the branch from the commit's parent to the commit, or does nothing. `beforeSend` is awaited right before the one request that changes something,
   * and only if the branch is still at the parent then.
   *
   * @throws GitError with `outcome-unknown` when the answer was lost
   */
  push(
    commit: PreparedCommit,
    options: { beforeSend(): Promise<void> } & Cancellable,
  ): Promise<PushReport>;
  /** Makes a branch that begins with the commit, or does nothing where there is one of that name. As `push` besides. */
  createBranch(
    commit: PreparedCommit,
    options: { name: string; beforeSend(): Promise<void> } & Cancellable,
  ): Promise<PushReport>;
  /** Deletes the branch if it is still where it was; otherwise that is a lost race. As `push` besides. */
  deleteBranch(head: BranchHead, options: Cancellable): Promise<PushReport>;
}

/** Hands out repositories. */
export interface GitClient {
  /** @throws GitError when the repository's host is not configured */
  repository(repoUrl: string): GitRepository;
}
