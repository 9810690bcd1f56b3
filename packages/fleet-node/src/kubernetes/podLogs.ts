import { IncomingMessage } from 'node:http';
import { InputError } from '@backstage/errors';
import { pause } from '../http/backoff';
import { TransportError } from '../http/TransportError';
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
/** Longer than it takes to refuse. */
const REFUSAL_MS = 3_000;

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
  const done = new AbortController();
  const answer = client.open(path, {
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
    answerTimeoutMs: request.follow ? FOLLOW_SILENCE_MS : undefined,
    signal: AbortSignal.any([signal, done.signal]),
  });
  // Told to whoever reads the lines.
  answer.catch(() => {});
  try {
    if (request.follow) await untilAnsweredOrQuiet(client, answer, signal);
    else await answer;
  } catch (error) {
    done.abort();
    throw toReadersError(error, cluster, signal);
  }
  return linesOf(answer, {
    cluster,
    signal,
    idleTimeoutMs: request.follow ? FOLLOW_SILENCE_MS : READ_SILENCE_MS,
  });
}

/**
 * Of a log that is followed, kubelets send the header with the first line: a container that says nothing looks like a cluster that hangs. So the cluster is
 * asked whether it is there.
 *
 * @throws what the answer does, TransportError
 */
async function untilAnsweredOrQuiet(
  client: KubernetesClient,
  answer: Promise<IncomingMessage>,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const waited = pause(REFUSAL_MS, AbortSignal.any([signal, stop.signal]));
  try {
    const isAnswered = await Promise.race([
      answer.then(() => true),
      waited.then(() => false),
    ]);
    if (isAnswered) return;
  } finally {
    stop.abort();
  }
  const problem = await Promise.race([
    answer.then(() => undefined),
    client.silence(signal),
  ]);
  if (problem === undefined) return;
  throw new TransportError({
    reason: 'silent',
    message: problem,
    mayHaveBeenReceived: true,
  });
}

function assertCount(value: number | undefined, what: string): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= 0)) {
    throw new InputError(`${what} is not a whole number`);
  }
}

async function* linesOf(
  answer: Promise<IncomingMessage>,
  options: { cluster: string; signal: AbortSignal; idleTimeoutMs: number },
): AsyncGenerator<string> {
  const { cluster, signal } = options;
  try {
    yield* readLogLines(await answer, options);
  } catch (error) {
    throw toReadersError(error, cluster, signal);
  }
}

function toReadersError(
  error: unknown,
  cluster: string,
  signal: AbortSignal,
): unknown {
  return signal.aborted
    ? signal.reason
    : toCallersError(error, { cluster, what: 'read logs' });
}
