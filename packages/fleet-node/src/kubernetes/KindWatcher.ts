import { LoggerService } from '@backstage/backend-plugin-api';
import { Backoff, pause } from '../http/backoff';
import { readLines } from '../http/body';
import { TransportError } from '../http/TransportError';
import { Pacer } from '../store/Pacer';
import { ClusterObjects } from './ClusterObjects';
import { KubernetesApiError } from './KubernetesApiError';
import { CredentialError } from './CredentialError';
import { KubernetesClient } from './KubernetesClient';
import { WatchedKind } from './kinds';
import { KubernetesObject, isKubernetesObject } from './kubernetesObject';
import { highestResourceVersion } from './resourceVersion';
import { KubernetesTimings } from './timings';

/** A page of 500 pods holds up the event loop for 31–54 ms, one of 200 for half a turn of it. */
const PAGE_SIZE = 200;
const LINE_LIMIT_BYTES = 16 * 1024 * 1024;

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
  readonly #client: KubernetesClient;
  readonly #objects: ClusterObjects;
  readonly #pacer: Pacer;
  readonly #timings: KubernetesTimings;
  readonly #logger: LoggerService;
  readonly #onStatus: (status: KindStatus) => void;
  /** Called at each word of the server that proves the view is fresh. */
  readonly #onHeard: () => void;
  readonly #backoff: Backoff;
  #status: KindStatus = { state: 'connecting' };
  /** Where to resume; undefined means that a list is due. */
  #resumeAt?: string;
  #refusedResumes = 0;
  #wasTooBusy = false;
  /** A watch that was open has ended: says nothing about the cluster until the next attempt. */
  #wasWatching = false;
  #connection = new AbortController();
  #sleep = new AbortController();

  constructor(options: {
    kind: WatchedKind;
    client: KubernetesClient;
    objects: ClusterObjects;
    pacer: Pacer;
    timings: KubernetesTimings;
    logger: LoggerService;
    onStatus: (status: KindStatus) => void;
    onHeard: () => void;
  }) {
    this.#kind = options.kind;
    this.#client = options.client;
    this.#objects = options.objects;
    this.#pacer = options.pacer;
    this.#timings = options.timings;
    this.#logger = options.logger;
    this.#onStatus = options.onStatus;
    this.#onHeard = options.onHeard;
    this.#backoff = new Backoff({
      baseMs: options.timings.backoffBaseMs,
      maxMs: options.timings.backoffMaxMs,
    });
  }

  get status(): KindStatus {
    return this.#status;
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

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#connection = new AbortController();
      const connection = AbortSignal.any([signal, this.#connection.signal]);
      this.#wasWatching = false;
      let waitMs: number;
      try {
        if (this.#resumeAt === undefined) await this.#list(connection);
        await this.#watch(connection);
        // The server ends a watch now and then: resume at once, but not in a tight loop.
        waitMs = this.#timings.backoffBaseMs / 10;
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
    let continueAt: string | undefined;
    let resourceVersion = '';
    do {
      const text = await this.#client.getJson(this.#kind.path, {
        query: { limit: String(PAGE_SIZE), continue: continueAt },
        accept: this.#accept('PartialObjectMetadataList'),
        signal,
      });
      let page: any;
      await this.#pacer.run(() => {
        page = JSON.parse(text);
      });
      for (const item of page.items ?? []) {
        if (!isKubernetesObject(item)) continue;
        missing.delete(item.metadata.uid);
        await this.#pacer.run(() => this.#put(item));
      }
      if (signal.aborted) throw signal.reason;
      this.#onHeard();
      resourceVersion = page.metadata?.resourceVersion ?? '';
      continueAt = page.metadata?.continue || undefined;
    } while (continueAt);
    // What the list no longer has was deleted while nobody looked.
    for (const uid of missing) {
      await this.#pacer.run(() => this.#objects.remove(this.#kind.key, uid));
    }
    this.#resumeAt = resourceVersion;
    this.#sawVersion(resourceVersion);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { watchLengthMs } = this.#timings;
    const lengthMs = watchLengthMs * (1 + Math.random());
    const response = await this.#client.open(this.#kind.path, {
      query: {
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: this.#resumeAt,
        timeoutSeconds: String(Math.max(1, Math.round(lengthMs / 1000))),
      },
      accept: this.#accept('PartialObjectMetadata'),
      signal,
    });
    this.#wasWatching = true;
    this.#wasTooBusy = false;
    this.#backoff.reset();
    this.#onHeard();
    this.#setStatus({ state: 'live' });
    const lines = readLines(response, {
      idleTimeoutMs: this.#timings.watchIdleTimeoutMs,
      limitBytes: LINE_LIMIT_BYTES,
      signal,
    });
    for await (const line of lines) {
      if (line === '') continue;
      await this.#pacer.run(() => this.#take(line));
      // A stopped watcher must not write what was still in its buffer.
      if (signal.aborted) throw signal.reason;
      this.#refusedResumes = 0;
    }
  }

  #take(line: string) {
    const { type, object } = JSON.parse(line);
    if (type === 'ERROR') {
      if (object?.code === 410) throw new GoneError();
      throw new KubernetesApiError({
        status: object?.code ?? 500,
        reason: object?.reason,
        message: object?.message ?? 'the watch ended with an error',
      });
    }
    const resourceVersion: unknown = object?.metadata?.resourceVersion;
    if (type === 'DELETED' && isKubernetesObject(object)) {
      this.#objects.remove(this.#kind.key, object.metadata.uid);
    } else if (type !== 'BOOKMARK' && isKubernetesObject(object)) {
      this.#put(object);
    }
    if (typeof resourceVersion === 'string' && resourceVersion) {
      this.#resumeAt = resourceVersion;
      this.#sawVersion(resourceVersion);
    }
    this.#onHeard();
  }

  /** Items of a list do not say what they are, metadata-only ones say something else. */
  #put(object: KubernetesObject) {
    object.apiVersion = this.#kind.apiVersion;
    object.kind = this.#kind.kind;
    this.#objects.put(this.#kind.key, object);
  }

  /** Makes a status of what went wrong; answers how long to wait. */
  #handle(error: unknown): number {
    if (isGone(error)) {
      this.#resumeAt = undefined;
      return this.#backoff.next();
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
          return this.#backoff.next();
        case 429:
          // Too many requests: it is there, and what is known is seconds old.
          this.#setStatus({
            state: this.#wasTooBusy ? 'unreachable' : this.#status.state,
            problem: 'is too busy to answer',
          });
          this.#wasTooBusy = true;
          return this.#backoff.next() + this.#timings.backoffBaseMs;
        default:
          // A server that was set back to an older state refuses our place in history for ever, in words that differ.
          this.#refusedResumes += 1;
          if (this.#refusedResumes > 1) this.#resumeAt = undefined;
          this.#setStatus({
            state: 'unreachable',
            problem: `answers with errors (HTTP status ${error.status})`,
          });
          return this.#backoff.next();
      }
    }
    if (error instanceof TransportError || error instanceof CredentialError) {
      if (!this.#wasWatching) {
        this.#setStatus({ state: 'unreachable', problem: error.message });
      }
      return this.#backoff.next();
    }
    // Told to connect anew.
    if (this.#connection.signal.aborted) return this.#backoff.next();
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
    return this.#backoff.next();
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

function isGone(error: unknown): boolean {
  return (
    error instanceof GoneError ||
    (error instanceof KubernetesApiError && error.status === 410)
  );
}

function withJitter(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}
