import { Entity } from '@backstage/catalog-model';
import { ObjectQuery } from '../types';
import { ANNOTATIONS, AnnotationReader } from './annotations';
import { LabelRequirement } from './labelSelector';

/** More pods by label than any page could show. @internal */
export const MAX_LABELLED_PODS = 2000;

/**
 * Which objects of clusters an entity's annotations select.
 *
 * @internal
 */
export interface WorkloadSelection {
  /** The annotation that counts. */
  key: string;
  requirements: LabelRequirement[];
  query: ObjectQuery;
  /** Nothing was asked for by annotation: the entity's name is only a try. */
  isFallback: boolean;
}

/**
 * Reads the selection; by the label `backstage.io/kubernetes-id` with the entity's name where no annotation says otherwise. Undefined where
 * an annotation is malformed.
 *
 * @internal
 */
export function readWorkloadSelection(
  entity: Entity,
  annotations = new AnnotationReader(entity),
): WorkloadSelection | undefined {
  const id = annotations.kubernetesId();
  const selector = annotations.kubernetesLabelSelector();
  const namespace = annotations.kubernetesNamespace();
  const cluster = annotations.kubernetesCluster();
  // A malformed annotation must not widen what the others name.
  if (
    (annotations.has(ANNOTATIONS.kubernetesNamespace) &&
      namespace === undefined) ||
    (annotations.has(ANNOTATIONS.kubernetesCluster) && cluster === undefined) ||
    (annotations.has(ANNOTATIONS.kubernetesLabelSelector) && !selector) ||
    (!selector && annotations.has(ANNOTATIONS.kubernetesId) && id === undefined)
  ) {
    return undefined;
  }
  const query = {
    ...(namespace !== undefined && { namespace }),
    ...(cluster !== undefined && { cluster }),
  };
  if (selector) {
    return {
      key: ANNOTATIONS.kubernetesLabelSelector,
      requirements: selector,
      query,
      isFallback: false,
    };
  }
  return {
    key: ANNOTATIONS.kubernetesId,
    requirements: [
      {
        operator: 'in',
        key: ANNOTATIONS.kubernetesId,
        values: [id ?? entity.metadata.name],
      },
    ],
    query,
    isFallback: id === undefined,
  };
}
