import { Entity } from '@backstage/catalog-model';
import { ANNOTATIONS, AnnotationReader, quote } from './annotations';
import { ApplicationQuery } from '../types';
import { indexableLabels, LabelRequirement } from './labelSelector';

/**
 * The Applications that an entity's annotations name.
 *
 * @internal
 */
export interface ApplicationClaim {
  /** The annotation that counts. */
  key: string;
  /** For sentences: 'Application "orders-blue"'. */
  shown: string;
  name?: string;
  selector?: LabelRequirement[];
  namespace?: string;
  project?: string;
  instances?: string[];
}

/**
 * Reads the claim. Undefined where there is none, or where a part of it is malformed.
 *
 * @internal
 */
export function readApplicationClaim(
  entity: Entity,
  annotations = new AnnotationReader(entity),
): ApplicationClaim | undefined {
  const name = annotations.appName();
  const selector = annotations.appSelector();
  const project = annotations.projectName();
  const namespace = annotations.appNamespace();
  const instances = annotations.instanceNames();
  if (
    annotations.has(ANNOTATIONS.appName) &&
    annotations.has(ANNOTATIONS.appSelector)
  ) {
    annotations.add(
      ANNOTATIONS.appSelector,
      `${ANNOTATIONS.appName} is there too and comes first; remove one of them`,
    );
  }
  // A malformed annotation must not widen what the others name: the project alone would take in everything of it.
  const named =
    annotations.has(ANNOTATIONS.appName) ||
    annotations.has(ANNOTATIONS.appSelector);
  const broken =
    (named && name === undefined && selector === undefined) ||
    (annotations.has(ANNOTATIONS.appNamespace) && namespace === undefined) ||
    (annotations.has(ANNOTATIONS.projectName) && project === undefined) ||
    (annotations.has(ANNOTATIONS.instanceName) && instances === undefined) ||
    (annotations.has(ANNOTATIONS.appName) && name === undefined);
  if (broken) return undefined;
  const narrowed = { namespace, project, instances };
  if (name !== undefined) {
    return {
      key: ANNOTATIONS.appName,
      shown: `Application ${quote(name)}`,
      name,
      ...narrowed,
    };
  }
  if (selector) {
    return {
      key: ANNOTATIONS.appSelector,
      shown: 'Application with these labels',
      selector,
      ...narrowed,
    };
  }
  if (project === undefined) return undefined;
  return {
    key: ANNOTATIONS.projectName,
    shown: `Application of project ${quote(project)}`,
    ...narrowed,
  };
}

/**
 * What to ask for so that everything a claim may mean is answered, of any instance; none where only a walk over everything could tell.
 * A selector may fit fewer than what is answered.
 *
 * @internal
 */
export function queriesOf(claim: ApplicationClaim): ApplicationQuery[] {
  const query: ApplicationQuery = {
    ...(claim.name !== undefined && { name: claim.name }),
    ...(claim.namespace !== undefined && { namespace: claim.namespace }),
    ...(claim.project !== undefined && { project: claim.project }),
  };
  return claim.selector
    ? indexableLabels(claim.selector).map(labels => ({ ...query, labels }))
    : [query];
}
