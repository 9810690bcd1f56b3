import { LoggerService } from '@backstage/backend-plugin-api';
import { CompoundEntityRef, Entity } from '@backstage/catalog-model';
import { CatalogService } from '@backstage/plugin-catalog-node';
import {
  FleetState,
  ImageVersions,
} from '@switchyard/backstage-plugin-deploys-common';
import { RegistryClient } from '@switchyard/backstage-plugin-deploys-node';
import {
  deploymentsOf,
  FleetService,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { LogSlots } from '../pods/LogSlots';
import { EntityStates } from '../watch/EntityStates';
import { describeFleet } from './describeFleet';
import { findUnjoined } from './findUnjoined';
import { findPod } from './findPod';
import { findRepositories } from './findRepositories';
import { loadEntity } from './loadEntity';
import {
  CallOptions,
  FoundPod,
  LogOptions,
  OpenLog,
  PodRequest,
  UncheckedDeployStateService,
  UncheckedState,
} from './types';

/** {@link UncheckedDeployStateService} from the fleet's memory; logs and versions from the systems that have them. */
export class DefaultDeployStateService implements UncheckedDeployStateService {
  readonly #catalog: CatalogService;
  readonly #fleet: FleetService;
  readonly #config: SwitchyardConfig;
  readonly #states: EntityStates;
  readonly #registries: RegistryClient;
  readonly #logger: LoggerService;
  readonly #slots: LogSlots;

  static create(options: {
    catalog: CatalogService;
    fleet: FleetService;
    config: SwitchyardConfig;
    states: EntityStates;
    registries: RegistryClient;
    logger: LoggerService;
    slots: LogSlots;
  }): DefaultDeployStateService {
    return new DefaultDeployStateService(options);
  }

  private constructor(options: {
    catalog: CatalogService;
    fleet: FleetService;
    config: SwitchyardConfig;
    states: EntityStates;
    registries: RegistryClient;
    logger: LoggerService;
    slots: LogSlots;
  }) {
    this.#catalog = options.catalog;
    this.#fleet = options.fleet;
    this.#config = options.config;
    this.#states = options.states;
    this.#registries = options.registries;
    this.#logger = options.logger;
    this.#slots = options.slots;
  }

  loadEntity(
    { entityRef }: { entityRef: CompoundEntityRef },
    { credentials }: CallOptions,
  ): Promise<Entity> {
    const catalog = this.#catalog;
    const logger = this.#logger;
    return loadEntity(entityRef, { catalog, logger, credentials });
  }

  readState(entity: Entity): UncheckedState {
    return this.#states.render(entity);
  }

  async listVersions(
    request: { entityRef: CompoundEntityRef; environment: string },
    options: CallOptions,
  ): Promise<ImageVersions> {
    const entity = await this.loadEntity(request, options);
    const { deployments } = deploymentsOf(entity, this.#fleet, this.#config);
    const { repositories, tagPrefix } = findRepositories(
      entity,
      deployments,
      request.environment,
    );
    return this.#registries.listVersions({
      repositories,
      tagPrefix,
      signal: options.signal,
    });
  }

  async findPod(
    request: PodRequest,
    options: Parameters<UncheckedDeployStateService['findPod']>[1],
  ): Promise<FoundPod> {
    const entity = await this.loadEntity(request, options);
    const { deployments } = deploymentsOf(entity, this.#fleet, this.#config);
    const { namespace, pod } = request;
    const found = findPod(deployments, request, place =>
      options.check(entity, place),
    );
    return { ...found, entity, namespace, pod };
  }

  async openLog(
    found: FoundPod,
    how: LogOptions,
    options: CallOptions,
  ): Promise<OpenLog> {
    // A caller who has gone already will not go again, and would keep a place for ever.
    options.signal.throwIfAborted();
    const release = this.#slots.take(options.credentials);
    options.signal.addEventListener('abort', release, { once: true });
    const { cluster, namespace, pod, container } = found;
    const { previous, follow, timestamps, tailLines, sinceSeconds } = how;
    const lines = await this.#fleet.podLogs({
      cluster,
      namespace,
      pod,
      container,
      previous,
      follow,
      timestamps,
      tailLines,
      sinceSeconds,
      signal: options.signal,
    });
    return { container, lines };
  }

  readFleet({ whole }: { whole: boolean }): FleetState {
    return {
      ...describeFleet(this.#fleet, { whole }),
      ...(whole && {
        unjoined: findUnjoined(this.#fleet, this.#config),
      }),
    };
  }
}
