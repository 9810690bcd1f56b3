import { LoggerService } from '@backstage/backend-plugin-api';
import {
  CompoundEntityRef,
  Entity,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { NotFoundError, ServiceUnavailableError } from '@backstage/errors';
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
import { EntityStates } from '../watch/EntityStates';
import { describeFleet } from './describeFleet';
import { findUnjoined } from './findUnjoined';
import { findPod } from './findPod';
import { findRepositories } from './findRepositories';
import {
  CallOptions,
  FoundPod,
  LogOptions,
  OpenLog,
  PodRequest,
  UncheckedDeployStateService,
  UncheckedState,
} from './types';

/** Streams that one replica keeps open: each is a connection to an API server. */
const MAX_OPEN_LOGS = 200;

/** {@link UncheckedDeployStateService} from the fleet's memory; logs and versions from the systems that have them. */
export class DefaultDeployStateService implements UncheckedDeployStateService {
  readonly #catalog: CatalogService;
  readonly #fleet: FleetService;
  readonly #config: SwitchyardConfig;
  readonly #states: EntityStates;
  readonly #registries: RegistryClient;
  readonly #logger: LoggerService;
  #openLogs = 0;

  static create(options: {
    catalog: CatalogService;
    fleet: FleetService;
    config: SwitchyardConfig;
    states: EntityStates;
    registries: RegistryClient;
    logger: LoggerService;
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
  }) {
    this.#catalog = options.catalog;
    this.#fleet = options.fleet;
    this.#config = options.config;
    this.#states = options.states;
    this.#registries = options.registries;
    this.#logger = options.logger;
  }

  async readState(
    request: { entityRef: CompoundEntityRef },
    options: CallOptions,
  ): Promise<UncheckedState> {
    const entity = await this.#loadEntity(request.entityRef, options);
    const startedAt = performance.now();
    const rendered = this.#states.render(entity);
    return { ...rendered, entity, ownMs: performance.now() - startedAt };
  }

  async listVersions(
    request: { entityRef: CompoundEntityRef; environment: string },
    options: CallOptions,
  ): Promise<ImageVersions> {
    const entity = await this.#loadEntity(request.entityRef, options);
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
    const entity = await this.#loadEntity(request.entityRef, options);
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
    if (this.#openLogs >= MAX_OPEN_LOGS) {
      throw new ServiceUnavailableError(
        'Too many logs are being read; close one or try again later',
      );
    }
    // A caller who has gone already will not go again, and would keep a place for ever.
    options.signal.throwIfAborted();
    this.#openLogs += 1;
    options.signal.addEventListener('abort', () => (this.#openLogs -= 1), {
      once: true,
    });
    const { cluster, namespace, pod, container } = found;
    const { previous, follow, timestamps, tailLines } = how;
    const lines = await this.#fleet.podLogs({
      cluster,
      namespace,
      pod,
      container,
      previous,
      follow,
      timestamps,
      tailLines,
      signal: options.signal,
    });
    return { container, lines };
  }

  readFleet({ withUnjoined }: { withUnjoined: boolean }): FleetState {
    return {
      ...describeFleet(this.#fleet),
      ...(withUnjoined && {
        unjoined: findUnjoined(this.#fleet, this.#config),
      }),
    };
  }

  async #loadEntity(
    entityRef: CompoundEntityRef,
    options: CallOptions,
  ): Promise<Entity> {
    let entity: Entity | undefined;
    try {
      entity = await this.#catalog.getEntityByRef(entityRef, {
        credentials: options.credentials,
      });
    } catch (error) {
      this.#logger.warn('The catalog could not be asked', {
        error: String(error),
      });
      throw new ServiceUnavailableError(
        'The catalog cannot be asked at the moment',
      );
    }
    if (!entity) {
      throw new NotFoundError(
        `The catalog has no ${stringifyEntityRef(
          entityRef,
        )}, or you may not see it`,
      );
    }
    return entity;
  }
}
