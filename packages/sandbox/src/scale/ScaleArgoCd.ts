import { IncomingMessage, ServerResponse } from 'node:http';
import { queryFilter } from '../argocd/api/applicationRoutes';
import {
  FieldSelection,
  parseFields,
  pickFromEvent,
  pickFromList,
} from '../argocd/api/fields';
import { answerJson, urlOf } from '../http/listen';
import { hexOf, ScaleApp, uidOf } from './layout';
import { imageOf } from './objects';
import { ScaleClock } from './ScaleClock';

const KEEP_ALIVE_MS = 15_000;
/** What a list may be narrowed by, beside the name. */
const NARROWING = ['project', 'projects', 'selector', 'repo', 'appNamespace'];
const CREATED_AT = '2026-09-14T07:30:00Z';

interface State {
  health: 'Healthy' | 'Progressing' | 'Degraded';
  sync: 'Synced' | 'OutOfSync';
  version: number;
}

/** An Argo CD with very many Applications: list, get and stream. */
export class ScaleArgoCd {
  readonly #apps: readonly ScaleApp[];
  readonly #byName: ReadonlyMap<string, ScaleApp>;
  readonly #states: State[];
  readonly #clock: ScaleClock;
  readonly #token: string;
  readonly #urlOf: (cluster: number) => string;
  readonly #streams = new Set<(app: ScaleApp) => void>();
  /** The first events of a stream, by the fields that are asked for: every replica of a portal asks for the same. */
  readonly #prepared = new Map<string, Array<string | undefined>>();

