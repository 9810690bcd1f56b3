import { IncomingMessage, ServerResponse } from 'node:http';
import {
  ApiError,
  gone,
  noSuchPath,
  notFound,
  unauthorized,
  unimplemented,
} from '../kubernetes/ApiError';
import { Match, parseLabelSelector } from '../kubernetes/selectors';
import { answerJson, urlOf } from '../http/listen';
import { clusterName, ScaleApp } from './layout';
import {
  deploymentOf,
  labelsOf,
  nodeOf,
  podLabelsOf,
  replicaSetOf,
} from './objects';
import { ScaleClock } from './ScaleClock';
import { PodChange, ScalePods } from './ScalePods';

const BOOKMARK_MS = 30_000;
const DEFAULT_LIMIT = 500;
const VERSION = { major: '1', minor: '34', gitVersion: 'v1.34.1' };

/** Kinds that are known here and have no objects. */
const EMPTY: Readonly<Record<string, string>> = {
  '/api/v1/events': 'EventList',
  '/api/v1/services': 'ServiceList',
  '/api/v1/configmaps': 'ConfigMapList',
  '/api/v1/limitranges': 'LimitRangeList',
  '/api/v1/resourcequotas': 'ResourceQuotaList',
  '/api/v1/persistentvolumeclaims': 'PersistentVolumeClaimList',
  '/apis/apps/v1/statefulsets': 'StatefulSetList',
  '/apis/apps/v1/daemonsets': 'DaemonSetList',
  '/apis/batch/v1/jobs': 'JobList',
  '/apis/batch/v1/cronjobs': 'CronJobList',
  '/apis/autoscaling/v2/horizontalpodautoscalers':
    'HorizontalPodAutoscalerList',
  '/apis/networking.k8s.io/v1/ingresses': 'IngressList',
  '/apis/policy/v1/poddisruptionbudgets': 'PodDisruptionBudgetList',
};

interface Wanted {
  namespace?: string;
  name?: string;
  labels?: string;
}

/** What is in a list: its number of objects, and each of them. */
interface Items {
  kind: string;
  count: number;
  write(index: number): string;
}

/** The API server of one cluster of the large world: reads only. */
export class ScaleCluster {
  readonly name: string;
  readonly pods: ScalePods;
  readonly #apps: readonly ScaleApp[];
  readonly #clock: ScaleClock;
  readonly #token: string;
  readonly #watches = new Set<(change: PodChange) => void>();

  constructor(options: {
    index: number;
    apps: readonly ScaleApp[];
    clock: ScaleClock;
    token: string;
    now: number;
  }) {
    this.name = clusterName(options.index);
    this.#apps = options.apps;
    this.#clock = options.clock;
    this.#token = options.token;
    this.pods = new ScalePods({ ...options, cluster: options.index });
  }

  tell(changes: readonly PodChange[]): void {
    for (const change of changes) {
      for (const send of this.#watches) send(change);
    }
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.#route(request, response);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      answerJson(response, error.code, error.status);
    }
  }

