import { ContainerBehaviour } from '../../world/behaviours';
import { parseImage } from '../../world/images';
import { MigrationRun } from '../../world/Ledger';
import { fractionOf } from '../../world/Random';
import { Json } from '../json';
import { KubernetesObject } from '../types';

/** One line of a log, with the time at which the container wrote it. */
export interface LogLine {
  /** Milliseconds since 1970. */
  at: number;
  text: string;
}

export interface LogRequest {
  pod: KubernetesObject;
  /** Of the container. */
  spec: Json;
  /** The run whose log is asked for. */
  run: { startedAt: string; finishedAt?: string; exitCode?: number };
  behaviour: ContainerBehaviour;
  /** Of the migration, if the run was one. */
  outcome?: MigrationRun['outcome'];
  /** Milliseconds since 1970. */
  now: number;
  /** How often the container had been restarted before the run. */
  restarts: number;
  /** Of the world, by which the program's start is shortened. */
  speed: number;
}

/** The kubelet keeps the newest lines only. */
const KEPT_LINES = 2_000;
const BETWEEN_MS: Readonly<Record<ContainerBehaviour['style'], number>> = {
  web: 4_000,
  worker: 9_000,
  system: 60_000,
  migration: 0,
  task: 0,
};

/**
 * The log of a container's run up to now. Nothing writes it: every line follows from who runs since when, so that the same question gets the same
 * answer, and nobody has to keep 140 logs.
 */
export function containerLog(request: LogRequest): LogLine[] {
  const { behaviour, run } = request;
  const start = Date.parse(run.startedAt);
  // A status has whole seconds only: what was written in the last one counts.
  const end = run.finishedAt ? Date.parse(run.finishedAt) + 999 : request.now;
  const startupMs = behaviour.startMs / request.speed;
  const boot = bootLines(request, start, startupMs);
  const steady = steadyLines(request, start + startupMs, end);
  const lines = [...boot, ...steady].filter(line => line.at <= end);
  if (run.finishedAt) {
    lines.push(...lastLines(request, end));
  }
  return lines.slice(-KEPT_LINES);
}

function componentOf({ pod, spec }: LogRequest): {
  component: string;
  version: string;
} {
  const { repository, tag, digest } = parseImage(spec.image);
  const component =
    pod.metadata.labels?.['app.kubernetes.io/name'] ??
    repository.split('/').pop()!;
  return { component, version: tag ?? digest?.slice(0, 19) ?? '' };
}

function stamped(at: number, level: string, text: string): LogLine {
  return {
    at,
    text: `${new Date(at).toISOString()} ${level.padEnd(5)} ${text}`,
  };
}

function bootLines(
  request: LogRequest,
  start: number,
  startupMs: number,
): LogLine[] {
  const { component, version } = componentOf(request);
  const { pod, behaviour, run } = request;
  switch (behaviour.style) {
    case 'migration':
      return migrationLines(request, start, component, version);
    case 'task':
      return [];
    case 'system':
      return [
        stamped(start, 'INFO', `${component} ${version} starting`),
        stamped(start + startupMs, 'INFO', 'caches are synced'),
      ];
    default: {
      const port = request.spec.ports?.[0]?.containerPort;
      const lines = [
        stamped(
          start,
          'INFO',
          `${component} ${version} starting (pid 1, node v22.14.0, pod ${pod.metadata.name})`,
        ),
        stamped(
          start + startupMs * 0.15,
          'INFO',
          'configuration read from the environment',
        ),
        stamped(
          start + startupMs * 0.35,
          'INFO',
          `database pool ready (5 connections)`,
        ),
      ];
      if (behaviour.exit && behaviour.exit.code !== 0) {
        return lines.filter(
          line => !run.finishedAt || line.at <= Date.parse(run.finishedAt),
        );
      }
      if (behaviour.listenMs !== undefined && port) {
        lines.push(
          stamped(
            start + behaviour.listenMs / request.speed,
            'INFO',
            `listening on :${port}, not ready yet`,
          ),
        );
      }
      if (behaviour.unreadyStatus) {
        return [
          ...lines,
          stamped(
            start + startupMs,
            'WARN',
            'ready check: price feed is not connected; answering 503',
          ),
        ];
      }
      return [
        ...lines,
        stamped(
          start + startupMs,
          'INFO',
          `ready after ${(behaviour.startMs / 1000).toFixed(1)} s`,
        ),
      ];
    }
  }
}

