import { isDeepStrictEqual } from 'node:util';
import { LoggerService } from '@backstage/backend-plugin-api';
import { pause } from '../http/backoff';
import { Pacer } from '../store/Pacer';
import { Turnstile } from '../store/Turnstile';
import {
  ClusterStatus,
  FleetChange,
  FleetCluster,
  UnwatchedCluster,
} from '../types';
import { StoreMemory } from '../store/KindStore';
import { ClusterObjects } from './ClusterObjects';
import { ClusterWatcher } from './ClusterWatcher';
import { Reading } from './reading/types';
import { KubernetesTimings } from './timings';

/** While the rows of one page are made another can wait in memory. */
const PAGES_AT_ONCE = 2;

/** @internal */
export interface KnownCluster {
  objects: ClusterObjects;
  watcher: ClusterWatcher;
}

/**
 * The clusters of the fleet, as their source names them now.
 *
 * @internal
 */
export class ClusterSet {
  readonly #timings: KubernetesTimings;
  readonly #logger: LoggerService;
  readonly #started: Promise<void>;
  readonly #onChange: (change: FleetChange) => void;
  readonly #reading: Reading;
  readonly #pacer: Pacer;
  readonly #memory: StoreMemory;
  readonly #pages = new Turnstile({ width: PAGES_AT_ONCE });
  readonly #clusters = new Map<
    string,
    KnownCluster & { cluster: FleetCluster }
  >();
  readonly #unwatched = new Map<string, ClusterStatus>();

  constructor(options: {
    timings: KubernetesTimings;
    memory: StoreMemory;
    reading: Reading;
    pacer: Pacer;
    logger: LoggerService;
    /** Which clusters there are is asked before; they are read from then on. */
    started: Promise<void>;
    onChange: (change: FleetChange) => void;
  }) {
    this.#timings = options.timings;
    this.#memory = options.memory;
    this.#reading = options.reading;
    this.#pacer = options.pacer;
    this.#logger = options.logger;
    this.#started = options.started;
    this.#onChange = options.onChange;
  }

  get(name: string): KnownCluster | undefined {
    return this.#clusters.get(name);
  }

  /** All, or the one named. */
  select(name?: string): KnownCluster[] {
    if (name === undefined) return Array.from(this.#clusters.values());
    const cluster = this.#clusters.get(name);
    return cluster ? [cluster] : [];
  }

  statuses(): ClusterStatus[] {
    return [
      ...this.select().map(({ watcher }) => watcher.status()),
      ...this.#unwatched.values(),
    ];
  }

  /** Asks the source again and again until the signal aborts; never rejects. */
  async follow(
    source: () => Promise<Array<FleetCluster | UnwatchedCluster>>,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      let waitMs = this.#timings.clusterSourceMs;
      try {
        const clusters = await source();
        if (signal.aborted) return;
        this.#update(clusters);
      } catch (error) {
        // What was known stays: a catalog that is down for a moment must not empty every page.
        this.#logger.warn('Could not learn which clusters there are', {
          error: String(error),
        });
        waitMs = Math.min(waitMs, 5_000);
      }
      await pause(waitMs, signal);
    }
  }

  stop(): void {
    for (const { watcher } of this.#clusters.values()) watcher.stop();
  }

  #update(clusters: Array<FleetCluster | UnwatchedCluster>) {
    const wanted = new Map<string, FleetCluster>();
    const unwatched = new Map<string, UnwatchedCluster>();
    for (const cluster of clusters) {
      if ('notWatched' in cluster) unwatched.set(cluster.name, cluster);
      else wanted.set(cluster.name, cluster);
    }
    this.#updateUnwatched(unwatched);
    for (const [name, known] of this.#clusters) {
      if (wanted.has(name)) continue;
      known.watcher.stop();
      known.objects.clear();
      this.#clusters.delete(name);
      this.#logger.info('Cluster is no longer watched', { cluster: name });
      this.#onChange({ type: 'cluster', cluster: name });
    }
    for (const cluster of wanted.values()) {
      const known = this.#clusters.get(cluster.name);
      if (known && isSameServer(known.cluster, cluster)) {
        // The way to its credential may be another object each time.
        known.cluster.credential = cluster.credential;
        known.cluster.title = cluster.title;
        if (!isDeepStrictEqual(known.cluster.resources, cluster.resources)) {
          known.cluster.resources = cluster.resources;
          known.watcher.discover();
        }
        continue;
      }
      known?.watcher.stop();
      this.#start({ ...cluster }, known?.objects);
    }
  }

  #updateUnwatched(unwatched: Map<string, UnwatchedCluster>) {
    const told = new Set<string>();
    for (const name of this.#unwatched.keys()) {
      if (unwatched.has(name)) continue;
      this.#unwatched.delete(name);
      told.add(name);
    }
    for (const { name, title, url, notWatched } of unwatched.values()) {
      const problem = `${name} is not watched: ${notWatched}`;
      const known = this.#unwatched.get(name);
      if (known?.problem === problem && known.title === title) continue;
      this.#unwatched.set(name, {
        name,
        ...(title && { title }),
        url,
        state: 'not-watched',
        since: known?.since ?? new Date().toISOString(),
        problem,
        kinds: [],
      });
      told.add(name);
    }
    for (const name of told) this.#onChange({ type: 'cluster', cluster: name });
  }

  /** @param kept - what is known from before its address changed */
  #start(cluster: FleetCluster, kept?: ClusterObjects) {
    const objects =
      kept ??
      new ClusterObjects({
        cluster: cluster.name,
        memory: this.#memory,
        onChange: this.#onChange,
      });
    const watcher = new ClusterWatcher({
      cluster,
      objects,
      reading: this.#reading,
      pacer: this.#pacer,
      pages: this.#pages,
      timings: this.#timings,
      logger: this.#logger,
      onStatus: () =>
        this.#onChange({ type: 'cluster', cluster: cluster.name }),
    });
    this.#clusters.set(cluster.name, { cluster, objects, watcher });
    this.#logger.info('Cluster is watched', { cluster: cluster.name });
    this.#started.then(() => watcher.start());
  }
}

function isSameServer(a: FleetCluster, b: FleetCluster): boolean {
  return (
    a.url === b.url &&
    a.caData === b.caData &&
    Boolean(a.skipTLSVerify) === Boolean(b.skipTLSVerify)
  );
}