  constructor(options: {
    apps: readonly ScaleApp[];
    clock: ScaleClock;
    token: string;
    urlOf: (cluster: number) => string;
  }) {
    this.#apps = options.apps;
    this.#byName = new Map(options.apps.map(app => [app.name, app]));
    this.#clock = options.clock;
    this.#token = options.token;
    this.#urlOf = options.urlOf;
    this.#states = options.apps.map(({ index }) => ({
      health: index % 97 === 3 ? 'Degraded' : 'Healthy',
      sync: index % 31 === 5 ? 'OutOfSync' : 'Synced',
      version: options.clock.next(),
    }));
  }

  /** What a rollout does to the health of an app. */
  flip(index: number): void {
    const state = this.#states[index];
    state.health = state.health === 'Progressing' ? 'Healthy' : 'Progressing';
    state.version = this.#clock.next();
    for (const texts of this.#prepared.values()) texts[index] = undefined;
    for (const tell of this.#streams) tell(this.#apps[index]);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const { segments, query } = urlOf(request);
    if (request.headers.authorization !== `Bearer ${this.#token}`) {
      answerJson(response, 401, { error: 'no session information', code: 16 });
      return;
    }
    const [api, version, ...path] = segments;
    const [collection, name, ...more] = path;
    if (api === 'api' && version === 'v1' && request.method === 'GET') {
      if (collection === 'stream' && name === 'applications') {
        this.#stream(response, query);
        return;
      }
      if (collection === 'applications' && more.length === 0) {
        if (name === undefined) this.#list(response, query);
        else this.#get(response, name);
        return;
      }
    }
    answerJson(response, 501, {
      error: `The sandbox does not implement: ${request.method} ${path.join(
        '/',
      )}`,
      code: 12,
    });
  }

  #list(response: ServerResponse, query: URLSearchParams) {
    const fields = parseFields(query.get('fields'));
    const items = this.#asked(query).map(app => {
      const application = this.#application(app);
      return fields ? pickFromList(application, fields) : application;
    });
    answerJson(response, 200, {
      metadata: { resourceVersion: String(this.#clock.last) },
      items: items.length > 0 ? items : null,
    });
  }

  #get(response: ServerResponse, name: string) {
    const app = this.#byName.get(name);
    if (!app) {
      answerJson(response, 403, { error: 'permission denied', code: 7 });
      return;
    }
    answerJson(response, 200, this.#application(app));
  }

  #asked(query: URLSearchParams): readonly ScaleApp[] {
    const name = query.get('name');
    const apps =
      name === null ? this.#apps : [this.#byName.get(name) ?? []].flat();
    if (!NARROWING.some(parameter => query.has(parameter))) return apps;
    const isAsked = queryFilter(query);
    return apps.filter(app => isAsked(this.#application(app)));
  }

  #stream(response: ServerResponse, query: URLSearchParams) {
    const parameter = query.get('fields') ?? '';
    const fields = parseFields(parameter);
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const write = (type: 'ADDED' | 'MODIFIED', app: ScaleApp) =>
      response.write(
        `data: ${
          type === 'ADDED'
            ? this.#preparedText(app, parameter, fields)
            : this.#eventText(type, app, fields)
        } \n\n`,
      );
    const asked = this.#asked(query);
    const wanted = new Set(asked);
    // Not all at once: a reader that is slow shall not make this hold everything in its memory.
    let sent = 0;
    const sendMore = () => {
      while (sent < asked.length && !response.destroyed) {
        sent += 1;
        if (!write('ADDED', asked[sent - 1])) {
          response.once('drain', sendMore);
          return;
        }
      }
    };
    sendMore();
    const tell = (app: ScaleApp) => {
      if (wanted.has(app)) write('MODIFIED', app);
    };
    this.#streams.add(tell);
    const keepAlive = setInterval(() => response.write(':\n'), KEEP_ALIVE_MS);
    response.on('close', () => {
      clearInterval(keepAlive);
      this.#streams.delete(tell);
    });
  }

  #preparedText(
    app: ScaleApp,
    parameter: string,
    fields: FieldSelection | undefined,
  ): string {
    if (!fields) return this.#eventText('ADDED', app, fields);
    let texts = this.#prepared.get(parameter);
    if (!texts) {
      texts = [];
      this.#prepared.set(parameter, texts);
    }
    return (texts[app.index] ??= this.#eventText('ADDED', app, fields));
  }

  #eventText(
    type: 'ADDED' | 'MODIFIED',
    app: ScaleApp,
    fields: FieldSelection | undefined,
  ): string {
    const event = { result: { type, application: this.#application(app) } };
    return JSON.stringify(fields ? pickFromEvent(event, fields) : event);
  }

  #application(app: ScaleApp) {
    const { health, sync, version } = this.#states[app.index];
    const revision = hexOf(`commit ${app.serviceIndex % 300}`, 40);
    const source = {
      repoURL: `https://git.scale.invalid/deploy/${app.project}.git`,
      path: `apps/${app.service}`,
      targetRevision: 'main',
    };
    const destination = {
      server: this.#urlOf(app.cluster),
      namespace: app.namespace,
    };
    const resource = (
      group: string,
      kind: string,
      name: string,
      healthy: boolean,
    ) => ({
      ...(group && { group }),
      version: 'v1',
      kind,
      namespace: app.namespace,
      name,
      status: kind === 'Deployment' ? sync : 'Synced',
      ...(healthy && { health: { status: health } }),
    });
    return {
      metadata: {
        name: app.name,
        namespace: 'argocd',
        uid: uidOf(`application ${app.name}`),
        resourceVersion: String(version),
        generation: 1,
        creationTimestamp: CREATED_AT,
        labels: {
          'app.kubernetes.io/name': app.service,
          'app.kubernetes.io/part-of': app.project,
        },
        annotations: {
          'backstage.io/entity-ref': `component:default/${app.service}`,
        },
      },
      spec: {
        project: app.project,
        source,
        destination,
        ...(app.index % 2 === 0 && {
          syncPolicy: { automated: { prune: true, selfHeal: true } },
        }),
      },
      status: {
        sync: { status: sync, revision, comparedTo: { source, destination } },
        health: { status: health, lastTransitionTime: CREATED_AT },
        history: [
          {
            id: 0,
            revision,
            source,
            deployStartedAt: CREATED_AT,
            deployedAt: CREATED_AT,
            initiatedBy: { automated: true },
          },
        ],
        reconciledAt: CREATED_AT,
        summary: { images: [imageOf(app)] },
        resources: [
          resource('', 'ConfigMap', `${app.service}-settings`, false),
          resource('', 'Service', app.service, true),
          resource('', 'ServiceAccount', app.service, false),
          resource('apps', 'Deployment', app.service, true),
        ],
        operationState: {
          operation: { sync: { revision }, initiatedBy: { automated: true } },
          phase: 'Succeeded',
          message: 'successfully synced (all tasks run)',
          startedAt: CREATED_AT,
          finishedAt: CREATED_AT,
          syncResult: { revision, source },
        },
      },
    };
  }
}
