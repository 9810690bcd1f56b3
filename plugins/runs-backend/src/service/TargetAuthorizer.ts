import {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
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
  breakGlassPermission,
  platformLockPermission,
  RESOURCE_TYPE_RUNS_TARGET,
  runApprovePermission,
  runReadPermission,
  runsTargetPermissions,
  TargetResource,
} from '@switchyard/backstage-plugin-runs-common';
import {
  getOwnerRefs,
  RunsTarget,
} from '@switchyard/backstage-plugin-runs-node';
import { Entity } from '@backstage/catalog-model';

/** A permission about a target. */
export type TargetPermission = ResourcePermission<
  typeof RESOURCE_TYPE_RUNS_TARGET
>;

/** What a person may do with one target. */
export interface Grant {
  allowed: boolean;
  /** False when the person could never do it, on whatever target. */
  visible: boolean;
  /** Why not. */
  why: string;
}

/** A person's decisions for the length of a request. */
export interface Decisions {
  mayRead: boolean;
  judge(permission: TargetPermission, target: RunsTarget): Grant;
  /** What was answered before a target was known. */
  decisionOf(permission: TargetPermission): PolicyDecision;
}

/**
 * Asks the permission framework once per request about everything at the same time, and applies conditions here, on the entity that has been
 * loaded anyway.
 */
export class TargetAuthorizer {
  static create(options: {
    permissions: PermissionsService;
    ruleset: PermissionRuleset<RunsTarget>;
  }): TargetAuthorizer {
    return new TargetAuthorizer(
      options.permissions,
      createConditionAuthorizer(options.ruleset),
    );
  }

  readonly #permissions: PermissionsService;
  readonly #meetsConditions: (
    decision: PolicyDecision,
    resource: RunsTarget | undefined,
  ) => boolean;

  private constructor(
    permissions: PermissionsService,
    meetsConditions: (
      decision: PolicyDecision,
      resource: RunsTarget | undefined,
    ) => boolean,
  ) {
    this.#permissions = permissions;
    this.#meetsConditions = meetsConditions;
  }

  async decide(credentials: BackstageCredentials): Promise<Decisions> {
    // The basic permission goes with the others; its answer is never conditional.
    const asked: QueryPermissionRequest[] = [
      runReadPermission,
      ...runsTargetPermissions,
    ].map(permission => ({
      permission: permission as TargetPermission,
    }));
    const [read, ...targets] = await this.#permissions.authorizeConditional(
      asked,
      { credentials },
    );
    const decisions = new Map(
      runsTargetPermissions.map((permission, index) => [
        permission.name,
        targets[index],
      ]),
    );
    return {
      mayRead: read.result === AuthorizeResult.ALLOW,
      decisionOf: permission => decisions.get(permission.name)!,
      judge: (permission, target) => {
        const decision = decisions.get(permission.name)!;
        return {
          allowed: this.#meetsConditions(decision, target),
          visible: decision.result !== AuthorizeResult.DENY,
          why: describeRefusal(permission, target),
        };
      },
    };
  }
}

/** Joins a target with its entity, for rules. */
export function toTarget(entity: Entity, target: TargetResource): RunsTarget {
  return { ...target, entity };
}

function describeRefusal(
  permission: TargetPermission,
  target: RunsTarget,
): string {
  if (permission.name === runApprovePermission.name)
    return `You may not approve ${target.action} of ${target.entityRef} in ${target.environment}.`;
  if (permission.name === breakGlassPermission.name)
    return `You may not break the glass for ${target.action} of ${target.entityRef} in ${target.environment}.`;
  if (permission.name === platformLockPermission.name)
    return `You may not set or release locks of all of ${
      target.environment === '*' ? 'the platform' : target.environment
    }.`;
  const what = {
    create: target.action === 'lock' ? 'lock' : target.action,
    update: `steer runs of ${target.action} on`,
    delete: 'release the locks of others on',
    read: 'see',
  }[permission.attributes.action ?? 'read'];
  const owners = getOwnerRefs(target.entity);
  const owned =
    owners.length > 0 ? ` It is owned by ${owners.join(', ')}.` : '';
  return `You may not ${what} ${target.entityRef} in ${target.environment}.${owned}`;
}
