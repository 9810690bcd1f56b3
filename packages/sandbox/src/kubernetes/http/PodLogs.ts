import { ServerResponse } from 'node:http';
import { Behaviours, ContainerBehaviour } from '../../world/behaviours';
import { WorldClock } from '../../world/clock';
import { Ledger, MigrationRun } from '../../world/Ledger';
import { badRequest, notFound } from '../ApiError';
import { Json } from '../json';
import { containerLog, LogLine, LogRequest } from '../kubelet/containerLog';
import { resourceOfKind } from '../resources';
import { Registry } from '../store/Registry';
import { timestamp } from '../time';
import { KubernetesObject } from '../types';
import { containerNameIn, statusOf } from './containers';
import { flagIn, numberIn } from './requestInfo';

const POD = resourceOfKind('v1', 'Pod')!;
/** How often a log that is followed is looked at. */
const FOLLOW_MS = 250;

export interface PodLogsOptions {
  cluster: string;
  database: string;
  registry: Registry;
  clock: WorldClock;
  behaviours: Behaviours;
  ledger: Ledger;
}

/** `GET …/pods/<name>/log` */
export class PodLogs {
  readonly #options: PodLogsOptions;

  static create(options: PodLogsOptions): PodLogs {
    return new PodLogs(options);
  }

  private constructor(options: PodLogsOptions) {
    this.#options = options;
  }

  /** Throws ApiError before the answer begins. */
  serve(
    response: ServerResponse,
    pod: { namespace: string; name: string; query: URLSearchParams },
  ): void {
    const { query } = pod;
    const object = this.#find(pod.namespace, pod.name);
    const container = containerNameIn(object, query.get('container'));
    const previous = flagIn(query, 'previous');
    const log = this.#logOf(object, container, previous);
    const filter = filterOf(query, this.#options.clock.now().getTime());
    response.writeHead(200, {
      'Content-Type': 'text/plain',
      'Cache-Control': 'no-cache, private',
    });
    const lines = filter.first(containerLog(log));
    let left = filter.limitBytes;
    const write = (batch: LogLine[]) => {
      for (const line of batch) {
        const text = `${filter.timestamps ? `${nanoTime(line.at)} ` : ''}${
          line.text
        }\n`;
        response.write(text.slice(0, left));
        left -= text.length;
        if (left <= 0) {
          response.end();
          return;
        }
      }
    };
    write(lines);
    if (flagIn(query, 'follow') && !previous && left > 0) {
      response.flushHeaders();
      this.#follow(
        response,
        { ...pod, container, uid: object.metadata.uid! },
        log,
        write,
      );
    } else {
      response.end();
    }
  }

