import { TEST_TOKEN, TestCluster } from './startTestCluster';

export interface ApiAnswer {
  status: number;
  headers: Headers;
  /** Parsed if it is an object. */
  body: any;
}

export interface ApiCall {
  method?: string;
  accept?: string;
  type?: string;
  body?: unknown;
  token?: string;
}

/** Asks a cluster's API over HTTP, with its token unless another is given. */
export async function callApi(
  cluster: TestCluster,
  path: string,
  options: ApiCall = {},
): Promise<ApiAnswer> {
  const response = await fetch(`${cluster.url}${path}`, {
    method: options.method ?? 'GET',
    headers: {
      Authorization: `Bearer ${options.token ?? TEST_TOKEN}`,
      Accept: options.accept ?? 'application/json',
      'Content-Type': options.type ?? 'application/json',
    },
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
  });
  const text = await response.text();
  const body = text.startsWith('{') ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body };
}
