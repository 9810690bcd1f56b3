import { LoggerService } from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import { JsonObject } from '@backstage/types';
import { ArgoInstance } from '../argocd/ArgoInstance';
import { ArgoCdInstanceConfig } from '../argocd/config';
import { ArgoCdTimings, DEFAULT_ARGOCD_TIMINGS } from '../argocd/timings';
import { Application, ArgoCdReader, OpenApplication } from '../argocd/types';
import { ClusterSet } from '../kubernetes/ClusterSet';
import { ReadingHere } from '../kubernetes/reading/ReadingHere';
import { ReadingThread } from '../kubernetes/reading/ReadingThread';
import { Reading } from '../kubernetes/reading/types';
import { EXECUTOR } from '../exec/createExecutor';
import { Executor } from '../exec/types';
import { KUBERNETES_WRITER } from '../effects/createKubernetesWriter';
import { KubernetesWriter } from '../effects/types';
import { KubernetesClient } from '../kubernetes/KubernetesClient';
import { MetricsMemory } from '../kubernetes/MetricsMemory';
import { openPodExec } from '../kubernetes/podExec';
import { openPodLogs } from '../kubernetes/podLogs';
import { patchObject } from '../kubernetes/patchObject';
import {
  DEFAULT_KUBERNETES_TIMINGS,
  KubernetesTimings,
} from '../kubernetes/timings';
import {
  AnalysisRunRow,
  ApplicationRow,
  EventRow,
  JobRow,
  ObjectOrigin,
  ObjectRow,
  PodRow,
  WorkloadRow,
} from '../rows';
import { StoreMemory } from '../store/KindStore';
import { Pacer } from '../store/Pacer';
import {
  ApplicationQuery,
  ApplicationRef,
  ArgoInstanceStatus,
  ClusterStatus,
  ConnectionState,
  FirstRead,
  FleetChange,
  FleetCluster,
  FleetService,
  NamespaceMetrics,
  ObjectQuery,
  PodLogsRequest,
  ResourceName,
  ResourceQuery,
  UnwatchedCluster,
} from '../types';
import { ChangeFeed } from './ChangeFeed';
import { waitUntil } from './waitUntil';

/**
 * The fleet: watches of all clusters and Argo CD instances, and the answers from what they brought.
 *
 * @internal
 */
export class DefaultFleet implements FleetService {
  readonly #changes: ChangeFeed;
  readonly #clusters: ClusterSet;
  readonly #reading: Reading;
  readonly #argo: ReadonlyMap<string, ArgoInstance>;
  readonly #started: Promise<void>;
  readonly #stopped = new AbortController();
  readonly #metrics = new MetricsMemory({ stopped: this.#stopped.signal });
  #hasSource = false;

  /**
   * Begins to watch the Argo CD instances, and clusters once their source is set.
   *
   * @param options.started - when it may begin; at once where not given
   */
  static create(options: {
    argo: ArgoCdInstanceConfig[];
    logger: LoggerService;
    started?: Promise<void>;
    /** Whether what clusters send is read in a thread of its own. */
    ownThread?: boolean;
    /** Replaced by tests. */
    timings?: {
      kubernetes?: Partial<KubernetesTimings>;
      argocd?: Partial<ArgoCdTimings>;
    };
  }): DefaultFleet {
    const fleet = new DefaultFleet(options);
    fleet.#started.then(() => {
      if (fleet.#stopped.signal.aborted) return;
      for (const instance of fleet.#argo.values()) instance.start();
    });
    return fleet;
  }

