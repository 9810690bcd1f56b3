import { LoggerService } from '@backstage/backend-plugin-api';
import { pause } from '../http/backoff';
import { Pacer } from '../store/Pacer';
import { Turnstile } from '../store/Turnstile';
import {
  ClusterStatus,
  ConnectionState,
  FleetCluster,
  ResourceName,
} from '../types';
import { ClusterObjects } from './ClusterObjects';
import { Discovery } from './Discovery';
import { KindStatus, KindWatcher, Selection } from './KindWatcher';
import { KubernetesClient } from './KubernetesClient';
import {
  optionalResources,
  pathOfResource,
  WATCHED_KINDS,
  WatchedKind,
} from './kinds';
import { Reading } from './reading/types';
import { addressOf } from './ServerEndpoint';
import { KubernetesTimings } from './timings';

interface Watched {
  kind: WatchedKind;
  watcher: KindWatcher;
  /** Of this watch alone: a kind may go while the cluster stays. */
  stopped: AbortController;
}

/**
 * Watches one cluster: every kind by itself, and a heartbeat that notices a server that accepts connections and says nothing.
 *
 * @internal
 */
export class ClusterWatcher {
  readonly client: KubernetesClient;
  readonly #cluster: FleetCluster;
  readonly #timings: KubernetesTimings;
  readonly #logger: LoggerService;
  readonly #onStatus: () => void;
  readonly #objects: ClusterObjects;
  readonly #reading: Reading;
  readonly #pacer: Pacer;
  readonly #pages: Turnstile;
  readonly #discovery: Discovery;
  #watched: Watched[];
  readonly #stopped = new AbortController();
  #firstReads: Promise<unknown> = Promise.resolve();
  /** Why it does not answer at all. */
  #silence?: string;
  #credentialFailure?: string;
  #heardAt?: number;
  #state: ConnectionState = 'connecting';
  #since = new Date();
  /** Until something of it is another: pages ask for those of all clusters. */
  #told?: ClusterStatus;

