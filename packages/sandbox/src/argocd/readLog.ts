import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { ArgocdCluster } from './api/context';

/** Reads logs as Argo CD does: from the cluster's own API. */
export function logReader(cluster: {
  url: string;
  token: string;
}): ArgocdCluster['readLog'] {
  return async function* readLog({ namespace, name, query }, signal) {
    const response = await fetch(
      `${cluster.url}/api/v1/namespaces/${namespace}/pods/${name}/log?${query}`,
      { headers: { Authorization: `Bearer ${cluster.token}` }, signal },
    );
    if (!response.ok) {
      const { message } = (await response.json()) as { message: string };
      throw new Error(message);
    }
    const body = Readable.fromWeb(response.body as ReadableStream);
    yield* createInterface({ input: body, crlfDelay: Infinity });
  };
}
