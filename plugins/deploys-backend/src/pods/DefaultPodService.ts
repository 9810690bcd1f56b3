import { LoggerService } from '@backstage/backend-plugin-api';
import { CompoundEntityRef, Entity } from '@backstage/catalog-model';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import { CatalogService } from '@backstage/plugin-catalog-node';
import {
  PodEvents,
  PodsMetrics,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  ApplicationRow,
  deploymentsOf,
  FleetChange,
  FleetReader,
  FleetService,
  SwitchyardConfig,
  TargetDeployment,
  TargetWorkload,
} from '@switchyard/fleet-node';
import { loadEntity } from '../service/loadEntity';
import { CallOptions } from '../service/types';
import { LogSlots } from './LogSlots';
import { openMergedLog, WantedPod } from './MergedLog';
import { eventsOf } from './podEvents';
import { metricsOf } from './podMetrics';
import {
  FoundWorkload,
  MergedLogRequest,
  UncheckedPodService,
  WorkloadRequest,
} from './types';

/** {@link UncheckedPodService} from the fleet's memory; logs and metrics from the clusters. */
export class DefaultPodService implements UncheckedPodService {
  readonly #catalog: CatalogService;
  readonly #fleet: FleetService;
  readonly #config: SwitchyardConfig;
  readonly #logger: LoggerService;
  readonly #slots: LogSlots;

  static create(options: {
    catalog: CatalogService;
    fleet: FleetService;
    config: SwitchyardConfig;
    logger: LoggerService;
    slots: LogSlots;
  }): DefaultPodService {
    return new DefaultPodService(options);
  }

  private constructor(options: {
    catalog: CatalogService;
    fleet: FleetService;
    config: SwitchyardConfig;
    logger: LoggerService;
    slots: LogSlots;
  }) {
    this.#catalog = options.catalog;
    this.#fleet = options.fleet;
    this.#config = options.config;
    this.#logger = options.logger;
    this.#slots = options.slots;
  }

  loadEntity(
    entityRef: CompoundEntityRef,
    { credentials }: CallOptions,
  ): Promise<Entity> {
    return loadEntity(entityRef, {
      catalog: this.#catalog,
      logger: this.#logger,
      credentials,
    });
  }

