/** What Argo CD's HTTP API answered. */
export interface ArgoCdAnswer {
  status: number;
  /** Parsed where it is JSON. */
  json: any;
  text: string;
}

/** Argo CD's HTTP API without any cleverness: for what a test makes, and for answers that have to be seen as they are. */
export class ArgoCdApi {
  readonly url: string;
  readonly #token: string;

  static create(options: { url: string; token: string }): ArgoCdApi {
    return new ArgoCdApi(options.url.replace(/\/+$/, ''), options.token);
  }

  private constructor(url: string, token: string) {
    this.url = url;
    this.#token = token;
  }

  /**
   * @param path - below `/api/v1`, with its query
   * @param options.contentType - null for none
   */
  async call(
    method: string,
    path: string,
    options: { body?: unknown; contentType?: string | null } = {},
  ): Promise<ArgoCdAnswer> {
    const { body, contentType = 'application/json' } = options;
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(method !== 'GET' &&
          contentType !== null && { 'content-type': contentType }),
      },
      // Bytes, because a string would bring a content type with it.
      body:
        body === undefined
          ? undefined
          : new TextEncoder().encode(JSON.stringify(body)),
    });
    const text = await response.text();
    return { status: response.status, text, json: parse(text) };
  }

  /** @throws when the answer is not 200 */
  async ask(method: string, path: string, body?: unknown): Promise<any> {
    const answer = await this.call(method, path, { body });
    if (answer.status !== 200) {
      throw new Error(
        `Argo CD: ${method} ${path.split('?')[0]} answered ${answer.status}: ${
          answer.text
        }`,
      );
    }
    return answer.json;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
