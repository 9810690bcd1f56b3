import { JsonObject, JsonValue } from '@backstage/types';
import { GitError } from '../git';

const TIMEOUT_MS = 15_000;
const MAX_WORDS = 300;

/**
 * Requests to a forge's REST API about one repository. What goes wrong is told as of Git: a `GitError` that names the forge and the repository.
 */
export class ForgeApi {
  readonly #options: Parameters<typeof ForgeApi.create>[0];

  static create(options: {
    /** `GitHub`, for messages. */
    forge: string;
    repository: string;
    /** Address of the repository in the API. */
    url: string;
    accept: string;
    /** The `Authorization` header of the moment. */
    authorization(): Promise<string | undefined>;
  }): ForgeApi {
    return new ForgeApi(options);
  }

  private constructor(options: Parameters<typeof ForgeApi.create>[0]) {
    this.#options = options;
  }

  get(path: string, options: { signal: AbortSignal }): Promise<JsonValue> {
    return this.#request('GET', path, undefined, options);
  }

  /** @throws GitError with `outcome-unknown` when no whole answer came */
  send(
    method: 'POST' | 'PATCH' | 'PUT',
    path: string,
    body: JsonObject,
    options: { signal: AbortSignal },
  ): Promise<JsonValue> {
    return this.#request(method, path, body, options);
  }

  async #request(
    method: string,
    path: string,
    body: JsonObject | undefined,
    { signal }: { signal: AbortSignal },
  ): Promise<JsonValue> {
    signal.throwIfAborted();
    const { forge, url, accept } = this.#options;
    const authorization = await this.#options.authorization();
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}${path}`, {
        method,
        body: body && JSON.stringify(body),
        headers: {
          Accept: accept,
          'User-Agent': 'switchyard',
          ...(body && { 'Content-Type': 'application/json' }),
          ...(authorization && { Authorization: authorization }),
        },
        signal: AbortSignal.any([signal, timeout]),
      });
      text = await response.text();
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw new GitError(
        body ? 'outcome-unknown' : 'unreachable',
        timeout.aborted
          ? `${forge} did not answer within ${TIMEOUT_MS / 1000} s`
          : `${forge} cannot be reached`,
        { cause },
      );
    }
    this.#expectOk(response, text, Boolean(body));
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new GitError('invalid', `What answers is no ${forge}`, { cause });
    }
  }

  #expectOk({ status, headers }: Response, text: string, isWrite: boolean) {
    if (status >= 200 && status < 300) return;
    const { forge, repository } = this.#options;
    const words = wordsOf(text);
    if (status === 429 || (status === 403 && isLimited(headers)))
      throw new GitError('unreachable', `${forge} asks to be left alone`);
    if (status === 401)
      throw new GitError(
        'unauthorized',
        `${forge} refused the portal's credentials for ${repository}`,
      );
    if (status === 403)
      throw new GitError(
        'forbidden',
        `${forge} does not let the portal do this in ${repository}${words}`,
      );
    if (status === 404)
      throw new GitError(
        'not-found',
        `${forge} has no such thing in ${repository}, or hides it from the portal`,
      );
    if (status >= 500)
      throw new GitError(
        isWrite ? 'outcome-unknown' : 'unreachable',
        `${forge} answered ${status}`,
      );
    throw new GitError('invalid', `${forge} answered ${status}${words}`);
  }
}

function isLimited(headers: Headers): boolean {
  return (
    headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0'
  );
}

/** What the forge says of a refusal: GitHub in `message` and `errors`, GitLab in `message` or `error`. */
function wordsOf(text: string): string {
  let body: JsonValue;
  try {
    body = JSON.parse(text);
  } catch {
    return '';
  }
  const found: string[] = [];
  const gather = (value: JsonValue | undefined) => {
    if (typeof value === 'string') found.push(value);
    else if (Array.isArray(value)) value.forEach(gather);
    else if (value && typeof value === 'object')
      for (const key of ['message', 'error', 'errors', 'base'])
        gather(value[key]);
  };
  gather(body);
  const words = found
    .join(', ')
    .replace(/\bhttps?:\/\/\S+/g, '…')
    .replace(/\p{C}/gu, ' ')
    .slice(0, MAX_WORDS);
  return words && `: ${words}`;
}
