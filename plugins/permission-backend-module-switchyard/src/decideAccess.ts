import {
  commandRunPermission,
  deploysPermissions,
  fleetReadPermission,
  logsReadPermission,
  manifestsReadPermission,
  RESOURCE_TYPE_DEPLOYS_DEPLOYMENT,
  stateReadPermission,
  terminalUsePermission,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  createDeploysDeploymentConditionalDecision,
  deploysDeploymentConditions,
} from '@switchyard/backstage-plugin-deploys-node';
import {
  breakGlassPermission,
  lockCreatePermission,
  lockReleasePermission,
  platformLockPermission,
  RESOURCE_TYPE_RUNS_TARGET,
  runApprovePermission,
  runControlPermission,
  runCreatePermission,
  runReadPermission,
  runsPermissions,
} from '@switchyard/backstage-plugin-runs-common';
import {
  createRunsTargetConditionalDecision,
  runsTargetConditions,
} from '@switchyard/backstage-plugin-runs-node';
import {
  AuthorizeResult,
  isPermission,
  isResourcePermission,
  Permission,
  PermissionCondition,
  PermissionCriteria,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import { AccessConfig, AccessRow } from './accessConfig';

const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };

/** Words of the table that are no action kinds. */
const VERBS = [
  'see',
  'see-all',
  'logs',
  'manifests',
  'terminal',
  'command',
  'control',
  'approve',
  'lock',
  'release-lock',
  'lock-platform',
  'templates',
  'break-glass',
  '*',
];

/** What it takes to start a template, and to have what it makes in the catalog. Of the scaffolder and the catalog, by name. */
const OF_TEMPLATES = [
  'scaffolder.template.parameter.read',
  'scaffolder.template.step.read',
  'scaffolder.task.create',
  'scaffolder.task.read',
  'scaffolder.task.cancel',
  'scaffolder.action.execute',
  'catalog.entity.create',
  'catalog.location.create',
];

/** Through it every verb on every cluster is possible: never granted by 'read'. */
const KUBERNETES_PROXY = 'kubernetes.proxy';

/**
 * Whether a permission is one of Switchyard's. What is not is for the rest of a policy to answer.
 *
 * @public
 */
export function isSwitchyardPermission(permission: Permission): boolean {
  return [...runsPermissions, ...deploysPermissions].some(
    ours => ours.name === permission.name,
  );
}

/**
 * What the table says to one permission for a person. A resource permission may be answered with conditions.
 *
 * @public
 */
export function decideAccess(options: {
  permission: Permission;
  /** The person's own ref and those of the person's groups. */
  ownershipRefs: string[];
  access: AccessConfig;
}): PolicyDecision {
  const { permission, ownershipRefs, access } = options;
  const rows = access.rows.filter(row => isMember(row, ownershipRefs));
  if (!isSwitchyardPermission(permission)) {
    return OF_TEMPLATES.includes(permission.name) && allowsTemplates(rows)
      ? ALLOW
      : decideOther(permission, access);
  }
  if (
    isPermission(permission, runReadPermission) ||
    isPermission(permission, stateReadPermission)
  ) {
    return rows.some(row => allows(row, 'see')) ? ALLOW : DENY;
  }
  if (isPermission(permission, fleetReadPermission)) {
    // It is about everything at once: a row that is about some of it cannot give it.
    return rows.some(
      row => allows(row, 'see-all') && !row.owns && !row.environments,
    )
      ? ALLOW
      : DENY;
  }
  if (isResourcePermission(permission, RESOURCE_TYPE_DEPLOYS_DEPLOYMENT)) {
    return decideByGrants(
      rows
        .filter(row => allows(row, verbOf(permission)))
        .map(row =>
          placeConditions(row, ownershipRefs, deploysDeploymentConditions),
        ),
      criteria =>
        createDeploysDeploymentConditionalDecision(permission, criteria),
    );
  }
  if (isResourcePermission(permission, RESOURCE_TYPE_RUNS_TARGET)) {
    return decideByGrants(
      rows
        .filter(row => allowsOnTarget(row, permission))
        .map(row => [
          ...actionConditions(row, permission),
          ...placeConditions(row, ownershipRefs, runsTargetConditions),
        ]),
      criteria => createRunsTargetConditionalDecision(permission, criteria),
    );
  }
  throw noWordFor(permission);
}