function migrationLines(
  request: LogRequest,
  start: number,
  component: string,
  version: string,
): LogLine[] {
  const { outcome, behaviour, run } = request;
  const length = run.finishedAt
    ? Date.parse(run.finishedAt) - start
    : (behaviour.migration?.afterMs ?? 0) / request.speed;
  const intro = [
    stamped(start, 'INFO', `migrate: ${component} ${version}`),
    stamped(start + length * 0.1, 'INFO', 'migrate: advisory lock taken'),
  ];
  if (outcome === 'already') {
    return [
      ...intro,
      stamped(
        start + length,
        'INFO',
        `migrate: schema already at version ${version}, nothing to do`,
      ),
    ];
  }
  const table = `${component.replace(/-/g, '_')}_lines`;
  const work = [
    ...intro,
    stamped(
      start + length * 0.3,
      'INFO',
      `migrate: == ${version} AddSourceTo${pascal(component)}Lines: migrating`,
    ),
    stamped(
      start + length * 0.35,
      'INFO',
      `migrate: -- add_column(:${table}, :source, :text)`,
    ),
    stamped(
      start + length * 0.6,
      'INFO',
      `migrate: -- add_index(:${table}, :source, algorithm: :concurrently)`,
    ),
  ];
  return outcome === 'changed' && run.finishedAt
    ? [
        ...work,
        stamped(
          start + length,
          'INFO',
          `migrate: == ${version} AddSourceTo${pascal(
            component,
          )}Lines: migrated`,
        ),
        stamped(
          start + length,
          'INFO',
          `migrate: schema is at version ${version}`,
        ),
      ]
    : work;
}

function pascal(name: string): string {
  return name
    .split('-')
    .map(part => part[0].toUpperCase() + part.slice(1))
    .join('');
}

function lastLines(request: LogRequest, end: number): LogLine[] {
  const { behaviour, run } = request;
  if (behaviour.style === 'migration') {
    if (request.outcome !== 'failed') {
      return [];
    }
    const { component } = componentOf(request);
    const table = `${component.replace(/-/g, '_')}_lines`;
    return [
      stamped(
        end,
        'ERROR',
        'migrate: StandardError: An error has occurred, this and all later migrations canceled:',
      ),
      {
        at: end,
        text: `PG::NotNullViolation: ERROR:  column "source" of relation "${table}" contains null values`,
      },
      {
        at: end,
        text: `    at AddColumn.up (/app/db/migrate/20261119_add_source.rb:7)`,
      },
      { at: end, text: '    at Migrator.run (/app/lib/migrator.rb:94)' },
      { at: end, text: '    at main (/app/bin/migrate:12)' },
    ];
  }
  if (behaviour.exit) {
    return behaviour.exit.lastLines.map(text => ({ at: end, text }));
  }
  return run.exitCode === 0
    ? [
        stamped(end - 20, 'INFO', 'SIGTERM received, draining'),
        stamped(end, 'INFO', 'all requests answered, goodbye'),
      ]
    : [];
}

function steadyLines(request: LogRequest, from: number, to: number): LogLine[] {
  const { behaviour, pod } = request;
  const between = BETWEEN_MS[behaviour.style];
  const isServing = !behaviour.exit && !behaviour.unreadyStatus;
  if (between === 0 || !isServing || to <= from) {
    return [];
  }
  const count = Math.floor((to - from) / between);
  const first = Math.max(0, count - KEPT_LINES);
  const lines: LogLine[] = [];
  for (let index = first; index <= count; index += 1) {
    const seed = `${pod.metadata.uid} ${request.restarts} ${index}`;
    const at =
      from + index * between + Math.floor(fractionOf(seed) * between * 0.9);
    if (at <= to) {
      lines.push(steadyLine(request, seed, at));
    }
  }
  return lines;
}

function steadyLine(request: LogRequest, seed: string, at: number): LogLine {
  const { component } = componentOf(request);
  const number = Math.floor(fractionOf(`${seed} n`) * 90_000) + 10_000;
  const choice = fractionOf(`${seed} c`);
  const milliseconds = 4 + Math.floor(fractionOf(`${seed} t`) * 60);
  if (request.behaviour.style === 'system') {
    return stamped(
      at,
      'INFO',
      `${component}: sync of 214 objects took ${milliseconds} ms`,
    );
  }
  if (request.behaviour.style === 'worker') {
    return stamped(
      at,
      'INFO',
      `sent batch ${number}: ${
        1 + (number % 40)
      } messages, 0 refused, ${milliseconds} ms`,
    );
  }
  if (choice > 0.985) {
    return stamped(
      at,
      'WARN',
      `slow query: select from ${component.replace(/-/g, '_')} took ${
        milliseconds + 480
      } ms`,
    );
  }
  const paths = [
    `/${component}/${number}`,
    `/${component}?page=${1 + (number % 9)}`,
    '/healthz',
  ];
  const path = paths[Math.floor(choice * paths.length)];
  const status = choice > 0.6 && choice < 0.61 ? 404 : 200;
  return stamped(
    at,
    'INFO',
    `GET ${path} ${status} ${milliseconds} ms request=${number.toString(
      36,
    )}${milliseconds.toString(36)}`,
  );
}
