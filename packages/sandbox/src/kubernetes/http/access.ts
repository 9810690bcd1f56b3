import { ClusterFaults } from '../ClusterFaults';
import { badRequest } from '../ApiError';
import { isObject, Json } from '../json';

/** Answers a SelfSubjectAccessReview: the token may do everything, except what a fault takes away. */
export function reviewAccess(review: unknown, faults: ClusterFaults): Json {
  if (!isObject(review) || !isObject(review.spec)) {
    throw badRequest('SelfSubjectAccessReview has no spec');
  }
  const attributes = review.spec.resourceAttributes ?? {};
  const kind = [attributes.resource, attributes.group]
    .filter(Boolean)
    .join('.');
  const isForbidden = faults.state().forbiddenKinds.includes(kind);
  return {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: review.spec,
    status: isForbidden
      ? { allowed: false }
      : {
          allowed: true,
          reason: 'RBAC: allowed by ClusterRoleBinding "switchyard-portal"',
        },
  };
}
