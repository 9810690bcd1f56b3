import {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import {
  AuthorizeResult,
  PolicyDecision,
  QueryPermissionRequest,
  ResourcePermission,
} from '@backstage/plugin-permission-common';
import {
  createConditionAuthorizer,
  PermissionRuleset,
} from '@backstage/plugin-permission-node';
import {
  fleetReadPermission,
  LogsGrant,
  logsReadPermission,
  manifestsReadPermission,
  stateReadPermission,
} from '@switchyard/backstage-plugin-deploys-common';
import { DeploysDeployment } from '@switchyard/backstage-plugin-deploys-node';
import { getOwnerRefs } from '@switchyard/backstage-plugin-runs-node';
import { LogsPlace } from './types';

/** A person's decisions for the length of a request. */
export interface Decisions {
  mayReadState: boolean;
  /** Everything of the fleet, also what belongs to components that are not visible. */
  mayReadFleet: boolean;
  /** False when the person could read no log, wherever it is. */
  mayReadSomeLogs: boolean;
  judgeLogs(entity: Entity, place: LogsPlace): LogsGrant;
  /** False when the person could read no manifests, wherever they are. */
  mayReadSomeManifests: boolean;
  /** Why the person may not read manifests there; undefined where it is allowed. */
  refuseManifests(entity: Entity, place: LogsPlace): string | undefined;
}

/** Asks the permission framework once per request about everything, and applies conditions here, on the entity that is loaded anyway. */
export class DeploymentAuthorizer {
  readonly #permissions: PermissionsService;
  readonly #meetsConditions: (
    decision: PolicyDecision,
    resource: DeploysDeployment | undefined,
  ) => boolean;

  static create(options: {
    permissions: PermissionsService;
    ruleset: PermissionRuleset<DeploysDeployment>;
  }): DeploymentAuthorizer {
    return new DeploymentAuthorizer(options);
  }

  private constructor(options: {
    permissions: PermissionsService;
    ruleset: PermissionRuleset<DeploysDeployment>;
  }) {
    this.#permissions = options.permissions;
    this.#meetsConditions = createConditionAuthorizer(options.ruleset);
  }

  async decide(credentials: BackstageCredentials): Promise<Decisions> {
    // Basic permissions go with the other; their answers are never conditional.
    const asked: QueryPermissionRequest[] = [
      stateReadPermission,
      fleetReadPermission,
      logsReadPermission,
      manifestsReadPermission,
    ].map(permission => ({ permission: permission as ResourcePermission }));
    const [state, fleet, logs, manifests] =
      await this.#permissions.authorizeConditional(asked, { credentials });
    const visible = logs.result !== AuthorizeResult.DENY;
    return {
      mayReadState: state.result === AuthorizeResult.ALLOW,
      mayReadFleet: fleet.result === AuthorizeResult.ALLOW,
      mayReadSomeLogs: visible,
      judgeLogs: (entity, { environment, cluster }) => {
        const entityRef = stringifyEntityRef(entity);
        const allowed = this.#meetsConditions(logs, {
          entityRef,
          environment,
          cluster,
          entity,
        });
        const grant = { environment, cluster, visible };
        if (allowed) return { ...grant, allowed };
        return {
          ...grant,
          allowed,
          why: refusalOf('logs', entity, { environment, cluster }),
          liftedBy: getOwnerRefs(entity),
        };
      },
      mayReadSomeManifests: manifests.result !== AuthorizeResult.DENY,
      refuseManifests: (entity, place) =>
        this.#meetsConditions(manifests, {
          entityRef: stringifyEntityRef(entity),
          ...place,
          entity,
        })
          ? undefined
          : refusalOf('manifests', entity, place),
    };
  }
}

function refusalOf(
  what: string,
  entity: Entity,
  { environment, cluster }: LogsPlace,
): string {
  const owners = getOwnerRefs(entity);
  const owned =
    owners.length > 0 ? ` It is owned by ${owners.join(', ')}.` : '';
  return `You may not read ${what} of ${stringifyEntityRef(
    entity,
  )} in ${environment} on ${cluster}.${owned}`;
}
