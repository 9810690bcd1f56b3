import { PermissionsService } from '@backstage/backend-plugin-api';
import { CompoundEntityRef } from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  BasicPermission,
} from '@backstage/plugin-permission-common';
import {
  FleetState,
  ImageVersions,
  logsReadPermission,
  stateReadPermission,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  CallOptions,
  DeployStateService,
  LogsRequest,
  OpenLog,
  StateAnswer,
} from './types';

/** Asks for permission; the only place that does. */
export class AuthorizedDeployStateService implements DeployStateService {
  readonly #delegate: DeployStateService;
  readonly #permissions: PermissionsService;

  static create(options: {
    delegate: DeployStateService;
    permissions: PermissionsService;
  }): AuthorizedDeployStateService {
    return new AuthorizedDeployStateService(options);
  }

  private constructor(options: {
    delegate: DeployStateService;
    permissions: PermissionsService;
  }) {
    this.#delegate = options.delegate;
    this.#permissions = options.permissions;
  }

  async getState(
    request: { entityRef: CompoundEntityRef },
    options: CallOptions,
  ): Promise<StateAnswer> {
    // Both go to other plugins: one after the other they would take twice as long. Nobody sees the answer before the permission is there.
    const [permission, answer] = await Promise.allSettled([
      this.#require(stateReadPermission, 'see the state of services', options),
      this.#delegate.getState(request, options),
    ]);
    if (permission.status === 'rejected') throw permission.reason;
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  }

  async listVersions(
    request: { entityRef: CompoundEntityRef; environment: string },
    options: CallOptions,
  ): Promise<ImageVersions> {
    await this.#require(
      stateReadPermission,
      'see the versions of services',
      options,
    );
    return this.#delegate.listVersions(request, options);
  }

  async openLog(request: LogsRequest, options: CallOptions): Promise<OpenLog> {
    await this.#require(logsReadPermission, 'read logs', options);
    return this.#delegate.openLog(request, options);
  }

  async getFleet(options: CallOptions): Promise<FleetState> {
    await this.#require(
      stateReadPermission,
      'see the state of clusters',
      options,
    );
    return this.#delegate.getFleet(options);
  }

  async #require(
    permission: BasicPermission,
    what: string,
    options: CallOptions,
  ): Promise<void> {
    const [{ result }] = await this.#permissions.authorize([{ permission }], {
      credentials: options.credentials,
    });
    if (result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(
        `You may not ${what}: it needs the permission ${permission.name}`,
      );
    }
  }
}
