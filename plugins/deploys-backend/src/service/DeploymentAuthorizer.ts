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
  commandRunPermission,
  fleetReadPermission,
  LogsGrant,
  logsReadPermission,
  manifestsReadPermission,
  stateReadPermission,
  terminalUsePermission,
} from '@switchyard/backstage-plugin-deploys-common';
import { DeploysDeployment } from '@switchyard/backstage-plugin-deploys-node';
import { getOwnerRefs } from '@switchyard/backstage-plugin-runs-node';
import { LogsPlace } from './types';

/** What a person may do in some places. */
export interface PlaceDecision {
  /** False when the person could do it nowhere. */
  somewhere: boolean;
  judge(entity: Entity, place: LogsPlace): LogsGrant;
}

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
  terminal: PlaceDecision;
  command: PlaceDecision;
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
      terminalUsePermission,
      commandRunPermission,
    ].map(permission => ({ permission: permission as ResourcePermission }));
    const [state, fleet, logs, manifests, terminal, command] =
      await this.#permissions.authorizeConditional(asked, { credentials });
    const ofLogs = this.#inPlaces(logs, 'read logs');
    return {
      mayReadState: state.result === AuthorizeResult.ALLOW,
      mayReadFleet: fleet.result === AuthorizeResult.ALLOW,
      mayReadSomeLogs: ofLogs.somewhere,
      judgeLogs: ofLogs.judge,
      terminal: this.#inPlaces(terminal, 'open terminals'),
      command: this.#inPlaces(command, 'run commands'),
      mayReadSomeManifests: manifests.result !== AuthorizeResult.DENY,
      refuseManifests: (entity, place) =>
        this.#meetsConditions(manifests, {
          entityRef: stringifyEntityRef(entity),
          ...place,
          entity,
        })
          ? undefined
          : refusalOf('read manifests', entity, place),
    };
  }

  #inPlaces(decision: PolicyDecision, what: string): PlaceDecision {
    const visible = decision.result !== AuthorizeResult.DENY;
    return {
      somewhere: visible,
      judge: (entity, { environment, cluster }) => {
        const allowed = this.#meetsConditions(decision, {
          entityRef: stringifyEntityRef(entity),
          environment,
          cluster,
          entity,
        });
        const grant = { environment, cluster, visible };
        if (allowed) return { ...grant, allowed };
        return {
          ...grant,
          allowed,
          why: refusalOf(what, entity, { environment, cluster }),
          ask: getOwnerRefs(entity),
        };
      },
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
  return `You may not ${what} of ${stringifyEntityRef(
    entity,
  )} in ${environment} on ${cluster}.${owned}`;
}
