import { LoggerService } from '@backstage/backend-plugin-api';
import { pause } from '../http/backoff';
import { TransportError } from '../http/TransportError';
import { Pacer } from '../store/Pacer';
import { Turnstile } from '../store/Turnstile';
import { ClusterObjects } from './ClusterObjects';
import { KubernetesApiError } from './KubernetesApiError';
import { CredentialError } from './CredentialError';
import { KubernetesClient, Query } from './KubernetesClient';
import { WatchedKind } from './kinds';
import {
  Reading,
  ReadingInterruptedError,
  ReadEvent,
  ReadList,
  Source,
} from './reading/types';
import { highestResourceVersion } from './resourceVersion';
import { KubernetesTimings } from './timings';
import { WatchPace } from './WatchPace';

/** Of pods some two megabytes. Where objects are huge there are fewer on a page. */
const PAGE_SIZE = 200;
/** Of what somebody waits for: enough for any page that people look at. */
const MOST_FIRST_PAGES = 5;

/** @internal */
export type KindState =
  | 'connecting'
  | 'live'
  | 'unreachable'
  | 'not-readable'
  /** The server has no such kind. */
  | 'unknown-kind';

/** @internal */
export interface KindStatus {
  state: KindState;
  /** For people, naming no host. */
  problem?: string;
  resourceVersion?: string;
}

/**
 * Some objects of a kind.
 *
 * @internal
 */
export interface Selection {
  namespace?: string;
  labels?: Readonly<Record<string, string>>;
}

/** The place in history that a watch would start from is gone: only a new list helps. */
class GoneError extends Error {}

/**
 * Keeps the objects of one kind in one cluster as the API server has them: lists, watches, resumes where it was, and lists again where
 * the server no longer knows that place. Whatever goes wrong, what is known stays.
 *
 * @internal
 */
export class KindWatcher {
  readonly #kind: WatchedKind;
  readonly #cluster: string;
  readonly #client: KubernetesClient;
  readonly #objects: ClusterObjects;
  readonly #reading: Reading;
  readonly #pacer: Pacer;
  readonly #pages: Turnstile;
  readonly #timings: KubernetesTimings;
  readonly #logger: LoggerService;
  readonly #onStatus: (status: KindStatus) => void;
  /** Called at each word of the server that proves the view is fresh. */
  readonly #onHeard: () => void;
  readonly #pace: WatchPace;
  #pageSize = PAGE_SIZE;
  #status: KindStatus = { state: 'connecting' };
  /** Where to resume; undefined means that a list is due. */
  #resumeAt?: string;
  #refusedResumes = 0;
  #wasTooBusy = false;
  #isWatching = false;
  /** A watch that was open has ended: says nothing about the cluster until the next attempt. */
  #wasWatching = false;
  /** While the first list is under way: what was read out of its order, and has not come in the list yet. */
  #readFirst?: { selections: Set<string>; uids: Set<string> };
  #connection = new AbortController();
  #sleep = new AbortController();

  constructor(options: {
    kind: WatchedKind;
    client: KubernetesClient;
    /** Name of the cluster. */
    cluster: string;
    objects: ClusterObjects;
    reading: Reading;
    pacer: Pacer;
    /** Shared by all kinds of all clusters. */
    pages: Turnstile;
    timings: KubernetesTimings;
    logger: LoggerService;
    onStatus: (status: KindStatus) => void;
    onHeard: () => void;
  }) {
    this.#kind = options.kind;
    this.#client = options.client;
    this.#objects = options.objects;
    this.#cluster = options.cluster;
    this.#reading = options.reading;
    this.#pacer = options.pacer;
    this.#pages = options.pages;
    this.#timings = options.timings;
    this.#logger = options.logger;
    this.#onStatus = options.onStatus;
    this.#onHeard = options.onHeard;
    this.#pace = new WatchPace(options.timings);
  }

  get status(): KindStatus {
    return this.#status;
  }

  /** Whether changes come in now. */
  get isWatching(): boolean {
    return this.#isWatching;
  }

