import fs from 'node:fs';
import * as git from 'isomorphic-git';
import { Advertisement } from './advertisement';
import { BareClone } from './BareClone';
import { GitError } from './errors';
import { BranchHead, GitCommit } from './types';

/** Clocks of committers differ. */
const CLOCK_SLACK_MS = 24 * 3_600_000;
/** A branch on which more happened since than this is not searched to the end. */
const MAX_COMMITS = 20_000;

/**
 * Questions about the commits of one repository. Fetches more history when the answer lies beyond what is there.
 */
export class History {
  readonly #clone: BareClone;
  readonly #name: string;
  readonly #advertise: (signal: AbortSignal) => Promise<Advertisement>;

  static create(options: {
    clone: BareClone;
    name: string;
    advertise(signal: AbortSignal): Promise<Advertisement>;
  }): History {
    return new History(options);
  }

  private constructor(options: {
    clone: BareClone;
    name: string;
    advertise(signal: AbortSignal): Promise<Advertisement>;
  }) {
    this.#clone = options.clone;
    this.#name = options.name;
    this.#advertise = options.advertise;
  }

  /** Undefined when it is not there with all of the branch's history looked through. */
  async find(options: {
    branch: string;
    commit: string;
    signal: AbortSignal;
  }): Promise<GitCommit | undefined> {
    const { branch, commit, signal } = options;
    try {
      return await this.#reader(branch, signal)(commit);
    } catch (error) {
      if (error instanceof GitError && error.code === 'not-found')
        return undefined;
      throw error;
    }
  }

  async commitsSince(options: {
    head: BranchHead;
    since: string;
    notBefore: Date;
    signal: AbortSignal;
  }): Promise<GitCommit[]> {
    const { head, since, signal } = options;
    const oldest = options.notBefore.getTime() - CLOCK_SLACK_MS;
    const walk = this.#walk(head.branch, signal);
    const found: GitCommit[] = [];
    await walk(
      head.commit,
      commit => {
        if (commit.oid === since) return [];
        found.push(commit);
        return commit.parents.filter(parent => parent !== since);
      },
      commit => Date.parse(commit.at) >= oldest,
    );
    return found.sort((a, b) => b.at.localeCompare(a.at));
  }

  async findLastChange(options: {
    head: BranchHead;
    until: string;
    valueAt(commit: string): Promise<string | undefined>;
    signal: AbortSignal;
  }): Promise<GitCommit | undefined> {
    const { head, until, valueAt, signal } = options;
    const read = this.#reader(head.branch, signal);
    const value = await valueAt(head.commit);
    let commit = await read(head.commit);
    for (let steps = 0; steps < MAX_COMMITS; steps++) {
      signal.throwIfAborted();
      if (commit.oid === until) return undefined;
      let next: GitCommit | undefined;
      for (const parent of commit.parents) {
        const candidate = await read(parent);
        if ((await valueAt(parent)) === value) {
          next = candidate;
          break;
        }
      }
      if (!next) return commit;
      commit = next;
    }
    throw new GitError(
      'invalid',
      `The history of ${this.#name} is too long to find who changed this`,
    );
  }

  async contains(options: {
    branch: string;
    revision: string;
    commit: string;
    signal: AbortSignal;
  }): Promise<boolean> {
    const { branch, revision, commit, signal } = options;
    const wanted = await this.find({ branch, commit, signal });
    if (!wanted) return false;
    // The revision that was there before is the usual case, and needs no search.
    if (wanted.parents.includes(revision)) return false;
    const oldest = Date.parse(wanted.at) - CLOCK_SLACK_MS;
    let isFound = false;
    await this.#walk(branch, signal)(
      revision,
      ({ oid, parents }) => {
        isFound ||= oid === commit;
        return isFound ? [] : parents;
      },
      ({ at }) => Date.parse(at) >= oldest,
    );
    return isFound;
  }

  // Visits commits breadth first, from `start` to what `next` names, as long as they are recent enough.
  #walk(branch: string, signal: AbortSignal) {
    const read = this.#reader(branch, signal);
    return async (
      start: string,
      next: (commit: GitCommit) => string[],
      isRecent: (commit: GitCommit) => boolean,
    ) => {
      const seen = new Set([start]);
      let front = [start];
      while (front.length > 0) {
        signal.throwIfAborted();
        if (seen.size > MAX_COMMITS)
          throw new GitError(
            'invalid',
            `Too much happened in ${this.#name} to search it`,
          );
        const coming: string[] = [];
        for (const oid of front) {
          const commit = await read(oid);
          if (!isRecent(commit)) continue;
          for (const parent of next(commit)) {
            if (seen.has(parent)) continue;
            seen.add(parent);
            coming.push(parent);
          }
        }
        front = coming;
      }
    };
  }

  // Reads commits, and fetches more history when one is missing.
  #reader(branch: string, signal: AbortSignal) {
    let cache = {};
    const readHere = async (oid: string): Promise<GitCommit | undefined> => {
      try {
        const { commit } = await git.readCommit({
          fs,
          gitdir: this.#clone.gitdir,
          cache,
          oid,
        });
        return {
          oid,
          parents: commit.parent,
          message: commit.message,
          author: commit.author.name,
          at: new Date(commit.committer.timestamp * 1000).toISOString(),
        };
      } catch (error) {
        if ((error as Error).name === 'NotFoundError') return undefined;
        throw error;
      }
    };
    return async (oid: string): Promise<GitCommit> => {
      for (;;) {
        const commit = await readHere(oid);
        if (commit) return commit;
        if (
          !(await this.#clone.deepen(
            branch,
            await this.#advertise(signal),
            signal,
          ))
        ) {
          throw new GitError(
            'not-found',
            `The Git repository ${
              this.#name
            } does not have the commit ${oid.slice(0, 10)}`,
          );
        }
        cache = {};
      }
    };
  }
}
