import {
  deploysPermissions,
  logsReadPermission,
  stateReadPermission,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  lockCreatePermission,
  lockReleasePermission,
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
  Permission,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import { AccessConfig, AccessRow } from './accessConfig';

const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };

/** Words of the table that are no action kinds. */
const VERBS = ['see', 'logs', 'control', 'lock', 'release-lock', '*'];

/** Through it every verb on every cluster is possible: never granted by 'read'. */
const KUBERNETES_PROXY = 'kubernetes.proxy';

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
  const isOurs = [...runsPermissions, ...deploysPermissions].some(
    ours => ours.name === permission.name,
  );
  if (!isOurs) return decideOther(permission, access);

  const rows = access.rows.filter(row => isMember(row, ownershipRefs));
  if (
    isPermission(permission, runReadPermission) ||
    isPermission(permission, stateReadPermission)
  ) {
    return rows.some(row => allows(row, 'see')) ? ALLOW : DENY;
  }
  if (isPermission(permission, logsReadPermission))
    return rows.some(row => allows(row, 'logs')) ? ALLOW : DENY;

  const grants = rows
    .map(row => grantOf(permission, row, ownershipRefs))
    .filter(grant => grant !== undefined);
  if (grants.length === 0) return DENY;
  if (grants.some(grant => grant.length === 0)) return ALLOW;
  const [first, ...rest] = grants.map(([condition, ...conditions]) => ({
    allOf: [condition, ...conditions] as NonEmptyConditions,
  }));
  return createRunsTargetConditionalDecision(
    permission as typeof runCreatePermission,
    { anyOf: [first, ...rest] },
  );
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

function isMember(row: AccessRow, ownershipRefs: string[]): boolean {
  return (
    !row.members || row.members.some(member => ownershipRefs.includes(member))
  );
}

function allows(row: AccessRow, verb: string): boolean {
  return row.allow.includes(verb) || row.allow.includes('*');
}

type TargetCondition = ReturnType<
  (typeof runsTargetConditions)[keyof typeof runsTargetConditions]
>;

type NonEmptyConditions = [TargetCondition, ...TargetCondition[]];

/** The conditions under which the row grants the permission: undefined for never, none for always. */
function grantOf(
  permission: Permission,
  row: AccessRow,
  ownershipRefs: string[],
): TargetCondition[] | undefined {
  const conditions: TargetCondition[] = [];
  if (isPermission(permission, runCreatePermission)) {
    const actions = row.allow.filter(word => !VERBS.includes(word));
    if (!row.allow.includes('*')) {
      if (actions.length === 0) return undefined;
      conditions.push(runsTargetConditions.isAction({ actions }));
    }
  } else if (!allows(row, verbOf(permission))) {
    return undefined;
  }
  if (row.environments)
    conditions.push(
      runsTargetConditions.isInEnvironment({ environments: row.environments }),
    );
  if (row.owns)
    conditions.push(
      runsTargetConditions.isEntityOwner({ ownerRefs: ownershipRefs }),
    );
  return conditions;
}

function verbOf(permission: Permission): string {
  if (isPermission(permission, runControlPermission)) return 'control';
  if (isPermission(permission, lockCreatePermission)) return 'lock';
  if (isPermission(permission, lockReleasePermission)) return 'release-lock';
  throw new Error(`The table has no word for ${permission.name}`);
}
