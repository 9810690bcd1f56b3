import { Json } from '../json';
import { Storage } from '../store/Storage';
import { KubernetesObject } from '../types';
import { allows } from './rules';
import { Attributes, ClusterUser, MASTERS, PolicyRule } from './types';

const GROUP = 'rbac.authorization.k8s.io';
const EVERYTHING: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** What a binding gives somebody. */
interface Grant {
  rules: PolicyRule[];
  /** `ClusterRoleBinding "a" of ClusterRole "b" to User "c"` */
  about: string;
}

/** Asks the Roles and bindings that lie in a cluster. */
export class Authorizer {
  readonly #storage: Storage;

  static create(options: { storage: Storage }): Authorizer {
    return new Authorizer(options.storage);
  }

  private constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Whether somebody may do it, and why. */
  decide(
    user: ClusterUser,
    wanted: Attributes,
  ): { allowed: boolean; reason?: string } {
    if (user.groups.includes(MASTERS)) {
      return { allowed: true };
    }
    const namespace = 'path' in wanted ? undefined : wanted.namespace;
    const grant = this.#grants(user, namespace).find(({ rules }) =>
      rules.some(rule => allows(rule, wanted)),
    );
    return grant
      ? { allowed: true, reason: `RBAC: allowed by ${grant.about}` }
      : { allowed: false };
  }

  /** All that somebody may do in a namespace. */
  rules(user: ClusterUser, namespace: string): PolicyRule[] {
    return user.groups.includes(MASTERS)
      ? EVERYTHING
      : this.#grants(user, namespace).flatMap(({ rules }) => rules);
  }

  #grants(user: ClusterUser, namespace: string | undefined): Grant[] {
    const bindings = [
      ...this.#storage.list({ group: GROUP, kind: 'ClusterRoleBinding' }),
      ...(namespace
        ? this.#storage
            .list({ group: GROUP, kind: 'RoleBinding' })
            .filter(binding => binding.metadata.namespace === namespace)
        : []),
    ];
    return bindings.flatMap(binding => {
      const subject = ((binding.subjects ?? []) as Json[]).find(each =>
        isMeant(each, user, binding.metadata.namespace),
      );
      const rules = subject && this.#rulesOf(binding);
      return rules ? [{ rules, about: describe(binding, subject) }] : [];
    });
  }

  #rulesOf({ metadata, roleRef }: KubernetesObject): PolicyRule[] | undefined {
    const { kind, name } = roleRef;
    const namespace = kind === 'Role' ? metadata.namespace : undefined;
    return this.#storage.get({ group: GROUP, kind }, namespace, name)?.rules;
  }
}

function isMeant(
  { kind, name, namespace }: Json,
  user: ClusterUser,
  home: string | undefined,
): boolean {
  switch (kind) {
    case 'User':
      return name === user.name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount':
      return user.name === `system:serviceaccount:${namespace ?? home}:${name}`;
    default:
      return false;
  }
}

function describe(binding: KubernetesObject, subject: Json): string {
  const { name, namespace } = binding.metadata;
  const who =
    subject.kind === 'ServiceAccount'
      ? `${subject.name}/${subject.namespace ?? namespace}`
      : subject.name;
  const { kind, name: role } = binding.roleRef;
  return `${binding.kind} "${name}${
    namespace ? `/${namespace}` : ''
  }" of ${kind} "${role}" to ${subject.kind} "${who}"`;
}