  /** Breaks the present connection off; it is made anew, and resumes. */
  reconnect(): void {
    this.#connection.abort();
  }

  /** Tries again now, if it waits because the cluster could not be reached or did not know the kind. */
  wake(): void {
    const { state } = this.#status;
    if (state === 'unreachable' || state === 'unknown-kind') {
      this.#sleep.abort();
    }
  }

  /**
   * Reads some objects before the others, if the kind is only just being read for the first time. Asked for the same again it does nothing.
   * Never rejects: what is wrong the list will find out.
   */
  async readFirst(selection: Selection): Promise<void> {
    const first = this.#readFirst;
    if (!first) return;
    const key = JSON.stringify(selection);
    if (first.selections.has(key)) return;
    first.selections.add(key);
    const { signal } = this.#connection;
    const query = labelQuery(selection.labels);
    let continueAt: string | undefined;
    try {
      for (let page = 0; page < MOST_FIRST_PAGES; page += 1) {
        const source = await this.#client.openSource(
          this.#reading,
          pathIn(this.#kind.path, selection.namespace),
          {
            query: {
              ...query,
              limit: String(this.#pageSize),
              continue: continueAt,
            },
            accept: this.#accept('PartialObjectMetadataList'),
            shape: 'page',
            signal,
          },
        );
        const read = await this.#read(source, { urgent: true });
        for (const object of read.objects) {
          await this.#pacer.run(
            () => {
              // The list has ended meanwhile: what it and the watch say is newer.
              if (this.#readFirst !== first || signal.aborted) return;
              // What the list has told of already it will not tell of again.
              if (this.#version(object.uid) === undefined) {
                first.uids.add(object.uid);
              }
              this.#objects.put(this.#kind.key, object);
            },
            { urgent: true },
          );
        }
        continueAt = read.continueAt;
        if (!continueAt || this.#readFirst !== first) return;
      }
    } catch (error) {
      // To be asked for again.
      first.selections.delete(key);
      if (signal.aborted) return;
      this.#logger.debug('Could not read what somebody waits for', {
        kind: this.#kind.kind,
        error: String(error),
      });
    }
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#connection = new AbortController();
      const connection = AbortSignal.any([signal, this.#connection.signal]);
      this.#wasWatching = false;
      this.#pace.begin();
      let waitMs: number;
      try {
        if (this.#resumeAt === undefined) await this.#list(connection);
        await this.#watch(connection);
        waitMs = this.#pace.afterWatch();
      } catch (error) {
        if (signal.aborted) return;
        waitMs = this.#handle(error);
      }
      this.#sleep = new AbortController();
      await pause(waitMs, AbortSignal.any([signal, this.#sleep.signal]));
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const missing = new Set(this.#objects.uids(this.#kind.key));
    const first = { selections: new Set<string>(), uids: new Set<string>() };
    this.#readFirst = this.#status.state === 'connecting' ? first : undefined;
    let continueAt: string | undefined;
    let resourceVersion = '';
    do {
      const source = await this.#openPage(continueAt, signal);
      const page = await this.#pages.pass(async () => {
        const read = await this.#read(source);
        await this.#takePage(read, missing);
        return read;
      });
      if (signal.aborted) throw signal.reason;
      this.#onHeard();
      resourceVersion = page.resourceVersion;
      continueAt = page.continueAt;
    } while (continueAt);
    this.#readFirst = undefined;
    // What the list no longer has was deleted while nobody looked. What was read first and came after the list the watch will bring.
    for (const uid of [...missing, ...first.uids]) {
      await this.#pacer.run(() =>
        this.#objects.remove(this.#kind.key, uid, resourceVersion),
      );
    }
    this.#resumeAt = resourceVersion;
    this.#sawVersion(resourceVersion);
    this.#onHeard();
  }

  async #openPage(
    continueAt: string | undefined,
    signal: AbortSignal,
  ): Promise<Source> {
    for (;;) {
      try {
        return await this.#client.openSource(this.#reading, this.#kind.path, {
          query: { limit: String(this.#pageSize), continue: continueAt },
          accept: this.#accept('PartialObjectMetadataList'),
          shape: 'page',
          signal,
        });
      } catch (error) {
        const isTooLarge =
          error instanceof TransportError && error.reason === 'too-large';
        if (!isTooLarge || this.#pageSize === 1) throw error;
        this.#pageSize = Math.ceil(this.#pageSize / 10);
      }
    }
  }

  async #takePage(page: ReadList, missing: Set<string>): Promise<void> {
    for (const object of page.objects) {
      const { uid, resourceVersion } = object;
      missing.delete(uid);
      const wasReadFirst = this.#readFirst?.uids.delete(uid);
      await this.#pacer.run(() => {
        const known = wasReadFirst ? this.#version(uid) : undefined;
        // A list shows what was when it began.
        const isOlder =
          known !== undefined &&
          highestResourceVersion(known, resourceVersion) === known;
        if (!isOlder) this.#objects.put(this.#kind.key, object);
      });
    }
  }

  async #read(
    page: Source,
    options: { urgent?: boolean } = {},
  ): Promise<ReadList> {
    // The first list brings nothing that is known.
    const known = this.#readFirst
      ? undefined
      : this.#objects.store(this.#kind.key)?.versionKeys();
    const read = await page.readList(this.#request, { ...options, known });
    for (const problem of read.problems) this.#warnOf(problem);
    return read;
  }

  get #request() {
    const { key, apiVersion, kind } = this.#kind;
    return { kind: { key, apiVersion, kind }, cluster: this.#cluster };
  }

  /** In which an object is held. */
  #version(uid: string): string | undefined {
    return this.#objects.store(this.#kind.key)?.version(uid);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { watchLengthMs } = this.#timings;
    const lengthMs = watchLengthMs * (1 + Math.random());
    const source = await this.#client.openSource(
      this.#reading,
      this.#kind.path,
      {
        query: {
          watch: 'true',
          allowWatchBookmarks: 'true',
          resourceVersion: this.#resumeAt,
          timeoutSeconds: String(Math.max(1, Math.round(lengthMs / 1000))),
        },
        accept: this.#accept('PartialObjectMetadata'),
        shape: 'lines',
        signal,
      },
    );
    this.#wasWatching = true;
    this.#isWatching = true;
    this.#wasTooBusy = false;
    this.#onHeard();
    if (!this.#pace.isForgetful) {
      this.#setStatus({
        state: 'live',
        ...(this.#pace.isCutShort && {
          problem: 'breaks watches off: changes are seen some seconds late',
        }),
      });
    }
    const ended = this.#pace.opened(() => this.#setStatus({ state: 'live' }));
    try {
      await this.#follow(source, signal);
    } finally {
      ended();
      this.#isWatching = false;
    }
  }

  async #follow(source: Source, signal: AbortSignal): Promise<void> {
    for await (const events of source.readEvents(this.#request)) {
      for (const event of events) {
        // A stopped watcher must not write what was still in its buffer.
        if (signal.aborted) throw signal.reason;
        await this.#pacer.run(() => this.#take(event));
        this.#refusedResumes = 0;
      }
    }
  }

  #take(event: ReadEvent) {
    switch (event.type) {
      case 'error':
        if (event.code === 410) throw new GoneError();
        throw new KubernetesApiError({
          status: event.code ?? 500,
          reason: event.reason,
          message: event.message ?? 'the watch ended with an error',
        });
      case 'object':
        this.#objects.put(this.#kind.key, event.object);
        break;
      case 'deleted':
        this.#objects.remove(this.#kind.key, event.uid, event.resourceVersion);
        break;
      case 'problem':
        if (event.isFatal) throw new Error(event.problem);
        // One that is not as it should be must not keep all others of its kind from us.
        this.#warnOf(event.problem);
        break;
      default:
    }
    const { resourceVersion } = event;
    if (resourceVersion) {
      this.#resumeAt = resourceVersion;
      this.#sawVersion(resourceVersion);
    }
    this.#onHeard();
  }

  #warnOf(problem: string) {
    this.#logger.warn('An object makes no sense', {
      kind: this.#kind.kind,
      error: problem,
    });
  }

  /** Makes a status of what went wrong; answers how long to wait. */
  #handle(error: unknown): number {
    if (isGone(error)) {
      this.#resumeAt = undefined;
      const waitMs = this.#pace.afterGone();
      if (this.#pace.isForgetful) {
        this.#setStatus({
          state: 'unreachable',
          problem:
            'forgets changes before they can be read: it is read anew less and less often',
        });
      }
      return waitMs;
    }
    if (error instanceof KubernetesApiError) {
      switch (error.status) {
        case 403:
          this.#setStatus({
            state: 'not-readable',
            problem: `may not list and watch ${this.#kind.kind}`,
          });
          return withJitter(this.#timings.notReadableRetryMs);
        case 404:
          this.#setStatus({ state: 'unknown-kind' });
          return withJitter(this.#timings.unknownKindRetryMs);
        case 401:
          this.#setStatus({
            state: 'unreachable',
            problem: 'does not accept the credential',
          });
          return this.#pace.afterFailure();
        case 429:
          // Too many requests: it is there, and what is known is seconds old.
          this.#setStatus({
            state: this.#wasTooBusy ? 'unreachable' : this.#status.state,
            problem: 'is too busy to answer',
          });
          this.#wasTooBusy = true;
          return (
            this.#pace.afterFailure(error.retryAfterMs) +
            this.#timings.backoffBaseMs
          );
        default:
          // A server that was set back to an older state refuses our place in history for ever, in words that differ.
          this.#refusedResumes += 1;
          if (this.#refusedResumes > 1) this.#resumeAt = undefined;
          this.#setStatus({
            state: 'unreachable',
            problem: `answers with errors (HTTP status ${error.status})`,
          });
          return this.#pace.afterFailure(error.retryAfterMs);
      }
    }
    if (error instanceof TransportError || error instanceof CredentialError) {
      if (this.#wasWatching) return this.#pace.afterWatch();
      this.#setStatus({ state: 'unreachable', problem: error.message });
      return this.#pace.afterFailure();
    }
    // Told to connect anew. A server that goes and comes must not have us wait the longer each time.
    if (this.#connection.signal.aborted) {
      return withJitter(this.#timings.backoffBaseMs);
    }
    if (error instanceof ReadingInterruptedError) {
      return withJitter(this.#timings.backoffBaseMs);
    }
    // Most likely an answer that is no JSON. Nothing may end this loop.
    this.#logger.warn('Unexpected answer of a cluster', {
      kind: this.#kind.kind,
      error: String(error),
    });
    this.#resumeAt = undefined;
    this.#setStatus({
      state: 'unreachable',
      problem: 'gives answers that make no sense',
    });
    return this.#pace.afterFailure();
  }

  #accept(as: string): string | undefined {
    return this.#kind.metadataOnly
      ? `application/json;as=${as};g=meta.k8s.io;v=v1,application/json`
      : undefined;
  }

  #sawVersion(resourceVersion: string) {
    this.#status.resourceVersion = highestResourceVersion(
      this.#status.resourceVersion,
      resourceVersion,
    );
  }

  #setStatus(status: Omit<KindStatus, 'resourceVersion'>) {
    const { state, problem, resourceVersion } = this.#status;
    this.#status = { ...status, resourceVersion };
    if (state !== status.state || problem !== status.problem) {
      this.#onStatus(this.#status);
    }
  }
}

function pathIn(path: string, namespace: string | undefined): string {
  if (namespace === undefined) return path;
  const plural = path.lastIndexOf('/');
  return `${path.slice(0, plural)}/namespaces/${encodeURIComponent(
    namespace,
  )}${path.slice(plural)}`;
}

function labelQuery(labels: Selection['labels']): Query {
  const selector = Object.entries(labels ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
  return selector ? { labelSelector: selector } : {};
}

function isGone(error: unknown): boolean {
  return (
    error instanceof GoneError ||
    (error instanceof KubernetesApiError && error.status === 410)
  );
}

function withJitter(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}
