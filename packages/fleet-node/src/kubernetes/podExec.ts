import { InputError } from '@backstage/errors';
import { ExecRequest, ExecSession } from '../exec/types';
import { toCallersError } from './callersError';
import { KubernetesApiError } from './KubernetesApiError';
import { KubernetesClient } from './KubernetesClient';
import { assertLabelName, assertObjectName } from './names';
import { SocketSession } from './SocketSession';

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
/** Container runtimes send pieces of 32 kB. */
const MESSAGE_LIMIT_BYTES = 4 * 1024 * 1024;

/**
 * @throws InputError, NotFoundError, ConflictError, ServiceUnavailableError
 * @internal
 */
export async function openPodExec(
  client: KubernetesClient,
  request: ExecRequest,
): Promise<ExecSession> {
  const { cluster, namespace, pod, container, command, signal } = request;
  assertLabelName(namespace, 'The namespace');
  assertObjectName(pod, 'The pod');
  assertLabelName(container, 'The container');
  if (command.length === 0) throw new InputError('There is no command');

  const query = new URLSearchParams({ container, stdout: 'true' });
  if (request.terminal) {
    query.set('stdin', 'true');
    query.set('tty', 'true');
  } else {
    query.set('stderr', 'true');
  }
  for (const word of command) query.append('command', word);
  const path = `/api/v1/namespaces/${encodeURIComponent(
    namespace,
  )}/pods/${encodeURIComponent(pod)}/exec?${query}`;
  try {
    const socket = await client.openWebSocket(path, {
      protocols: PROTOCOLS,
      limitBytes: MESSAGE_LIMIT_BYTES,
      signal,
    });
    const session = new SocketSession(socket, signal);
    if (request.terminal) session.resize(request.terminal);
    return session;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw toCallersError(asNotRunning(error), {
      cluster,
      what: 'start a process in a container',
    });
  }
}

/** A kubelet's own words, with status 500 or 404, where the API server hands the connection on (version 4 of the protocol). */
function asNotRunning(error: unknown): unknown {
  return error instanceof KubernetesApiError &&
    error.message.includes('container not found')
    ? new KubernetesApiError({ status: 400, message: error.message })
    : error;
}
