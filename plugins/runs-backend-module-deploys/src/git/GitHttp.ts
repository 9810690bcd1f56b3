import { GitError } from './errors';
import { Advertisement, parseAdvertisement } from './advertisement';
import { GitRemote } from './GitRemotes';

/** @internal */
export type GitService = 'git-upload-pack' | 'git-receive-pack';

/** Time limits of requests, in milliseconds. */
export interface GitTimeouts {
  advertisementMs: number;
  fetchMs: number;
  pushMs: number;
}

export const DEFAULT_TIMEOUTS: GitTimeouts = {
  advertisementMs: 15_000,
  fetchMs: 120_000,
  pushMs: 60_000,
};

const MAX_ADVERTISEMENT_BYTES = 50_000_000;
const MAX_PACK_BYTES = 1_000_000_000;
const MAX_REPORT_BYTES = 1_000_000;
const MAX_REDIRECTS = 3;

interface RawAnswer {
  status: number;
  headers: Headers;
  body: Buffer;
}

/**
 * Smart HTTP with one repository: what a client without the git program needs of it.
 */
export class GitHttp {
  readonly #remote: GitRemote;
  readonly #timeouts: GitTimeouts;
  /** Changes when the server says that the repository lies elsewhere on the same host. */
  #url: string;

  static create(options: {
    remote: GitRemote;
    timeouts: GitTimeouts;
  }): GitHttp {
    return new GitHttp(options.remote, options.timeouts);
  }

  private constructor(remote: GitRemote, timeouts: GitTimeouts) {
    this.#remote = remote;
    this.#timeouts = timeouts;
    this.#url = remote.url;
  }

  /** Address without credentials. */
  get url(): string {
    return this.#url;
  }

  /** Asks which refs the repository has. For `git-receive-pack` a server answers only those who may push. */
  async advertise(
    service: GitService,
    signal: AbortSignal,
  ): Promise<Advertisement> {
    const answer = await this.#get(`/info/refs?service=${service}`, signal);
    this.#expectOk(answer, service);
    try {
      return parseAdvertisement(answer.body, service);
    } catch (cause) {
      throw new GitError(
        'invalid',
        `What answers for repository ${this.#remote.name} is no Git server`,
        { cause },
      );
    }
  }