  constructor(options: {
    cluster: FleetCluster;
    objects: ClusterObjects;
    reading: Reading;
    pacer: Pacer;
    pages: Turnstile;
    timings: KubernetesTimings;
    logger: LoggerService;
    /** The status changed. */
    onStatus: () => void;
  }) {
    this.#cluster = options.cluster;
    this.#timings = options.timings;
    this.#logger = options.logger.child({ cluster: options.cluster.name });
    this.#onStatus = options.onStatus;
    this.client = new KubernetesClient(options);
    this.#objects = options.objects;
    this.#reading = options.reading;
    this.#pacer = options.pacer;
    this.#pages = options.pages;
    this.#discovery = new Discovery({
      client: this.client,
      timings: this.#timings,
      logger: this.#logger,
      wanted: () => optionalResources(this.#cluster.resources),
      onFound: kinds => this.#found(kinds),
    });
    this.#watched = WATCHED_KINDS.map(kind => this.#watch(kind));
  }

  start(): void {
    if (this.#stopped.signal.aborted) return;
    for (const watched of this.#watched) this.#run(watched);
    this.#discovery.run(this.#stopped.signal);
    this.#beat();
  }

  /** Other optional kinds are wanted than before. */
  discover(): void {
    this.#discovery.askAgain();
  }

  stop(): void {
    this.#stopped.abort();
    this.client.close();
    this.#reading.leave(addressOf(this.#cluster));
  }

  /** How fresh what is held of a kind is; nothing where it is not held whole. */
  held(
    resource: ResourceName,
  ): { key: string; state: ConnectionState | 'not-readable' } | undefined {
    const path = pathOfResource(resource);
    const watched = this.#watched.find(({ kind }) => kind.path === path);
    if (!watched || watched.kind.metadataOnly || watched.kind.key === 'Event') {
      return undefined;
    }
    const { kind, watcher } = watched;
    if (watcher.status.state === 'unknown-kind') return undefined;
    return { key: kind.key, state: this.#kindState(watcher.status) };
  }

  /**
   * Reads these objects before the others, as far as the cluster is still being read for the first time. One after the other: a server that
   * just began to send everything shall not get dozens of requests more.
   */
  readFirst(selection: Selection): void {
    if (this.#state !== 'connecting') return;
    this.#firstReads = this.#firstReads.then(() =>
      Promise.all(
        this.#watched
          .filter(({ kind }) => kind.essential)
          .map(({ watcher }) => watcher.readFirst(selection)),
      ),
    );
  }

  status(): ClusterStatus {
    this.#told ??= this.#tell();
    return this.#told;
  }

  #tell(): ClusterStatus {
    const { name, title, url } = this.#cluster;
    const problem = this.#problem();
    return {
      name,
      ...(title && { title }),
      url,
      state: this.#state,
      since: this.#since.toISOString(),
      ...(this.#heardAt && { asOf: new Date(this.#heardAt).toISOString() }),
      ...(problem && { problem }),
      kinds: this.#watched
        .filter(({ watcher }) => watcher.status.state !== 'unknown-kind')
        .map(({ kind, watcher: { status } }) => ({
          kind: kind.key,
          state: this.#kindState(status),
          ...(status.resourceVersion && {
            resourceVersion: status.resourceVersion,
          }),
        })),
    };
  }

  #kindState(status: KindStatus): ConnectionState | 'not-readable' {
    const { state } = status;
    if (state === 'unknown-kind') return 'not-readable';
    // The watch may not have noticed yet.
    return this.#silence && state === 'live' ? 'unreachable' : state;
  }

  #kindChanged(kind: WatchedKind, status: KindStatus) {
    this.#logger.debug('State of a watch changed', {
      kind: kind.key,
      state: status.state,
      ...(status.problem && { problem: status.problem }),
    });
    // Its definition may have been removed.
    if (status.state === 'unknown-kind') this.#discovery.askAgain();
    this.#statusChanged();
  }

  #watch(kind: WatchedKind): Watched {
    const watcher = new KindWatcher({
      kind,
      cluster: this.#cluster.name,
      client: this.client,
      objects: this.#objects,
      reading: this.#reading,
      pacer: this.#pacer,
      pages: this.#pages,
      timings: this.#timings,
      logger: this.#logger,
      onStatus: status => this.#kindChanged(kind, status),
      onHeard: () => this.#heard(),
    });
    return { kind, watcher, stopped: new AbortController() };
  }

  #heard() {
    this.#heardAt = Date.now();
    this.#told = undefined;
  }

  #run({ watcher, stopped }: Watched) {
    watcher.run(AbortSignal.any([this.#stopped.signal, stopped.signal]));
  }

  /** The optional kinds that the cluster serves now: others than before are watched, those that are gone are forgotten. */
  #found(kinds: WatchedKind[]) {
    const stays: Watched[] = [];
    let isChanged = false;
    for (const watched of this.#watched) {
      const { kind, watcher, stopped } = watched;
      const isServed =
        WATCHED_KINDS.includes(kind) ||
        kinds.some(({ path }) => path === kind.path);
      if (isServed) {
        stays.push(watched);
        if (watcher.status.state === 'unknown-kind') watcher.wake();
        continue;
      }
      isChanged = true;
      stopped.abort();
      this.#objects.drop(kind.key, watcher.status.resourceVersion);
      this.#logger.info('Kind is no longer watched', { kind: kind.key });
    }
    const added = kinds
      .filter(({ path }) => !stays.some(({ kind }) => kind.path === path))
      .map(kind => this.#watch(kind));
    this.#watched = [...stays, ...added];
    for (const watched of added) {
      isChanged = true;
      this.#logger.info('Kind is watched', { kind: watched.kind.key });
      this.#run(watched);
    }
    if (isChanged) this.#statusChanged();
  }

  #statusChanged() {
    this.#told = undefined;
    const state = this.#connectionState();
    if (state !== this.#state) {
      this.#state = state;
      this.#since = new Date();
      const problem = this.#problem();
      this.#logger.info('State of a cluster changed', {
        state,
        ...(problem && { problem }),
      });
    }
    this.#onStatus();
  }

  #connectionState(): ConnectionState {
    if (this.#silence) return 'unreachable';
    const states = this.#watched
      .filter(({ kind }) => kind.essential)
      .map(({ watcher }) => watcher.status.state);
    if (states.includes('unreachable')) return 'unreachable';
    if (states.every(state => state === 'unknown-kind')) return 'unreachable';
    return states.includes('connecting') ? 'connecting' : 'live';
  }

  #problem(): string | undefined {
    if (this.#silence) {
      // Both are to be mended, and who reads of one only mends one.
      const besides = this.client.credentialFailure
        ? ', and no credential for it could be obtained'
        : '';
      return `${this.#cluster.name} ${this.#silence}${besides}`;
    }
    const troubled = this.#watched
      .filter(({ watcher }) => watcher.status.problem)
      // What is wrong with the cluster is more than what is wrong with one kind.
      .sort(
        (a, b) =>
          Number(b.watcher.status.state === 'unreachable') -
          Number(a.watcher.status.state === 'unreachable'),
      );
    if (troubled.length === 0) {
      return this.#state === 'unreachable'
        ? `${this.#cluster.name} knows none of the kinds of Kubernetes`
        : undefined;
    }
    const { state, problem } = troubled[0].watcher.status;
    const unreadable = troubled.filter(
      ({ watcher }) => watcher.status.state === 'not-readable',
    );
    if (state === 'unreachable' || unreadable.length === 0) {
      return `${this.#cluster.name} ${problem}`;
    }
    const kinds = unreadable.map(({ kind }) => kind.key).join(', ');
    return `The portal's account may not list and watch ${kinds} in ${
      this.#cluster.name
    }`;
  }

  async #beat() {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const silence = await this.client.silence(signal);
      if (signal.aborted) return;
      if (!silence && this.#isQuietAndLive()) this.#heard();
      if (silence !== this.#silence) this.#silenceChanged(silence);
      this.#logCredentialFailure();
      // Its source may give it another title, and a credential may be had again.
      this.#told = undefined;
      await pause(this.#timings.heartbeatMs, signal);
    }
  }

  /** With every watch open and the server there, no news means that nothing happened. */
  #isQuietAndLive(): boolean {
    return (
      this.#state === 'live' &&
      this.#watched.every(
        ({ kind, watcher }) => !kind.essential || watcher.isWatching,
      )
    );
  }

  #silenceChanged(silence: string | undefined) {
    const wasSilent = this.#silence !== undefined;
    this.#silence = silence;
    for (const { watcher } of this.#watched) {
      // Connections to a server that was silent may be dead on its side; one that is back should not wait for the next attempt.
      if (!silence) watcher.wake();
      else if (!wasSilent) watcher.reconnect();
    }
    this.#statusChanged();
  }

  /** Once for each that is another: the reason is not for screens, and whoever mends it needs it. */
  #logCredentialFailure() {
    const failure = this.client.credentialFailure;
    const reason = failure === undefined ? undefined : String(failure);
    if (reason === this.#credentialFailure) return;
    this.#credentialFailure = reason;
    if (reason) {
      this.#logger.warn('No credential for a cluster could be obtained', {
        reason,
      });
    }
  }
}
