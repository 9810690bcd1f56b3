import { BackstageCredentials } from '@backstage/backend-plugin-api';
import { CompoundEntityRef } from '@backstage/catalog-model';
import {
  FleetState,
  ImageVersions,
} from '@switchyard/backstage-plugin-deploys-common';

/** Who asks, and until when the answer is of use. */
export interface CallOptions {
  credentials: BackstageCredentials;
  signal: AbortSignal;
}

/** A state as it goes to the caller. */
export interface StateAnswer {
  hash: string;
  /** JSON text of an `EntityDeploysState`. */
  body: string;
  /** Time that making it took, without waiting for the catalog and for permissions. */
  ownMs: number;
}

/** Which log of which pod. */
export interface LogsRequest {
  entityRef: CompoundEntityRef;
  cluster: string;
  namespace: string;
  pod: string;
  /** Without it, the container that is the service. */
  container?: string;
  previous: boolean;
  follow: boolean;
  /** Each line begins with the time that the container runtime noted, and a space. */
  timestamps: boolean;
  /** Newest lines to begin with. */
  tailLines: number;
}

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
   * @throws NotFoundError, NotAllowedError, ConflictError (no log yet), ServiceUnavailableError
   */
  openLog(request: LogsRequest, options: CallOptions): Promise<OpenLog>;
  /** How well clusters and Argo CD instances can be seen. */
  getFleet(options: CallOptions): Promise<FleetState>;
}