  /** Fetches a pack. */
  async uploadPack(body: Buffer, signal: AbortSignal): Promise<Buffer> {
    const answer = await this.#post('git-upload-pack', body, signal, {
      timeoutMs: this.#timeouts.fetchMs,
      maxBytes: MAX_PACK_BYTES,
    });
    this.#expectOk(answer, 'git-upload-pack');
    return answer.body;
  }

  /**
   * Sends a pack, and answers the server's report.
   *
   * @throws GitError with `outcome-unknown` when no whole answer came, since the server may have carried it out
   */
  async receivePack(body: Buffer, signal: AbortSignal): Promise<Buffer> {
    let answer: RawAnswer;
    try {
      answer = await this.#post('git-receive-pack', body, signal, {
        timeoutMs: this.#timeouts.pushMs,
        maxBytes: MAX_REPORT_BYTES,
      });
    } catch (cause) {
      throw new GitError(
        'outcome-unknown',
        `The answer to the push to ${this.#remote.name} was lost`,
        { cause },
      );
    }
    if (answer.status >= 500) {
      throw new GitError(
        'outcome-unknown',
        `The Git server of ${this.#remote.name} answered the push with ${
          answer.status
        }`,
      );
    }
    this.#expectOk(answer, 'git-receive-pack');
    return answer.body;
  }

  async #get(path: string, signal: AbortSignal): Promise<RawAnswer> {
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const answer = await this.#request(`${this.#url}${path}`, {
        signal,
        timeoutMs: this.#timeouts.advertisementMs,
        maxBytes: MAX_ADVERTISEMENT_BYTES,
      });
      const location = answer.headers.get('location');
      if (answer.status < 300 || answer.status > 399 || !location)
        return answer;
      this.#moveTo(location, path);
    }
    throw new GitError(
      'invalid',
      `The Git server of ${this.#remote.name} redirects without end`,
    );
  }

  // Forges redirect `name` to `name.git`. Credentials go along, so it must stay on the host.
  #moveTo(location: string, path: string): void {
    const target = new URL(location, `${this.#url}${path}`);
    const moved = target.href.endsWith(path)
      ? target.href.slice(0, -path.length)
      : undefined;
    if (!moved || target.origin !== new URL(this.#url).origin) {
      throw new GitError(
        'invalid',
        `The Git server of ${
          this.#remote.name
        } redirects to another place; correct the address in the Application`,
      );
    }
    this.#url = moved;
  }

  async #post(
    service: GitService,
    body: Buffer,
    signal: AbortSignal,
    limits: { timeoutMs: number; maxBytes: number },
  ): Promise<RawAnswer> {
    return this.#request(`${this.#url}/${service}`, {
      ...limits,
      signal,
      body,
      headers: {
        'Content-Type': `application/x-${service}-request`,
        Accept: `application/x-${service}-result`,
      },
    });
  }

  async #request(
    url: string,
    options: {
      signal: AbortSignal;
      timeoutMs: number;
      maxBytes: number;
      body?: Buffer;
      headers?: Record<string, string>;
    },
  ): Promise<RawAnswer> {
    options.signal.throwIfAborted();
    const authorization = await this.#remote.authorization();
    const timeout = AbortSignal.timeout(options.timeoutMs);
    try {
      const response = await fetch(url, {
        method: options.body ? 'POST' : 'GET',
        body: options.body,
        headers: {
          ...options.headers,
          'User-Agent': 'git/switchyard',
          ...(authorization ? { Authorization: authorization } : {}),
        },
        redirect: 'manual',
        signal: AbortSignal.any([options.signal, timeout]),
      });
      const body = await readLimited(response, options.maxBytes);
      return { status: response.status, headers: response.headers, body };
    } catch (cause) {
      if (options.signal.aborted) throw options.signal.reason;
      if (cause instanceof GitError) throw cause;
      if (timeout.aborted) {
        throw new GitError(
          'timeout',
          `The Git server of ${
            this.#remote.name
          } did not answer within ${Math.round(options.timeoutMs / 1000)} s`,
          { cause },
        );
      }
      throw new GitError(
        'unreachable',
        `The Git server of ${this.#remote.name} cannot be reached`,
        { cause },
      );
    }
  }

  #expectOk(answer: RawAnswer, service: GitService): void {
    const { name } = this.#remote;
    const verb = service === 'git-receive-pack' ? 'write to' : 'read';
    // 203 is how Azure DevOps shows its sign-in page.
    if (answer.status === 401 || answer.status === 203) {
      throw new GitError(
        'unauthorized',
        `The Git server refused the portal's credentials for ${name}: it may not ${verb} it`,
      );
    }
    if (answer.status === 403) {
      throw new GitError(
        'forbidden',
        `The portal may not ${verb} the Git repository ${name}`,
      );
    }
    if (answer.status === 404) {
      throw new GitError(
        'not-found',
        `The Git server has no repository ${name}, or hides it from the portal`,
      );
    }
    if (answer.status >= 500) {
      throw new GitError(
        'unreachable',
        `The Git server of ${name} answered ${answer.status}`,
      );
    }
    if (answer.status !== 200) {
      throw new GitError(
        'invalid',
        `The Git server of ${name} answered ${answer.status}`,
      );
    }
  }
}

async function readLimited(
  response: Response,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  if (!response.body) return Buffer.alloc(0);
  for await (const chunk of response.body) {
    length += chunk.byteLength;
    if (length > maxBytes) {
      throw new GitError('invalid', 'The Git server sent more than is allowed');
    }
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