  private constructor(options: {
    argo: ArgoCdInstanceConfig[];
    logger: LoggerService;
    started?: Promise<void>;
    ownThread?: boolean;
    timings?: {
      kubernetes?: Partial<KubernetesTimings>;
      argocd?: Partial<ArgoCdTimings>;
    };
  }) {
    const { logger } = options;
    this.#started = options.started ?? Promise.resolve();
    // One for all: each by itself would take its share of the same event loop.
    const pacer = new Pacer();
    this.#changes = new ChangeFeed({ logger });
    const memory = new StoreMemory();
    const { dictionaries } = memory;
    this.#reading = options.ownThread
      ? new ReadingThread({ dictionaries, pacer, logger })
      : new ReadingHere({
          onLearnt: dictionary => dictionaries.add(dictionary),
          pacer,
        });
    this.#clusters = new ClusterSet({
      memory,
      reading: this.#reading,
      timings: {
        ...DEFAULT_KUBERNETES_TIMINGS,
        ...options.timings?.kubernetes,
      },
      pacer,
      logger,
      started: this.#started,
      onChange: this.#changes.emit,
    });
    this.#argo = new Map(
      options.argo.map(config => [
        config.name,
        new ArgoInstance({
          config,
          timings: { ...DEFAULT_ARGOCD_TIMINGS, ...options.timings?.argocd },
          pacer,
          logger,
          onChange: this.#changes.emit,
        }),
      ]),
    );
  }

  stop(): void {
    this.#stopped.abort();
    this.#clusters.stop();
    this.#reading.stop();
    for (const instance of this.#argo.values()) instance.stop();
  }

  setClusterSource(
    source: () => Promise<Array<FleetCluster | UnwatchedCluster>>,
  ): void {
    if (this.#hasSource) {
      throw new Error('The source of clusters of the fleet is set already');
    }
    this.#hasSource = true;
    this.#clusters.follow(source, this.#stopped.signal);
  }

  clusters(): ClusterStatus[] {
    return this.#clusters.statuses();
  }

  argoInstances(): ArgoInstanceStatus[] {
    return Array.from(this.#argo.values(), ({ watcher }) => watcher.status());
  }

  workloads(query: ObjectQuery): WorkloadRow[] {
    return this.#clusters
      .select(query.cluster)
      .flatMap(({ objects }) =>
        Array.from(objects.workloads.values()).flatMap(store =>
          store.query(query),
        ),
      );
  }

  replicaSets(query: ObjectQuery): WorkloadRow[] {
    return this.#clusters
      .select(query.cluster)
      .flatMap(({ objects }) => objects.replicaSets.query(query));
  }

  pods(query: ObjectQuery): PodRow[] {
    return this.#clusters
      .select(query.cluster)
      .flatMap(({ objects }) => objects.pods.query(query));
  }

  jobs(query: ObjectQuery): JobRow[] {
    return this.#clusters
      .select(query.cluster)
      .flatMap(({ objects }) => objects.jobs.query(query));
  }

  analysisRuns(query: ObjectQuery): AnalysisRunRow[] {
    return this.#clusters
      .select(query.cluster)
      .flatMap(({ objects }) => objects.analysisRuns.query(query));
  }

  resources(query: ResourceQuery): ObjectRow[] {
    return this.#clusters
      .select(query.cluster)
      .flatMap(({ objects, watcher }) => {
        const held = watcher.held(query.resource);
        return (held && objects.store(held.key)?.query(query)) ?? [];
      });
  }

  held(
    cluster: string,
    resource: ResourceName,
  ): ConnectionState | 'not-readable' | undefined {
    return this.#clusters.get(cluster)?.watcher.held(resource)?.state;
  }

  eventsAbout(about: { cluster: string; uid: string }): EventRow[] {
    return (
      this.#clusters.get(about.cluster)?.objects.events.about(about.uid) ?? []
    );
  }

  applications(query: ApplicationQuery): ApplicationRow[] {
    const instances =
      query.instance === undefined
        ? Array.from(this.#argo.values())
        : [this.#argo.get(query.instance)];
    return instances.flatMap(
      instance => instance?.watcher.applications.query(query) ?? [],
    );
  }

  application(ref: ApplicationRef): ApplicationRow | undefined {
    return this.#argo.get(ref.instance)?.watcher.applications.get(ref);
  }

  object(ref: { cluster: string; uid: string }): JsonObject | undefined {
    return this.#clusters.get(ref.cluster)?.objects.object(ref.uid);
  }

  origin(ref: { cluster: string; uid: string }): ObjectOrigin | undefined {
    return this.#clusters.get(ref.cluster)?.objects.origin(ref.uid);
  }

  readFirst(queries: readonly FirstRead[]): void {
    for (const { cluster, ...selection } of queries) {
      for (const { watcher } of this.#clusters.select(cluster)) {
        watcher.readFirst(selection);
      }
    }
  }

  readApplicationsFirst(queries: readonly ApplicationQuery[]): void {
    for (const query of queries) {
      for (const [name, instance] of this.#argo) {
        if ((query.instance ?? name) === name) instance.readFirst(query);
      }
    }
  }

  subscribe(listener: (change: FleetChange) => void): () => void {
    return this.#changes.subscribe(listener);
  }

  until<T>(
    predicate: () => T | undefined,
    options: { signal: AbortSignal },
  ): Promise<T> {
    return waitUntil(predicate, {
      subscribe: listener => this.#changes.subscribe(listener),
      signal: options.signal,
    });
  }

  argo(instance: string): ArgoCdReader {
    return this.#instance(instance).reader;
  }

  lookAt(ref: ApplicationRef): Application | undefined {
    return this.#argo.get(ref.instance)?.full.lookAt(ref);
  }

  fullApplication(ref: ApplicationRef): Application | undefined {
    return this.#argo.get(ref.instance)?.full.get(ref);
  }

  async openApplication(
    ref: ApplicationRef,
    options: { signal: AbortSignal },
  ): Promise<OpenApplication> {
    return this.#instance(ref.instance).full.open(ref, options);
  }

  async podLogs(request: PodLogsRequest): Promise<AsyncIterable<string>> {
    return openPodLogs(this.#client(request.cluster), request);
  }

  async podMetrics(
    place: { cluster: string; namespace: string },
    options: { signal: AbortSignal },
  ): Promise<NamespaceMetrics> {
    return this.#metrics.read(
      this.#client(place.cluster),
      place,
      options.signal,
    );
  }

  /** Handed out by `createExecutor` alone: what it starts can change things. */
  readonly [EXECUTOR]: Executor = {
    open: async request => openPodExec(this.#client(request.cluster), request),
  };

  /** Handed out by `createKubernetesWriter` alone. */
  readonly [KUBERNETES_WRITER]: KubernetesWriter = {
    patch: async (name, patch, options) =>
      patchObject(this.#client(name.cluster), name, patch, options),
  };

  #client(name: string): KubernetesClient {
    const cluster = this.#clusters.get(name);
    if (!cluster) throw new NotFoundError(`No cluster ${name} is watched`);
    return cluster.watcher.client;
  }

  #instance(name: string): ArgoInstance {
    const instance = this.#argo.get(name);
    if (!instance) {
      throw new NotFoundError(`No Argo CD instance ${name} is configured`);
    }
    return instance;
  }
}
