import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { KubernetesObject } from '../kubernetes';
import {
  ClusterUser,
  serviceAccountUser,
  userOf,
} from '../kubernetes/rbac/types';

/** Who has a token of each cluster, besides the administrator. */
export const CLUSTER_USERS = {
  /** The portal. It may do what docs/install tells people to give it. */
  portal: serviceAccountUser('switchyard', 'switchyard'),
  /** Reads what is not secret, and starts no process. */
  viewer: userOf('viewer'),
  /** Changes what is in the namespace storefront, and starts processes there. */
  developer: userOf('developer'),
} satisfies Record<string, ClusterUser>;

/** @public */
export type ClusterUserName = 'admin' | keyof typeof CLUSTER_USERS;

/**
 * What lies in a cluster so that they may do it.
 *
 * @param portalRights - the files that people who install the portal apply
 */
export function clusterRights(
  portalRights: readonly string[],
): KubernetesObject[] {
  return [
    ...portalRights.flatMap(file =>
      parseAllDocuments(readFileSync(file, 'utf8')).map(
        document => document.toJS() as KubernetesObject,
      ),
    ),
    // What the file leaves to those who want it.
    binding({
      name: 'switchyard-terminal',
      role: 'switchyard-terminal',
      subject: {
        kind: 'ServiceAccount',
        name: 'switchyard',
        namespace: 'switchyard',
      },
    }),
    binding({
      name: 'viewers',
      role: 'view',
      subject: { kind: 'User', name: CLUSTER_USERS.viewer.name },
    }),
    binding({
      name: 'developers',
      namespace: 'storefront',
      role: 'edit',
      subject: { kind: 'User', name: CLUSTER_USERS.developer.name },
    }),
  ];
}

function binding(options: {
  name: string;
  /** For the whole cluster when absent. */
  namespace?: string;
  role: string;
  subject: { kind: string; name: string; namespace?: string };
}): KubernetesObject {
  const { name, namespace, role, subject } = options;
  const apiGroup = 'rbac.authorization.k8s.io';
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: namespace ? 'RoleBinding' : 'ClusterRoleBinding',
    metadata: { name, ...(namespace ? { namespace } : {}) },
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
    subjects: [subject.kind === 'User' ? { apiGroup, ...subject } : subject],
  };
}