  /** Writes what is new now and then, until the container ends or the client goes. */
  #follow(
    response: ServerResponse,
    pod: { namespace: string; name: string; container: string; uid: string },
    first: LogRequest,
    write: (lines: LogLine[]) => void,
  ): void {
    let seen = this.#options.clock.now().getTime();
    const timer = setInterval(() => {
      const object = this.#options.registry.storage.get(
        POD,
        pod.namespace,
        pod.name,
      );
      const status =
        object?.metadata.uid === pod.uid
          ? statusOf(object, pod.container)
          : undefined;
      const isSameRun =
        status?.state?.running?.startedAt === first.run.startedAt ||
        status?.state?.terminated?.startedAt === first.run.startedAt;
      const log =
        object && isSameRun
          ? this.#logOf(object, pod.container, false)
          : undefined;
      const now = this.#options.clock.now().getTime();
      if (log) {
        write(
          containerLog(log).filter(
            line => line.at > seen && (line.at <= now || log.run.finishedAt),
          ),
        );
        seen = now;
      }
      if (!log || log.run.finishedAt) {
        response.end();
      }
    }, FOLLOW_MS);
    response.on('close', () => clearInterval(timer));
  }

  #find(namespace: string, name: string): KubernetesObject {
    const pod = this.#options.registry.storage.get(POD, namespace, name);
    if (!pod) {
      throw notFound(POD, name);
    }
    return pod;
  }

  #logOf(
    pod: KubernetesObject,
    container: string,
    previous: boolean,
  ): LogRequest {
    const { clock, behaviours, cluster } = this.#options;
    const status = statusOf(pod, container);
    const isInit = (pod.spec.initContainers ?? []).some(
      (each: Json) =>
        each.name === container && each.restartPolicy !== 'Always',
    );
    const spec = [
      ...(pod.spec.initContainers ?? []),
      ...pod.spec.containers,
      ...(pod.spec.ephemeralContainers ?? []),
    ].find((each: Json) => each.name === container);
    const { name } = pod.metadata;
    const run = previous
      ? status?.lastState?.terminated
      : status?.state?.running ??
        status?.state?.terminated ??
        status?.lastState?.terminated;
    if (previous && !run) {
      throw badRequest(
        `previous terminated container "${container}" in pod "${name}" not found`,
      );
    }
    if (!run) {
      const waiting = status?.state?.waiting;
      throw badRequest(
        ['ErrImagePull', 'ImagePullBackOff'].includes(waiting?.reason)
          ? `container "${container}" in pod "${name}" is waiting to start: trying and failing to pull image`
          : `container "${container}" in pod "${name}" is waiting to start: ${
              waiting?.reason ?? 'ContainerCreating'
            }`,
      );
    }
    const behaviour = behaviours({
      cluster,
      namespace: pod.metadata.namespace!,
      pod: name,
      container,
      isInit,
      image: spec.image,
      command: spec.command ?? [],
      args: spec.args ?? [],
      labels: pod.metadata.labels ?? {},
    });
    return {
      pod,
      spec,
      run,
      behaviour,
      outcome: this.#outcomeOf(pod, container, behaviour),
      now: clock.now().getTime(),
      restarts: (status?.restartCount ?? 0) - (previous ? 1 : 0),
      speed: clock.speed,
    };
  }

  /** Of a migration that still runs: what it is going to find. */
  #outcomeOf(
    pod: KubernetesObject,
    container: string,
    { migration }: ContainerBehaviour,
  ): MigrationRun['outcome'] | undefined {
    const { ledger, database } = this.#options;
    const known = ledger.runOf(pod.metadata.uid!, container)?.outcome;
    return (
      known ??
      (migration && ledger.isAt({ ...migration, database })
        ? 'already'
        : undefined)
    );
  }
}

function filterOf(
  query: URLSearchParams,
  now: number,
): {
  timestamps: boolean;
  limitBytes: number;
  first(lines: LogLine[]): LogLine[];
} {
  const tail = numberIn(query, 'tailLines');
  const seconds = numberIn(query, 'sinceSeconds');
  const sinceTime = query.get('sinceTime');
  if (seconds !== undefined && sinceTime) {
    throw badRequest(
      'at most one of `sinceTime` or `sinceSeconds` may be specified',
    );
  }
  const given = sinceTime ? Date.parse(sinceTime) : 0;
  const since = seconds === undefined ? given : now - seconds * 1000;
  if (Number.isNaN(since)) {
    throw badRequest(
      `parsing time "${sinceTime}" as "2006-01-02T15:04:05Z07:00"`,
    );
  }
  return {
    timestamps: flagIn(query, 'timestamps'),
    limitBytes: numberIn(query, 'limitBytes') ?? Infinity,
    first: lines => {
      const recent = lines.filter(line => line.at >= since);
      return tail === undefined
        ? recent
        : recent.slice(recent.length - Math.min(tail, recent.length));
    },
  };
}

/** A time as the container runtime writes it, to the nanosecond. */
function nanoTime(at: number): string {
  const date = new Date(at);
  return `${timestamp(date).slice(0, -1)}.${String(
    date.getUTCMilliseconds(),
  ).padStart(3, '0')}000000Z`;
}
