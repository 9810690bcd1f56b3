import { LoggerService } from '@backstage/backend-plugin-api';
import { Backoff, pause } from '../http/backoff';
import { ApplicationRow } from '../rows';
import { Pacer } from '../store/Pacer';
import { ApplicationQuery, ArgoInstanceStatus } from '../types';
import { applicationRow, STREAM_FIELDS } from './applicationRow';
import { Applications, keyOf } from './Applications';
import { ArgoCdConnection } from './ArgoCdConnection';
import { ArgoCdError } from './ArgoCdError';
import { asApplication, readStreamEvent } from './DefaultArgoCdReader';
import { ArgoCdTimings } from './timings';

/** Enough to see who is there, and whether the stream told us everything: Argo CD does not page, and has no word for changes. */
const LIST_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'status.sync.status',
  'status.health',
];

interface Listed {
  namespace: string;
  name: string;
  sync?: string;
  health?: string;
}

type State = ArgoInstanceStatus['state'];

/** The stream is to be opened again; nothing is wrong with the instance. */
class ReopenStream extends Error {}

/**
 * Keeps the rows of all Applications of one Argo CD.
 *
 * The stream brings every row: first of all there are, then of each that changes. The list, asked for first and now and then, tells
 * what a stream cannot: that we may not read, that something was deleted while no stream was open, and that a stream is alive but
 * says nothing any more.
 *
 * @internal
 */
export class ApplicationWatcher {
  readonly applications = new Applications();
  readonly #connection: ArgoCdConnection;
  readonly #uiUrl: string;
  readonly #pacer: Pacer;
  readonly #timings: ArgoCdTimings;
  readonly #logger: LoggerService;
  readonly #onRow: (row: ApplicationRow, deleted: boolean) => void;
  readonly #onStatus: () => void;
  readonly #backoff: Backoff;
  /** When the stream last told of an Application. */
  readonly #toldAt = new Map<string, number>();
  /** Listed, and not yet told of by the stream that is open now. */
  #missing = new Set<string>();
  /** What was asked for before the rest, and the end of the line of it. */
  readonly #askedFirst = new Set<string>();
  #firstReads: Promise<unknown> = Promise.resolve();
  #streamOpenedAt = Infinity;
  #state: State = 'connecting';
  #since = new Date();
  #heardAt?: number;
  #problem?: string;

