import { BackstageCredentials } from '@backstage/backend-plugin-api';
import { CompoundEntityRef, Entity } from '@backstage/catalog-model';
import {
  FleetState,
  ImageVersions,
  LogsGrant,
} from '@switchyard/backstage-plugin-deploys-common';

/** Who asks, and until when the answer is of use. */
export interface CallOptions {
  credentials: BackstageCredentials;
  signal: AbortSignal;
}

/** A state as it goes to the caller. */
export interface StateAnswer {
  /** Another one whenever the caller has to see something else; not the hash, which is the same for everybody. */
  etag: string;
  /** JSON text of an `EntityDeploysState`. */
  body: string;
  /** Time that making it took, without waiting for the catalog and for permissions. */
  ownMs: number;
}

/** A state before anybody's permissions are known. */
export interface UncheckedState {
  hash: string;
  /** JSON text of an `EntityDeploysState` without `logs`. */
  body: string;
  /** Where its pods are, each once. */
  places: readonly LogsPlace[];
}

/** Where logs are read, as far as permissions tell places apart. */
export type LogsPlace = Pick<LogsGrant, 'environment' | 'cluster'>;

/** A pod as callers name it, and what of it. */
export interface PodRequest {
  entityRef: CompoundEntityRef;
  cluster: string;
  namespace: string;
  pod: string;
  /** Without it, the container that is the service. */
  container?: string;
}

/** A container of a pod that is the entity's and agrees to that. */
export interface FoundPod extends LogsPlace {
  entity: Entity;
  namespace: string;
  pod: string;
  container: string;
}

/** How to read a log. */
export interface LogOptions {
  previous: boolean;
  follow: boolean;
  /** Each line begins with the time that the container runtime noted, and a space. */
  timestamps: boolean;
  /** Newest lines to begin with. */
  tailLines: number;
  /** Only what was written in the last so many seconds. */
  sinceSeconds?: number;
}

/** Which log of which pod. */
export type LogsRequest = PodRequest & LogOptions;

/** A log that was opened. */
export interface OpenLog {
  container: string;
  lines: AsyncIterable<string>;
}

/**
 * What the deploys backend answers. Entities are loaded with the caller's credentials: one that the caller may not see does not exist.
 */
export interface DeployStateService {
  /** @throws NotFoundError when the catalog has no such entity for this caller */
  getState(
    request: { entityRef: CompoundEntityRef },
    options: CallOptions,
  ): Promise<StateAnswer>;
  /**
   * Versions in the registries that the entity's own workloads in an environment pull from.
   *
   * @throws NotFoundError, NotAllowedError when none of them agrees to the entity
   */
  listVersions(
    request: { entityRef: CompoundEntityRef; environment: string },
    options: CallOptions,
  ): Promise<ImageVersions>;
  /**
   * Opens the log of a pod that is the entity's and agrees to that. It ends with the signal.
   *
   * @throws NotFoundError, NotAllowedError, ConflictError (no log yet), TooManyRequestsError, ServiceUnavailableError
   */
  openLog(request: LogsRequest, options: CallOptions): Promise<OpenLog>;
  /** How well clusters and Argo CD instances can be seen. */
  getFleet(options: CallOptions): Promise<FleetState>;
}

/**
 * {@link DeployStateService} before permissions are asked: the same answers, cut where permissions depend on what was found.
 */
export interface UncheckedDeployStateService
  extends Pick<DeployStateService, 'listVersions'> {
  /** `whole` names and counts Applications of anybody. */
  readFleet(options: { whole: boolean }): FleetState;
  /** @throws NotFoundError when the catalog has no such entity for this caller */
  loadEntity(
    request: { entityRef: CompoundEntityRef },
    options: CallOptions,
  ): Promise<Entity>;
  readState(entity: Entity): UncheckedState;
  /**
   * `check` is asked as soon as it is known where the pod runs, before anything is said of it, and throws what the caller is to get.
   *
   * @throws NotFoundError when the pod is none of the entity's; NotAllowedError without consent; InputError when several containers could be
   *   meant
   */
  findPod(
    request: PodRequest,
    options: CallOptions & { check(entity: Entity, place: LogsPlace): void },
  ): Promise<FoundPod>;
  /** @throws ConflictError (no log yet), TooManyRequestsError, ServiceUnavailableError */
  openLog(
    pod: FoundPod,
    how: LogOptions,
    options: CallOptions,
  ): Promise<OpenLog>;
}
