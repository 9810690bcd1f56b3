import { CompoundEntityRef, Entity } from '@backstage/catalog-model';
import {
  DeploymentDetails,
  DeploymentDiff,
  DeploymentHistory,
  DeploymentTree,
  DeploymentWindows,
} from '@switchyard/backstage-plugin-deploys-common';
import { ApplicationRow, TargetDeployment } from '@switchyard/fleet-node';
import { CallOptions } from '../service/types';

/** A line of the Deploy card, by the id that the state gives it. */
export interface DeploymentRequest {
  entityRef: CompoundEntityRef;
  deployment: string;
}

/** A deployment that is the entity's, by an Application. */
export interface FoundDeployment {
  entity: Entity;
  target: TargetDeployment;
  application: ApplicationRow;
}

/**
 * What opens below a line of the Deploy card. Each method names the errors of {@link DeployStateService.getState} besides its own, and:
 *
 * @throws NotFoundError when the entity has no such deployment, or no Application deploys it; ServiceUnavailableError when Argo CD does not answer
 */
export interface DeploymentDetailsService {
  getDetails(
    request: DeploymentRequest,
    options: CallOptions,
  ): Promise<DeploymentDetails>;
  getHistory(
    request: DeploymentRequest,
    options: CallOptions,
  ): Promise<DeploymentHistory>;
  getWindows(
    request: DeploymentRequest,
    options: CallOptions,
  ): Promise<DeploymentWindows>;
  /** @throws NotAllowedError without consent of the Application */
  getTree(
    request: DeploymentRequest,
    options: CallOptions,
  ): Promise<DeploymentTree>;
  /** @throws NotAllowedError without permission, or without consent of the Application */
  getDiff(
    request: DeploymentRequest,
    options: CallOptions,
  ): Promise<DeploymentDiff>;
}

/** {@link DeploymentDetailsService} before permissions and consent are asked: `find` first, then what is wanted of it. */
export interface UncheckedDeploymentDetailsService {
  find(
    request: DeploymentRequest,
    options: CallOptions,
  ): Promise<FoundDeployment>;
  readDetails(
    found: FoundDeployment,
    signal: AbortSignal,
  ): Promise<DeploymentDetails>;
  readHistory(
    found: FoundDeployment,
    signal: AbortSignal,
  ): Promise<DeploymentHistory>;
  readWindows(
    found: FoundDeployment,
    signal: AbortSignal,
  ): Promise<DeploymentWindows>;
  readTree(
    found: FoundDeployment,
    signal: AbortSignal,
  ): Promise<DeploymentTree>;
  readDiff(
    found: FoundDeployment,
    signal: AbortSignal,
  ): Promise<DeploymentDiff>;
}
