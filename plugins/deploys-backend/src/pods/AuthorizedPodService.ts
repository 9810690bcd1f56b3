import {
  logsReadPermission,
  PodEvents,
  PodsMetrics,
  stateReadPermission,
} from '@switchyard/backstage-plugin-deploys-common';
import { refusal } from '../service/AuthorizedDeployStateService';
import { DeploymentAuthorizer } from '../service/DeploymentAuthorizer';
import { readWhileAllowed } from '../service/readWhileAllowed';
import { requireLogs } from '../service/requireLogs';
import { CallOptions } from '../service/types';
import { PodService, UncheckedPodService } from './types';

/** Adds permissions to an {@link UncheckedPodService}. */
export class AuthorizedPodService implements PodService {
  readonly #delegate: UncheckedPodService;
  readonly #authorizer: DeploymentAuthorizer;

  static create(options: {
    delegate: UncheckedPodService;
    authorizer: DeploymentAuthorizer;
  }): AuthorizedPodService {
    return new AuthorizedPodService(options);
  }

  private constructor(options: {
    delegate: UncheckedPodService;
    authorizer: DeploymentAuthorizer;
  }) {
    this.#delegate = options.delegate;
    this.#authorizer = options.authorizer;
  }

  async openMergedLog(
    request: Parameters<PodService['openMergedLog']>[0],
    options: CallOptions,
  ): Promise<AsyncIterable<string>> {
    const decisions = await this.#authorizer.decide(options.credentials);
    // Before anything is looked for: nobody learns what there is who may never read it.
    if (!decisions.mayReadSomeLogs) {
      throw refusal('read logs', logsReadPermission);
    }
    const found = await this.#delegate.findWorkload(request, {
      ...options,
      check: (entity, place) => requireLogs(decisions, entity, place),
    });
    const { lines } = await readWhileAllowed({
      call: options,
      check: async () => {
        const now = await this.#authorizer.decide(options.credentials);
        const { entityRef } = request;
        found.entity = await this.#delegate.loadEntity(entityRef, options);
        requireLogs(now, found.entity, found);
        this.#delegate.requireWorkload(found, request);
      },
      open: call => this.#delegate.openMergedLog(found, request, call),
      linesOf: opened => opened,
    });
    return lines;
  }

  async listEvents(
    request: Parameters<PodService['listEvents']>[0],
    options: CallOptions,
  ): Promise<PodEvents> {
    await this.#requireState('see the events of pods', options);
    return this.#delegate.listEvents(request, options);
  }

  async readMetrics(
    request: Parameters<PodService['readMetrics']>[0],
    options: CallOptions,
  ): Promise<PodsMetrics> {
    await this.#requireState('see what pods use', options);
    return this.#delegate.readMetrics(request, options);
  }

  async #requireState(what: string, { credentials }: CallOptions) {
    const { mayReadState } = await this.#authorizer.decide(credentials);
    if (!mayReadState) throw refusal(what, stateReadPermission);
  }
}
