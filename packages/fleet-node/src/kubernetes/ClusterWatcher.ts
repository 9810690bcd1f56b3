import { LoggerService } from '@backstage/backend-plugin-api';
import { pause } from '../http/backoff';
import { Pacer } from '../store/Pacer';
import { ClusterStatus, ConnectionState, FleetCluster } from '../types';
import { ClusterObjects } from './ClusterObjects';
import { KindStatus, KindWatcher } from './KindWatcher';
import { KubernetesClient } from './KubernetesClient';
import { WATCHED_KINDS, WatchedKind } from './kinds';
import { KubernetesTimings } from './timings';

interface Watched {
  kind: WatchedKind;
  watcher: KindWatcher;
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
  readonly #watched: Watched[];
  readonly #stopped = new AbortController();
  #silent = false;
  #heardAt?: number;
  #state: ConnectionState = 'connecting';
  #since = new Date();

  constructor(options: {
    cluster: FleetCluster;
    objects: ClusterObjects;
    pacer: Pacer;
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
    this.#watched = WATCHED_KINDS.map(kind => ({
      kind,
      watcher: new KindWatcher({
        ...options,
        kind,
        client: this.client,
        logger: this.#logger,
        onStatus: status => this.#kindChanged(kind, status),
        onHeard: () => {
          this.#heardAt = Date.now();
        },
      }),
    }));
  }

  start(): void {
    for (const { watcher } of this.#watched) {
      watcher.run(this.#stopped.signal);
    }
    this.#beat();
  }

  stop(): void {
    this.#stopped.abort();
    this.client.close();
  }

  status(): ClusterStatus {
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
          kind: kind.kind,
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
    return this.#silent && state === 'live' ? 'unreachable' : state;
  }

  #kindChanged(kind: WatchedKind, status: KindStatus) {
    this.#logger.debug('State of a watch changed', {
      kind: kind.kind,
      state: status.state,
      ...(status.problem && { problem: status.problem }),
    });
    this.#statusChanged();
  }

  #statusChanged() {
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
    if (this.#silent) return 'unreachable';
    const states = this.#watched
      .filter(({ kind }) => kind.essential)
      .map(({ watcher }) => watcher.status.state);
    if (states.includes('unreachable')) return 'unreachable';
    if (states.every(state => state === 'unknown-kind')) return 'unreachable';
    return states.includes('connecting') ? 'connecting' : 'live';
  }

  #problem(): string | undefined {
    if (this.#silent) return `${this.#cluster.name} does not answer`;
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
    const { state } = troubled[0].watcher.status;
    if (state === 'unreachable') {
      return `${this.#cluster.name} ${troubled[0].watcher.status.problem}`;
    }
    const kinds = troubled.map(({ kind }) => kind.kind).join(', ');
    return `The portal's account may not list and watch ${kinds} in ${
      this.#cluster.name
    }`;
  }

  async #beat() {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const answers = await this.client.isAnswering(signal);
      if (signal.aborted) return;
      if (answers && this.#isQuietAndLive()) this.#heardAt = Date.now();
      // Without a credential nobody asked; the watches say that.
      const silent = answers === false;
      if (silent !== this.#silent) this.#silenceChanged(silent);
      await pause(this.#timings.heartbeatMs, signal);
    }
  }

  /** With every watch open and the server there, no news means that nothing happened. */
  #isQuietAndLive(): boolean {
    return this.#state === 'live';
  }

  #silenceChanged(silent: boolean) {
    this.#silent = silent;
    for (const { watcher } of this.#watched) {
      // Connections to a server that was silent may be dead on its side; one that is back should not wait for the next attempt.
      if (silent) watcher.reconnect();
      else watcher.wake();
    }
    this.#statusChanged();
  }
}
