import { InputError } from '@backstage/errors';
import { PodLogsRequest } from '../types';
import { toCallersError } from './callersError';
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
    throw signal.aborted
      ? signal.reason
      : toCallersError(error, { cluster, what: 'read logs' });
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
    throw signal.aborted
      ? signal.reason
      : toCallersError(error, { cluster, what: 'read logs' });
  }
}