function decideOther(
  permission: Permission,
  access: AccessConfig,
): PolicyDecision {
  if (access.others === 'all') return ALLOW;
  if (access.others === 'none' || permission.name === KUBERNETES_PROXY)
    return DENY;
  return permission.attributes.action === 'read' ? ALLOW : DENY;
}

/** What a template makes has no owner and no environment yet: a row that is about some of them cannot give it, nor can '*', which is about Switchyard. */
function allowsTemplates(rows: readonly AccessRow[]): boolean {
  return rows.some(
    row => row.allow.includes('templates') && !row.owns && !row.environments,
  );
}

function isMember(row: AccessRow, ownershipRefs: string[]): boolean {
  return (
    !row.members || row.members.some(member => ownershipRefs.includes(member))
  );
}

/** To break the glass is given by its own word only: nobody should come by it with everything else. */
function allows(row: AccessRow, verb: string): boolean {
  return (
    row.allow.includes(verb) ||
    (row.allow.includes('*') && verb !== 'break-glass')
  );
}

/** Any of the rows is enough; a row without conditions grants always. */
function decideByGrants<TType extends string>(
  grants: PermissionCondition<TType>[][],
  toDecision: (
    criteria: PermissionCriteria<PermissionCondition<TType>>,
  ) => PolicyDecision,
): PolicyDecision {
  if (grants.length === 0) return DENY;
  if (grants.some(conditions => conditions.length === 0)) return ALLOW;
  const [first, ...rest] = grants.map(([condition, ...conditions]) => ({
    allOf: [condition, ...conditions] as NonEmpty<PermissionCondition<TType>>,
  }));
  return toDecision({ anyOf: [first, ...rest] });
}

type NonEmpty<T> = [T, ...T[]];

/** Whether the row says anything of a permission about a target. */
function allowsOnTarget(row: AccessRow, permission: Permission): boolean {
  return isPermission(permission, runCreatePermission)
    ? row.allow.includes('*') || actionsOf(row).length > 0
    : allows(row, verbOf(permission));
}

/** By which actions, where that is what the permission is about. */
function actionConditions(row: AccessRow, permission: Permission) {
  if (!isPermission(permission, runCreatePermission)) return [];
  if (row.allow.includes('*')) return [];
  return [runsTargetConditions.isAction({ actions: actionsOf(row) })];
}

function actionsOf(row: AccessRow): string[] {
  return row.allow.filter(word => !VERBS.includes(word));
}

/** Where the row grants, in the words of a resource type. */
function placeConditions<TType extends string>(
  row: AccessRow,
  ownershipRefs: string[],
  conditions: {
    isInEnvironment(params: {
      environments: string[];
    }): PermissionCondition<TType>;
    isEntityOwner(params: { ownerRefs: string[] }): PermissionCondition<TType>;
  },
): PermissionCondition<TType>[] {
  const where: PermissionCondition<TType>[] = [];
  if (row.environments)
    where.push(conditions.isInEnvironment({ environments: row.environments }));
  if (row.owns)
    where.push(conditions.isEntityOwner({ ownerRefs: ownershipRefs }));
  return where;
}

function verbOf(permission: Permission): string {
  if (isPermission(permission, logsReadPermission)) return 'logs';
  if (isPermission(permission, manifestsReadPermission)) return 'manifests';
  if (isPermission(permission, terminalUsePermission)) return 'terminal';
  if (isPermission(permission, commandRunPermission)) return 'command';
  if (isPermission(permission, runControlPermission)) return 'control';
  if (isPermission(permission, runApprovePermission)) return 'approve';
  if (isPermission(permission, lockCreatePermission)) return 'lock';
  if (isPermission(permission, lockReleasePermission)) return 'release-lock';
  if (isPermission(permission, platformLockPermission)) return 'lock-platform';
  if (isPermission(permission, breakGlassPermission)) return 'break-glass';
  throw noWordFor(permission);
}

function noWordFor(permission: Permission): Error {
  return new Error(`The table has no word for ${permission.name}`);
}
