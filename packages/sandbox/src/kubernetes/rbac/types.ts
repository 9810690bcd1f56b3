/** Who a token stands for. */
export interface ClusterUser {
  /** `system:serviceaccount:switchyard:switchyard` */
  name: string;
  groups: readonly string[];
}

/** What a request wants to do, as rules are asked for it. */
export type Attributes = ResourceAttributes | PathAttributes;

export interface ResourceAttributes {
  verb: string;
  /** `` for the core group. */
  group: string;
  /** Plural. */
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

export interface PathAttributes {
  verb: string;
  path: string;
}

/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

const AUTHENTICATED = 'system:authenticated';

/** Whose word is law: no rule is asked for its members. */
export const MASTERS = 'system:masters';

export function userOf(name: string, ...groups: string[]): ClusterUser {
  return { name, groups: [...groups, AUTHENTICATED] };
}

export function serviceAccountUser(
  namespace: string,
  name: string,
): ClusterUser {
  return userOf(
    `system:serviceaccount:${namespace}:${name}`,
    'system:serviceaccounts',
    `system:serviceaccounts:${namespace}`,
  );
}