  #route(request: IncomingMessage, response: ServerResponse) {
    if (request.headers.authorization !== `Bearer ${this.#token}`) {
      throw unauthorized();
    }
    const { path, query } = urlOf(request);
    if (request.method !== 'GET') throw unimplemented(request.method ?? '');
    if (path === '/version') {
      answerJson(response, 200, VERSION);
      return;
    }
    const match =
      /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(\/.+)?$/.exec(
        path,
      );
    if (!match) throw noSuchPath();
    const [, base, namespace, plural, name, rest] = match;
    if (rest) throw unimplemented(`get ${plural}${rest}`);
    const collection = `${base}/${plural}`;
    const labels = query.get('labelSelector') || undefined;
    const wanted = { namespace, name, labels };
    const isWatch = ['true', '1'].includes(query.get('watch') ?? '');
    if (isWatch && collection === '/api/v1/pods') {
      this.#watchPods(response, query, wanted);
      return;
    }
    if (isWatch) {
      this.#itemsOf(collection, wanted);
      this.#openWatch(response, query);
      return;
    }
    const items = this.#itemsOf(collection, wanted);
    if (!name) {
      this.#list(response, query, items, base);
      return;
    }
    if (items.count === 0) {
      throw notFound({ group: '', plural, kind: items.kind }, name);
    }
    answerText(response, items.write(0));
  }

  #itemsOf(collection: string, wanted: Wanted): Items {
    const { namespace, name } = wanted;
    const apps = (labelsOfApp: (app: ScaleApp) => Record<string, string>) => {
      const selects = selectorOf(wanted.labels, labelsOfApp);
      return this.#apps.filter(
        app =>
          (namespace === undefined || app.namespace === namespace) &&
          selects(app),
      );
    };
    const written = (kind: string, objects: Array<{ metadata: any }>) => {
      const named = objects.filter(
        ({ metadata }) => name === undefined || metadata.name === name,
      );
      return {
        kind,
        count: named.length,
        write: (index: number) => JSON.stringify(named[index]),
      };
    };
    switch (collection) {
      case '/api/v1/pods':
        return this.#podItems(apps(podLabelsOf), wanted);
      case '/api/v1/nodes':
        return written(
          'NodeList',
          Array.from({ length: this.pods.nodes }, (_, i) =>
            nodeOf(this.name, i),
          ),
        );
      case '/apis/apps/v1/deployments':
        return lazily('DeploymentList', apps(labelsOf), deploymentOf, name);
      case '/apis/apps/v1/replicasets':
        return lazily('ReplicaSetList', apps(podLabelsOf), replicaSetOf, name);
      default:
        if (!EMPTY[collection]) throw noSuchPath();
        return written(EMPTY[collection], []);
    }
  }

  #podItems(apps: readonly ScaleApp[], { name }: Wanted): Items {
    const everything = apps.length === this.#apps.length && name === undefined;
    if (everything) {
      return {
        kind: 'PodList',
        count: this.pods.count,
        write: index => this.pods.write(index),
      };
    }
    const indexes: number[] = [];
    const chosen = new Set(apps);
    this.#apps.forEach((app, i) => {
      if (!chosen.has(app)) return;
      const [from, to] = this.pods.rangeOf(i);
      for (let index = from; index < to; index += 1) {
        if (name === undefined || this.pods.nameOf(index) === name) {
          indexes.push(index);
        }
      }
    });
    return {
      kind: 'PodList',
      count: indexes.length,
      write: index => this.pods.write(indexes[index]),
    };
  }

  #list(
    response: ServerResponse,
    query: URLSearchParams,
    items: Items,
    base: string,
  ) {
    const [version, from] = readContinue(query.get('continue')) ?? [
      this.#clock.last,
      0,
    ];
    const limit = Number(query.get('limit')) || DEFAULT_LIMIT;
    const to = Math.min(items.count, from + limit);
    const left = items.count - to;
    const metadata = {
      resourceVersion: String(version),
      ...(left > 0 && {
        continue: `${version}:${to}`,
        remainingItemCount: left,
      }),
    };
    const head = {
      kind: items.kind,
      apiVersion: base.replace(/^\/apis?\//, ''),
      metadata,
    };
    let text = `${JSON.stringify(head).slice(0, -1)},"items":[`;
    for (let index = from; index < to; index += 1) {
      text += (index > from ? ',' : '') + items.write(index);
    }
    answerText(response, `${text}]}\n`);
  }

  #watchPods(response: ServerResponse, query: URLSearchParams, wanted: Wanted) {
    const since = Number(query.get('resourceVersion')) || this.#clock.last;
    const missed = this.pods.since(since);
    if (!missed) throw gone(`too old resource version: ${since}`);
    const send = this.#openWatch(response, query);
    const selects = selectorOf(wanted.labels, podLabelsOf);
    const tell = (change: PodChange) => {
      const { app, type, text } = change;
      if (wanted.namespace !== undefined && app.namespace !== wanted.namespace)
        return;
      if (!selects(app)) return;
      send(`{"type":"${type}","object":${text}}\n`);
    };
    for (const change of missed) tell(change);
    this.#watches.add(tell);
    response.on('close', () => this.#watches.delete(tell));
  }

  /** A watch on which nothing but bookmarks comes by itself. */
  #openWatch(
    response: ServerResponse,
    query: URLSearchParams,
  ): (line: string) => void {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    const lengthMs = (Number(query.get('timeoutSeconds')) || 1800) * 1000;
    const end = setTimeout(() => response.end(), lengthMs);
    const bookmarks = setInterval(
      () =>
        response.write(
          `{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"${
            this.#clock.last
          }"}}}\n`,
        ),
      BOOKMARK_MS,
    );
    response.on('close', () => {
      clearTimeout(end);
      clearInterval(bookmarks);
    });
    return line => response.write(line, 'latin1');
  }
}

function lazily(
  kind: string,
  apps: readonly ScaleApp[],
  make: (app: ScaleApp) => { metadata: { name: string } },
  name: string | undefined,
): Items {
  const chosen =
    name === undefined
      ? apps
      : apps.filter(app => make(app).metadata.name === name);
  return {
    kind,
    count: chosen.length,
    write: index => JSON.stringify(make(chosen[index])),
  };
}

function selectorOf(
  text: string | undefined,
  labelsOfApp: (app: ScaleApp) => Record<string, string>,
): (app: ScaleApp) => boolean {
  if (text === undefined) return () => true;
  const match: Match = parseLabelSelector(text);
  return app => match({ metadata: { labels: labelsOfApp(app) } } as any);
}

function readContinue(text: string | null): [number, number] | undefined {
  const match = /^(\d+):(\d+)$/.exec(text ?? '');
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

function answerText(response: ServerResponse, text: string): void {
  // All that is written here is ASCII.
  const body = Buffer.from(text, 'latin1');
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
  });
  response.end(body);
}