  constructor(options: {
    connection: ArgoCdConnection;
    uiUrl: string;
    pacer: Pacer;
    timings: ArgoCdTimings;
    logger: LoggerService;
    onRow: (row: ApplicationRow, deleted: boolean) => void;
    onStatus: () => void;
  }) {
    this.#connection = options.connection;
    this.#uiUrl = options.uiUrl;
    this.#pacer = options.pacer;
    this.#timings = options.timings;
    this.#logger = options.logger;
    this.#onRow = options.onRow;
    this.#onStatus = options.onStatus;
    this.#backoff = new Backoff({
      baseMs: options.timings.backoffBaseMs,
      maxMs: options.timings.backoffMaxMs,
    });
  }

  status(): ArgoInstanceStatus {
    return {
      name: this.#connection.instance,
      url: this.#uiUrl,
      state: this.#state,
      since: this.#since.toISOString(),
      ...(this.#heardAt && { asOf: new Date(this.#heardAt).toISOString() }),
      ...(this.#problem && { problem: this.#problem }),
      applications: this.applications.size,
    };
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let waitMs = 0;
      try {
        await this.#relist(signal);
        await this.#follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof ReopenStream)) this.#failed(error);
        if (error instanceof ArgoCdError) waitMs = error.retryAfterMs ?? 0;
      }
      this.#streamOpenedAt = Infinity;
      await pause(Math.max(this.#backoff.next(), waitMs), signal);
    }
  }

  /**
   * Asks for these Applications by themselves, as long as the stream has not told of all. One question after the other: a server that just
   * began to send everything shall not get dozens of requests more.
   */
  readFirst(query: ApplicationQuery, signal: AbortSignal): void {
    const key = JSON.stringify(query);
    if (this.#state !== 'connecting' || this.#askedFirst.has(key)) return;
    this.#askedFirst.add(key);
    this.#firstReads = this.#firstReads
      .then(() => this.#readNow(query, signal))
      // The list and the stream, which are under way, say what is wrong.
      .catch(error =>
        this.#logger.debug('Applications could not be read before the others', {
          instance: this.#connection.instance,
          error: String(error),
        }),
      );
  }

  async #readNow(query: ApplicationQuery, signal: AbortSignal): Promise<void> {
    if (this.#state !== 'connecting') return;
    const labels = Object.entries(query.labels ?? {});
    const answer = (await this.#connection.request({
      path: ['applications'],
      query: {
        name: query.name,
        appNamespace: query.namespace,
        projects: query.project,
        selector:
          labels.length > 0
            ? labels.map(([name, value]) => `${name}=${value}`).join(',')
            : undefined,
        fields: STREAM_FIELDS.map(field => `items.${field}`).join(','),
      },
      signal,
    })) as { items?: unknown[] | null };
    for (const item of answer.items ?? []) {
      const row = this.#rowOf(item);
      // What the stream told meanwhile is newer.
      if (this.#toldAt.has(keyOf(row))) continue;
      if (this.applications.put(row)) this.#onRow(row, false);
    }
  }

  async #relist(signal: AbortSignal): Promise<void> {
    const startedAt = Date.now();
    const answer = (await this.#connection.request({
      path: ['applications'],
      query: { fields: LIST_FIELDS.map(field => `items.${field}`).join(',') },
      timeoutMs: this.#timings.listTimeoutMs,
      signal,
    })) as { items?: any[] | null };
    this.#heardAt = Date.now();
    const listed = new Map<string, Listed>();
    // No Applications, or none that we may see, are null instead of an empty list.
    for (const item of answer.items ?? []) {
      const one = {
        namespace: item?.metadata?.namespace ?? '',
        name: item?.metadata?.name ?? '',
        sync: item?.status?.sync?.status,
        health: item?.status?.health?.status,
      };
      listed.set(keyOf(one), one);
    }
    for (const row of this.applications.rows()) {
      const key = keyOf(row);
      // One that the stream told of after the list began is newer than the list.
      if (!listed.has(key) && !this.#wasToldSince(key, startedAt)) {
        this.#remove(row);
      }
    }
    if (this.#streamOpenedAt === Infinity) {
      this.#missing = new Set(listed.keys());
    } else if (this.#hasMissed(listed, startedAt)) {
      this.#logger.warn('The stream of an Argo CD missed a change', {
        instance: this.#connection.instance,
      });
      throw new ReopenStream();
    }
    this.#settle();
  }

  /** Reads the stream until it ends; lists again beside it. */
  async #follow(signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const stopRenewal = this.#connection.tokens.subscribe(() =>
      stop.abort(new ReopenStream()),
    );
    let isListing = false;
    const timer = setInterval(() => {
      // One that takes longer than the time between two is not asked for beside itself.
      if (isListing) return;
      isListing = true;
      this.#relist(stop.signal)
        .catch(error => stop.abort(error))
        .finally(() => {
          isListing = false;
        });
    }, this.#timings.relistMs);
    timer.unref();
    try {
      const messages = this.#connection.stream({
        path: ['stream', 'applications'],
        query: {
          fields: [
            'result.type',
            ...STREAM_FIELDS.map(field => `result.application.${field}`),
          ].join(','),
        },
        signal: AbortSignal.any([signal, stop.signal]),
      });
      this.#streamOpenedAt = Date.now();
      for await (const data of messages) {
        this.#heardAt = Date.now();
        this.#backoff.reset();
        // Before the objects of clusters: Applications tell where to look for what somebody waits for.
        if (data !== undefined) {
          await this.#pacer.run(() => this.#take(data), { urgent: true });
        }
      }
    } finally {
      clearInterval(timer);
      stopRenewal();
      // A list that is still under way belongs to this stream.
      stop.abort(new ReopenStream());
    }
  }

  #take(data: string) {
    const { instance } = this.#connection;
    const event = readStreamEvent(data, instance);
    const row = this.#rowOf(event.application);
    const key = keyOf(row);
    this.#missing.delete(key);
    if (event.type === 'DELETED') {
      this.#remove(row);
    } else {
      this.#toldAt.set(key, Date.now());
      if (this.applications.put(row)) this.#onRow(row, false);
    }
    this.#settle();
  }

  #rowOf(application: unknown): ApplicationRow {
    const { instance } = this.#connection;
    return applicationRow(asApplication(application, instance), {
      instance,
      uiUrl: this.#uiUrl,
      observedAt: new Date().toISOString(),
    });
  }

  #remove(name: { namespace: string; name: string }) {
    this.#toldAt.delete(keyOf(name));
    const row = this.applications.remove(name);
    if (row) this.#onRow(row, true);
  }

  /** Whether the list knows something that the stream should have told a while ago. */
  #hasMissed(listed: Map<string, Listed>, startedAt: number): boolean {
    const settledAt = startedAt - this.#timings.settleMs;
    if (this.#streamOpenedAt > settledAt) return false;
    for (const [key, { namespace, name, sync, health }] of listed) {
      if (this.#wasToldSince(key, settledAt)) continue;
      const row = this.applications.get({ namespace, name });
      if (!row) return true;
      if (sync && sync !== row.sync.status) return true;
      if (health && health !== row.health.status) return true;
    }
    return false;
  }

  #wasToldSince(key: string, time: number): boolean {
    return (this.#toldAt.get(key) ?? 0) >= time;
  }

  /** Live means that every Application that is there has been told of. */
  #settle() {
    if (this.#missing.size > 0) return;
    this.#askedFirst.clear();
    this.#setState('live', undefined);
  }

  #failed(error: unknown) {
    if (!(error instanceof ArgoCdError)) {
      this.#logger.warn('Unexpected answer of an Argo CD', {
        instance: this.#connection.instance,
        error: String(error),
      });
      this.#setState(
        'unreachable',
        `Argo CD ${this.#connection.instance} gives answers that make no sense`,
      );
      return;
    }
    // A stream that was live and broke off says nothing yet: the list, asked for next, does.
    if (error.kind === 'unreachable' && this.#streamOpenedAt !== Infinity) {
      return;
    }
    const refused =
      error.kind === 'unauthenticated' || error.kind === 'forbidden';
    this.#setState(refused ? 'not-readable' : 'unreachable', error.message);
  }

  #setState(state: State, problem: string | undefined) {
    if (state === this.#state && problem === this.#problem) return;
    if (state !== this.#state) this.#since = new Date();
    this.#state = state;
    this.#problem = problem;
    this.#logger.info('State of an Argo CD changed', {
      instance: this.#connection.instance,
      state,
      ...(problem && { problem }),
    });
    this.#onStatus();
  }
}