  async findWorkload(
    request: MergedLogRequest,
    options: Parameters<UncheckedPodService['findWorkload']>[1],
  ): Promise<FoundWorkload> {
    const { entity, deployments } = await this.#load(
      request.entityRef,
      options,
    );
    const { kind, name } = request.workload;
    const found = findWorkload(deployments, request);
    if (!found) {
      throw new NotFoundError(
        `This entity has no ${kind} ${request.namespace}/${name} in cluster ${request.cluster}`,
      );
    }
    const place = { environment: found.environment, cluster: request.cluster };
    options.check(entity, place);
    const { consent } = found.workload;
    if (!consent.given) throw new NotAllowedError(consent.why);
    const pods = wantedPods(found.workload, request);
    if (pods.length === 0 && request.pods.length > 0) {
      throw new NotFoundError(
        `${kind} ${request.namespace}/${name} has no pod ${request.pods.join(
          ', ',
        )}`,
      );
    }
    return { entity, ...place };
  }

  requireWorkload(found: FoundWorkload, request: WorkloadRequest): void {
    const { deployments } = deploymentsOf(
      found.entity,
      this.#fleet,
      this.#config,
    );
    const now = findWorkload(deployments, request);
    if (now) {
      const { consent } = now.workload;
      if (!consent.given) throw new NotAllowedError(consent.why);
    } else if (isRunning(request, this.#fleet)) {
      const { cluster, namespace, workload } = request;
      throw new NotAllowedError(
        `${workload.kind} ${namespace}/${workload.name} in cluster ${cluster} is none of this entity's any more`,
      );
    }
  }

  async openMergedLog(
    found: FoundWorkload,
    request: MergedLogRequest,
    { credentials, signal }: CallOptions,
  ): Promise<AsyncIterable<string>> {
    // A caller who has gone already will not go again.
    signal.throwIfAborted();
    // Said as an answer where there is no place at all, and of the source where there is one for others.
    this.#slots.take(credentials)();
    let applications: ApplicationRow[] = [];
    return openMergedLog({
      fleet: this.#fleet,
      how: request,
      takeSlot: () => this.#slots.take(credentials),
      // Consent may be taken back while one reads: it is looked at with every pod that comes.
      select: () => {
        const { deployments } = deploymentsOf(
          found.entity,
          this.#fleet,
          this.#config,
        );
        applications = deployments.flatMap(
          ({ application }) => application ?? [],
        );
        const now = findWorkload(deployments, request);
        // It may be gone for a moment, as when it is made anew.
        if (!now) return [];
        return now.workload.consent.given
          ? wantedPods(now.workload, request)
          : undefined;
      },
      // An Application's consent is that of its workloads.
      concerns: change =>
        isOfNamespace(change, request) || isOfAny(change, applications),
      signal,
    });
  }

  async listEvents(
    request: Parameters<UncheckedPodService['listEvents']>[0],
    options: CallOptions,
  ): Promise<PodEvents> {
    const { deployments } = await this.#load(request.entityRef, options);
    return eventsOf(deployments, request, this.#fleet);
  }

  async readMetrics(
    request: Parameters<UncheckedPodService['readMetrics']>[0],
    options: CallOptions,
  ): Promise<PodsMetrics> {
    const { deployments } = await this.#load(request.entityRef, options);
    return metricsOf(deployments, this.#fleet, options.signal);
  }

  async #load(
    entityRef: CompoundEntityRef,
    options: CallOptions,
  ): Promise<{ entity: Entity; deployments: TargetDeployment[] }> {
    const entity = await this.loadEntity(entityRef, options);
    const { deployments } = deploymentsOf(entity, this.#fleet, this.#config);
    return { entity, deployments };
  }
}

function findWorkload(
  deployments: readonly TargetDeployment[],
  request: Omit<WorkloadRequest, 'entityRef'>,
): { environment: string; workload: TargetWorkload } | undefined {
  const { cluster, namespace, workload: wanted } = request;
  for (const { environment, workloads, endedJobs } of deployments) {
    const workload = [...workloads, ...endedJobs].find(
      ({ row }) =>
        row.cluster === cluster &&
        row.namespace === namespace &&
        row.kind === wanted.kind &&
        row.name === wanted.name,
    );
    if (workload) return { environment, workload };
  }
  return undefined;
}

/** The cluster has it. What has ended may be shown no more, and has no log that goes on. */
function isRunning(
  { cluster, namespace, workload }: WorkloadRequest,
  fleet: FleetReader,
): boolean {
  const query = { cluster, namespace, name: workload.name };
  return [
    ...fleet.workloads(query),
    ...fleet.replicaSets(query),
    ...fleet.jobs(query).filter(({ condition }) => !condition),
    ...fleet.pods(query).filter(({ phase }) => phase !== 'Succeeded'),
  ].some(({ kind }) => kind === workload.kind);
}

/** What is in trouble first, then what is newest. */
function wantedPods(
  { pods }: TargetWorkload,
  request: Pick<MergedLogRequest, 'pods' | 'container'>,
): WantedPod[] {
  const { container } = request;
  return pods
    .filter(
      ({ row }) => request.pods.length === 0 || request.pods.includes(row.name),
    )
    .sort(
      (a, b) =>
        Number(a.row.ready) - Number(b.row.ready) ||
        (a.row.createdAt < b.row.createdAt ? 1 : -1),
    )
    .map(({ row }) => ({
      pod: row,
      containers: row.containers
        .map(({ name }) => name)
        .filter(name => container === undefined || name === container),
    }))
    .filter(({ containers }) => containers.length > 0);
}

function isOfNamespace(
  change: FleetChange,
  { cluster, namespace }: Pick<WorkloadRequest, 'cluster' | 'namespace'>,
): boolean {
  return (
    change.type === 'object' &&
    change.kind !== 'Event' &&
    change.cluster === cluster &&
    change.row.namespace === namespace
  );
}

function isOfAny(
  change: FleetChange,
  applications: readonly ApplicationRow[],
): boolean {
  return (
    change.type === 'application' &&
    applications.some(
      ({ instance, namespace, name }) =>
        change.row.instance === instance &&
        change.row.namespace === namespace &&
        change.row.name === name,
    )
  );
}
