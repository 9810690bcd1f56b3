import { IncomingMessage, ServerResponse } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { RawData, WebSocket, WebSocketServer } from 'ws';
import { WorldClock } from '../../world/clock';
import { badRequest, notFound } from '../ApiError';
import { containerNameIn, statusOf } from '../http/containers';
import { flagIn } from '../http/requestInfo';
import { Json } from '../json';
import { resourceOfKind } from '../resources';
import { Registry } from '../store/Registry';
import { kindKey } from '../store/Storage';
import { KubernetesObject } from '../types';
import { containerEnvironment } from './containerEnvironment';
import { ContainerProcess, startProgram } from './startProgram';

const POD = resourceOfKind('v1', 'Pod')!;
const V5 = 'v5.channel.k8s.io';
const V4 = 'v4.channel.k8s.io';
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 };
/** Since version 5: the channel whose number follows is closed. */
const CLOSE = 255;
/** A process that is killed with its container. */
const KILLED = 137;

export interface PodExecOptions {
  registry: Registry;
  clock: WorldClock;
}

/** `…/pods/<name>/exec` over a web socket, as API servers from 1.30 on answer it. */
export class PodExec {
  readonly #options: PodExecOptions;
  readonly #sessions = new Set<WebSocket>();
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols: offered =>
      [V5, V4].find(protocol => offered.has(protocol)) ?? false,
  });

  static create(options: PodExecOptions): PodExec {
    return new PodExec(options);
  }

  private constructor(options: PodExecOptions) {
    this.#options = options;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Cuts all sessions, without a word. */
  cut(): void {
    this.#sessions.forEach(socket => socket.terminate());
  }

  /** Throws ApiError before the answer begins. */
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    head: Buffer,
    target: { namespace: string; name: string; query: URLSearchParams },
  ): void {
    const { namespace, name, query } = target;
    const pod = this.#options.registry.storage.get(POD, namespace, name);
    if (!pod) {
      throw notFound(POD, name);
    }
    const container = containerNameIn(pod, query.get('container'));
    if (!pod.spec.nodeName) {
      throw badRequest(`pod ${name} does not have a host assigned`);
    }
    if (
      !['stdin', 'stdout', 'stderr', 'tty'].some(each => flagIn(query, each))
    ) {
      throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
    }
    const offered = String(request.headers['sec-websocket-protocol'] ?? '');
    if (![V5, V4].some(each => offered.includes(each))) {
      throw badRequest('no protocol that the sandbox speaks was offered');
    }
    const socket = response.socket!;
    response.detachSocket(socket);
    this.#server.handleUpgrade(request, socket, head, client => {
      this.#sessions.add(client);
      client.once('close', () => this.#sessions.delete(client));
      this.#begin(client, pod, container, query);
    });
  }

  #begin(
    client: WebSocket,
    pod: KubernetesObject,
    container: string,
    query: URLSearchParams,
  ): void {
    const isTerminal = flagIn(query, 'tty');
    const running: { process?: ContainerProcess } = {};
    let size: { columns: number; rows: number } | undefined;
    let hasEnded = false;
    let stopWatching = () => {};

    const send = (channel: number, text: string) => {
      if (client.readyState === WebSocket.OPEN) {
        client.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)]));
      }
    };
    const end = (status: Json) => {
      if (hasEnded) return;
      hasEnded = true;
      stopWatching();
      send(CHANNEL.error, JSON.stringify({ metadata: {}, ...status }));
      client.close(1000);
    };
    client.on('error', () => client.terminate());
    client.once('close', () => {
      hasEnded = true;
      stopWatching();
      running.process?.stop();
    });
    // As the API server: tells the client that the connection stands.
    send(CHANNEL.stdout, '');
    if (!runOf(pod, container)) {
      end(
        failed(
          `unable to upgrade connection: container not found (${JSON.stringify(
            container,
          )})`,
        ),
      );
      return;
    }

    const startedAt = runOf(pod, container);
    stopWatching = this.#options.registry.storage.subscribe(
      ({ kind, type, object }) => {
        if (kind !== kindKey(POD) || object.metadata.uid !== pod.metadata.uid) {
          return;
        }
        if (type === 'DELETED' || runOf(object, container) !== startedAt) {
          running.process?.stop();
          end(exited(KILLED));
        }
      },
    );
    // A terminal has one stream, and wants carriage returns.
    const write = (channel: number) => (text: string) =>
      isTerminal
        ? send(CHANNEL.stdout, text.replace(/\n/g, '\r\n'))
        : send(channel, text);
    const started = startProgram(query.getAll('command'), {
      context: {
        environment: {
          ...containerEnvironment(
            this.#options.registry,
            pod,
            specOf(pod, container),
          ),
          ...(isTerminal ? { TERM: 'xterm' } : {}),
        },
        hostname: pod.metadata.name,
        schedule: (delayMs, callback) =>
          this.#options.clock.schedule(delayMs, callback),
        out: write(CHANNEL.stdout),
        error: write(CHANNEL.stderr),
        size: () =>
          isTerminal ? size ?? { columns: 80, rows: 24 } : undefined,
      },
      isTerminal,
      hasInput: flagIn(query, 'stdin'),
      exit: code => end(exited(code)),
    });
    if (typeof started === 'string') {
      end(
        failed(
          `error executing command in container: failed to exec in container: failed to start exec "0a": ${started}`,
        ),
      );
      return;
    }
    running.process = started;
    const decoder = new StringDecoder('utf8');
    client.on('message', (data: RawData) => {
      const [channel, ...rest] = data as Buffer;
      const bytes = Buffer.from(rest);
      if (channel === CHANNEL.stdin) {
        started.input(decoder.write(bytes));
      } else if (channel === CHANNEL.resize) {
        const { Width, Height } = JSON.parse(bytes.toString('utf8'));
        size = { columns: Width, rows: Height };
      } else if (channel === CLOSE && bytes[0] === CHANNEL.stdin) {
        started.endInput();
      }
    });
  }
}

/** When the run of a container began; undefined while it does not run. */
function runOf(pod: KubernetesObject, container: string): string | undefined {
  return statusOf(pod, container)?.state?.running?.startedAt;
}

function specOf(pod: KubernetesObject, container: string): Json {
  return [
    ...(pod.spec.initContainers ?? []),
    ...pod.spec.containers,
    ...(pod.spec.ephemeralContainers ?? []),
  ].find((each: Json) => each.name === container);
}

function exited(code: number): Json {
  return code === 0
    ? { status: 'Success' }
    : {
        status: 'Failure',
        message: `command terminated with non-zero exit code: command terminated with exit code ${code}`,
        reason: 'NonZeroExitCode',
        details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
      };
}

function failed(message: string): Json {
  return {
    status: 'Failure',
    message: `Internal error occurred: ${message}`,
    reason: 'InternalError',
    details: { causes: [{ message }] },
    code: 500,
  };
}
