import fs from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as git from 'isomorphic-git';
import { advertiseOnly, Advertisement } from './advertisement';
import { GitError } from './errors';
import { GitHttp } from './GitHttp';

/** Each fetch adds a pack, and each pack makes reading slower: after so many it is cheaper to begin anew. */
const MAX_PACKS = 150;
/** How much history is fetched when more is needed, in turn. The last is all. */
const DEPTHS = [200, 5_000, 2_147_483_647];

/**
 * A bare clone that is kept on disk, shallow at first. Objects are added and never changed, so it may be read while it fetches.
 */
export class BareClone {
  readonly #http: GitHttp;
  readonly #name: string;
  readonly #directory: string;
  #generation = 0;
  #packs = 0;
  #depth = 0;
  /** Fetches of one repository wait for each other: the second usually finds everything there. */
  #queue: Promise<unknown> = Promise.resolve();

  static create(options: {
    http: GitHttp;
    name: string;
    directory: string;
  }): BareClone {
    return new BareClone(options);
  }

  private constructor(options: {
    http: GitHttp;
    name: string;
    directory: string;
  }) {
    this.#http = options.http;
    this.#name = options.name;
    this.#directory = options.directory;
  }

  get gitdir(): string {
    return join(this.#directory, String(this.#generation));
  }

  /** Makes sure that the head of a branch, as advertised, is there with what came since the last fetch. */
  async fetch(
    branch: string,
    advertisement: Advertisement,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#inTurn(signal, async () => {
      const head = advertisement.refs.get(`refs/heads/${branch}`);
      if (head && (await this.has(head))) return;
      if (this.#packs >= MAX_PACKS) await this.#startAnew();
      const isFirst = !(await this.#hasBranch(branch));
      await this.#fetch(branch, advertisement, signal, isFirst ? 1 : undefined);
    });
  }

  /**
   * Fetches more history of a branch.
   *
   * @returns false when all of it is there already
   */
  async deepen(
    branch: string,
    advertisement: Advertisement,
    signal: AbortSignal,
  ): Promise<boolean> {
    return this.#inTurn(signal, async () => {
      const depth = DEPTHS[this.#depth];
      if (depth === undefined || (await this.shallows()).size === 0)
        return false;
      this.#depth += 1;
      await this.#fetch(branch, advertisement, signal, depth);
      return true;
    });
  }

  /** Commits whose parents were not fetched. */
  async shallows(): Promise<Set<string>> {
    try {
      const text = await fs.promises.readFile(
        join(this.gitdir, 'shallow'),
        'utf8',
      );
      return new Set(text.split('\n').filter(line => line !== ''));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set();
      throw error;
    }
  }

  async has(oid: string): Promise<boolean> {
    try {
      await git.readObject({
        fs,
        gitdir: this.gitdir,
        oid,
        format: 'deflated',
      });
      return true;
    } catch (error) {
      if ((error as Error).name === 'NotFoundError') return false;
      // Nothing was fetched yet.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  async #hasBranch(branch: string): Promise<boolean> {
    try {
      await git.resolveRef({
        fs,
        gitdir: this.gitdir,
        ref: `refs/heads/${branch}`,
      });
      return true;
    } catch (error) {
      if ((error as Error).name === 'NotFoundError') return false;
      throw error;
    }
  }

  async #fetch(
    branch: string,
    advertisement: Advertisement,
    signal: AbortSignal,
    depth: number | undefined,
  ): Promise<void> {
    const ref = `refs/heads/${branch}`;
    const head = advertisement.refs.get(ref);
    if (!head)
      throw new GitError(
        'not-found',
        `The Git repository ${this.#name} has no branch ${branch}`,
      );
    await mkdir(this.gitdir, { recursive: true });
    await git.init({ fs, gitdir: this.gitdir, bare: true });
    await git.addRemote({
      fs,
      gitdir: this.gitdir,
      remote: 'origin',
      url: this.#http.url,
      force: true,
    });
    try {
      await git.fetch({
        fs,
        gitdir: this.gitdir,
        url: this.#http.url,
        ref,
        remoteRef: ref,
        singleBranch: true,
        tags: false,
        depth,
        http: {
          request: async request => {
            if (request.method !== 'POST')
              return answer(
                request.url,
                advertiseOnly(ref, head, advertisement),
                'application/x-git-upload-pack-advertisement',
              );
            const body = await collect(request.body);
            return answer(
              request.url,
              await this.#http.uploadPack(body, signal),
              'application/x-git-upload-pack-result',
            );
          },
        },
      });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof GitError) throw error;
      throw new GitError(
        'invalid',
        `What the Git server sent for ${this.#name} cannot be read`,
        { cause: error },
      );
    }
    if (!(await this.has(head))) {
      throw new GitError(
        'invalid',
        `The Git server did not send the head of branch ${branch} of ${
          this.#name
        }`,
      );
    }
    // Without this ref the next fetch would not say what is here, and everything would be sent again.
    await git.writeRef({
      fs,
      gitdir: this.gitdir,
      ref,
      value: head,
      force: true,
    });
    this.#packs =
      (await readdir(join(this.gitdir, 'objects', 'pack')).catch(() => []))
        .length / 2;
  }

  // Readers may still be in the old folder: it goes when the one after the new one begins.
  async #startAnew(): Promise<void> {
    await rm(join(this.#directory, String(this.#generation - 1)), {
      recursive: true,
      force: true,
    });
    this.#generation += 1;
    this.#packs = 0;
    this.#depth = 0;
  }

  async #inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#queue;
    const mine = (async () => {
      await before;
      signal.throwIfAborted();
      return work();
    })();
    this.#queue = mine.catch(() => undefined);
    return mine;
  }
}

async function collect(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | undefined,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}

// The whole body in one piece: an answer that broke off has already become an error of ours.
function answer(url: string, body: Buffer, type: string) {
  async function* pieces() {
    yield new Uint8Array(body);
  }
  return {
    url,
    method: 'POST',
    statusCode: 200,
    statusMessage: 'OK',
    headers: { 'content-type': type },
    body: pieces(),
  };
}
