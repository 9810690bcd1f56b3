import {
  ConflictError,
  InputError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { TransportError } from '../http/TransportError';
import { PodLogsRequest } from '../types';
import { KubernetesApiError } from './KubernetesApiError';
import { CredentialError } from './CredentialError';
import { KubernetesClient } from './KubernetesClient';
import { readLogLines } from './logLines';
import { assertLabelName, assertObjectName } from './names';

const MAX_TAIL_LINES = 10_000;
/** Of a log that is not followed: without a limit a whole day's log would be read. */
const LOG_LIMIT_BYTES = 16 * 1024 * 1024;
/** A container may say nothing for long while it is followed. */
const FOLLOW_SILENCE_MS = 60 * 60 * 1000;
const READ_SILENCE_MS = 30_000;

/**
 * @throws InputError, NotFoundError, ConflictError (no log yet, or none of an earlier container), ServiceUnavailableError
 * @internal
 */
export async function openPodLogs(
  client: KubernetesClient,
  request: PodLogsRequest,
): Promise<AsyncIterable<string>> {
  const { cluster, namespace, pod, container, signal } = request;
  assertLabelName(namespace, 'The namespace');
  assertObjectName(pod, 'The pod');
  assertLabelName(container, 'The container');
  assertCount(request.tailLines, 'tailLines');
  assertCount(request.sinceSeconds, 'sinceSeconds');
  const { tailLines } = request;

  const path = `/api/v1/namespaces/${encodeURIComponent(
    namespace,
  )}/pods/${encodeURIComponent(pod)}/log`;
  try {
    const response = await client.open(path, {
      query: {
        container,
        follow: request.follow ? 'true' : undefined,
        previous: request.previous ? 'true' : undefined,
        timestamps: request.timestamps ? 'true' : undefined,
        tailLines:
          tailLines === undefined
            ? undefined
            : String(Math.min(tailLines, MAX_TAIL_LINES)),
        sinceSeconds: request.sinceSeconds?.toString(),
        sinceTime: request.sinceTime,
        limitBytes: request.follow ? undefined : String(LOG_LIMIT_BYTES),
      },
      accept: '*/*',
      signal,
    });
    return mapped(
      readLogLines(response, {
        idleTimeoutMs: request.follow ? FOLLOW_SILENCE_MS : READ_SILENCE_MS,
        signal,
      }),
      cluster,
      signal,
    );
  } catch (error) {
    throw signal.aborted ? signal.reason : toCallersError(error, cluster);
  }
}

function assertCount(value: number | undefined, what: string): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= 0)) {
    throw new InputError(`${what} is not a whole number`);
  }
}

async function* mapped(
  lines: AsyncIterable<string>,
  cluster: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch (error) {
    throw signal.aborted ? signal.reason : toCallersError(error, cluster);
  }
}

function toCallersError(error: unknown, cluster: string): unknown {
  if (error instanceof TransportError || error instanceof CredentialError) {
    return new ServiceUnavailableError(
      error instanceof TransportError
        ? `Cluster ${cluster} ${error.message}`
        : `No credential for cluster ${cluster} could be obtained`,
    );
  }
  if (!(error instanceof KubernetesApiError)) return error;
  switch (error.status) {
    case 404:
      return new NotFoundError(`Cluster ${cluster} does not have this pod`);
    case 400:
      // 'container "app" in pod "…" is waiting to start', 'previous terminated container "app" … not found'.
      return new ConflictError(error.message);
    case 401:
    case 403:
      return new ServiceUnavailableError(
        `The portal's account may not read logs in cluster ${cluster}`,
      );
    default:
      return new ServiceUnavailableError(
        `Cluster ${cluster} answers with errors (HTTP status ${error.status})`,
      );
  }
}
