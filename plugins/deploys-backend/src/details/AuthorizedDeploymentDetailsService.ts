import { NotAllowedError } from '@backstage/errors';
import {
  DeploymentDetails,
  DeploymentDiff,
  DeploymentHistory,
  DeploymentTree,
  DeploymentWindows,
  manifestsReadPermission,
  stateReadPermission,
} from '@switchyard/backstage-plugin-deploys-common';
import { DeploymentAuthorizer } from '../service/DeploymentAuthorizer';
import { CallOptions } from '../service/types';
import {
  DeploymentDetailsService,
  DeploymentRequest,
  FoundDeployment,
  UncheckedDeploymentDetailsService,
} from './types';

/**
 * Adds permissions and consent to an {@link UncheckedDeploymentDetailsService}. What Argo CD says about an Application needs the permission to see
 * states, as its line on the card does. What it reads out of cluster and Git on request, resources, manifests and commits, needs the consent of
 * the Application besides: an annotation is enough to claim an Application of somebody else.
 */
export class AuthorizedDeploymentDetailsService
  implements DeploymentDetailsService
{
  readonly #delegate: UncheckedDeploymentDetailsService;
  readonly #authorizer: DeploymentAuthorizer;

  static create(options: {
    delegate: UncheckedDeploymentDetailsService;
    authorizer: DeploymentAuthorizer;
  }): AuthorizedDeploymentDetailsService {
    return new AuthorizedDeploymentDetailsService(options);
  }

  private constructor(options: {
    delegate: UncheckedDeploymentDetailsService;
    authorizer: DeploymentAuthorizer;
  }) {
    this.#delegate = options.delegate;
    this.#authorizer = options.authorizer;
  }

  async getDetails(
    request: DeploymentRequest,
    options: CallOptions,
  ): Promise<DeploymentDetails> {
    const { found } = await this.#find(request, options);
    return this.#delegate.readDetails(found, options.signal);
  }

  async getHistory(
    request: DeploymentRequest,
    options: CallOptions,
  ): Promise<DeploymentHistory> {
    const { found } = await this.#find(request, options);
    return this.#delegate.readHistory(found, options.signal);
  }

  async getWindows(
    request: DeploymentRequest,
    options: CallOptions,
  ): Promise<DeploymentWindows> {
    const { found } = await this.#find(request, options);
    return this.#delegate.readWindows(found, options.signal);
  }

  async getTree(
    request: DeploymentRequest,
    options: CallOptions,
  ): Promise<DeploymentTree> {
    const { found } = await this.#find(request, options);
    requireConsent(found);
    return this.#delegate.readTree(found, options.signal);
  }

  async getDiff(
    request: DeploymentRequest,
    options: CallOptions,
  ): Promise<DeploymentDiff> {
    const { found, decisions } = await this.#find(request, options, {
      manifests: true,
    });
    const { entity, target } = found;
    const why = decisions.refuseManifests(entity, {
      environment: target.environment,
      cluster: target.cluster ?? target.unjoined?.destination ?? '',
    });
    if (why !== undefined) throw new NotAllowedError(why);
    requireConsent(found);
    return this.#delegate.readDiff(found, options.signal);
  }

  /** Permissions first: nobody learns what there is who may never see it. */
  async #find(
    request: DeploymentRequest,
    options: CallOptions,
    needs: { manifests?: boolean } = {},
  ) {
    const decisions = await this.#authorizer.decide(options.credentials);
    if (!decisions.mayReadState) {
      throw new NotAllowedError(
        `You may not see the state of services: it needs the permission ${stateReadPermission.name}`,
      );
    }
    if (needs.manifests && !decisions.mayReadSomeManifests) {
      throw new NotAllowedError(
        `You may not read manifests: it needs the permission ${manifestsReadPermission.name}`,
      );
    }
    const found = await this.#delegate.find(request, options);
    return { found, decisions };
  }
}

function requireConsent({ target }: FoundDeployment): void {
  if (!target.consent.given) throw new NotAllowedError(target.consent.why);
}
