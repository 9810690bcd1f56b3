import { Config } from '@backstage/config';

/**
 * What the policy says to permissions that are not Switchyard's: `read` allows those whose action is read (but never the Kubernetes proxy).
 *
 * @public
 */
export type OtherPermissions = 'read' | 'all' | 'none';

/**
 * One row of the table: these people may do these things in these environments.
 *
 * @public
 */
export interface AccessRow {
  /** For people who read the config. */
  name?: string;
  /** User and group entity refs; undefined means everyone who is signed in. */
  members?: string[];
  /** `see`, `see-all`, `logs`, `manifests`, `terminal`, `command` (of the allow-list), `control`, `approve`, `lock`, `release-lock`, `lock-platform` (everything, an environment, a cluster), `break-glass` (not part of `*`), `templates` (start templates and register what they make; only in a row without `environments` and `owns`), an action kind such as `hotfix`, or `*`. */
  allow: string[];
  /** Undefined means all. Says nothing about `see`, as `owns`. */
  environments?: string[];
  /** Only for components that the person, or one of the person's groups, owns. */
  owns: boolean;
}

/** @public */
export interface AccessConfig {
  rows: AccessRow[];
  others: OtherPermissions;
}

const OTHERS: readonly OtherPermissions[] = ['read', 'all', 'none'];
const ENTITY_REF = /^(user|group):[\w.-]+\/[\w.-]+$/i;

/**
 * Reads `switchyard.access` and `switchyard.otherPermissions`.
 *
 * @throws Error that names the key and what would be right
 * @public
 */
export function readAccessConfig(config: Config): AccessConfig {
  const rows = (config.getOptionalConfigArray('switchyard.access') ?? []).map(
    (row, index) => {
      const key = `switchyard.access[${index}]`;
      const members = row
        .getOptionalStringArray('members')
        ?.map(ref => ref.toLocaleLowerCase('en-US'));
      const wrong = members?.find(ref => !ENTITY_REF.test(ref));
      if (wrong !== undefined)
        throw new Error(
          `${key}.members: '${wrong}' is no user or group ref such as group:default/storefront`,
        );
      const allow = row.getStringArray('allow');
      if (allow.length === 0)
        throw new Error(
          `${key}.allow is empty; give what is allowed, for example [see, hotfix]`,
        );
      return {
        name: row.getOptionalString('name'),
        members,
        allow,
        environments: row.getOptionalStringArray('environments'),
        owns: row.getOptionalBoolean('owns') ?? false,
      };
    },
  );
  const others = (config.getOptionalString('switchyard.otherPermissions') ??
    'read') as OtherPermissions;
  if (!OTHERS.includes(others))
    throw new Error(
      `switchyard.otherPermissions: '${others}' is none of ${OTHERS.join(
        ', ',
      )}`,
    );
  return { rows, others };
}
