import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { ApplicationRow } from '../rows';
import { FleetReader } from '../types';
import { ANNOTATIONS, AnnotationReader, quote } from './annotations';
import {
  ApplicationClaim,
  queriesOf,
  readApplicationClaim,
} from './applicationClaim';
import { matchesLabelSelector } from './labelSelector';
import { MappingProblem } from './types';

/** @public */
export interface EntityApplications {
  /** By instance in the order of `argocd/instance-name`, then by name and namespace. */
  applications: ApplicationRow[];
  problems: MappingProblem[];
}

/** More than any page could show; keeps one annotation from filling the memory of the portal. */
const MAX_APPLICATIONS = 200;

/**
 * The Applications of an entity: those that its `argocd/*` annotations name, and those that name the entity themselves. What an annotation
 * names is a claim of the entity; ask `consentOf` before anything is done.
 *
 * @public
 */
export function applicationsOf(
  entity: Entity,
  fleet: FleetReader,
): EntityApplications {
  const annotations = new AnnotationReader(entity);
  const claim = readApplicationClaim(entity, annotations);
  const found = new Map<string, ApplicationRow>();
  for (const row of fleet.applications({
    entityRef: stringifyEntityRef(entity),
  })) {
    found.set(keyOf(row), row);
  }
  if (claim) {
    const claimed = findClaimed(claim, fleet);
    for (const row of claimed) found.set(keyOf(row), row);
    if (claimed.length === 0) explainNothing(claim, annotations, fleet);
  }
  explainUnknownInstances(claim, annotations, fleet);

  const order = claim?.instances ?? [];
  const rows = [...found.values()].sort(
    (a, b) =>
      placeOf(order, a.instance) - placeOf(order, b.instance) ||
      compare(a.instance, b.instance) ||
      compare(a.name, b.name) ||
      compare(a.namespace, b.namespace),
  );
  if (rows.length > MAX_APPLICATIONS) {
    annotations.add(
      claim?.key ?? ANNOTATIONS.appSelector,
      `It fits ${rows.length} Applications; the first ${MAX_APPLICATIONS} are shown. Narrow it`,
    );
  }
  return {
    applications: rows.slice(0, MAX_APPLICATIONS),
    problems: annotations.problems,
  };
}

function findClaimed(
  claim: ApplicationClaim,
  fleet: FleetReader,
): ApplicationRow[] {
  const { selector, instances } = claim;
  return queriesOf(claim)
    .flatMap(query => fleet.applications(query))
    .filter(
      row =>
        (!selector || matchesLabelSelector(selector, row.labels)) &&
        (!instances || instances.includes(row.instance)),
    );
}

function explainNothing(
  claim: ApplicationClaim,
  annotations: AnnotationReader,
  fleet: FleetReader,
): void {
  const asked = fleet
    .argoInstances()
    .filter(({ name }) => claim.instances?.includes(name) ?? true);
  if (asked.length === 0) {
    if (claim.instances) return; // explained by the instance's name
    annotations.add(
      claim.key,
      'No Argo CD instance is configured under argocd.appLocatorMethods',
    );
    return;
  }
  // What cannot be seen now is not missing; the state of the instance says so.
  if (asked.some(({ state }) => state !== 'live')) return;
  const narrowed = [
    claim.namespace !== undefined && `namespace ${quote(claim.namespace)}`,
    claim.key !== ANNOTATIONS.projectName &&
      claim.project !== undefined &&
      `project ${quote(claim.project)}`,
  ].filter(Boolean);
  annotations.add(
    claim.key,
    `Argo CD has no ${claim.shown}${
      narrowed.length > 0 ? ` in ${narrowed.join(' and ')}` : ''
    }, or the portal's account may not see it (Argo CD answers the same to both)`,
  );
}

function explainUnknownInstances(
  claim: ApplicationClaim | undefined,
  annotations: AnnotationReader,
  fleet: FleetReader,
): void {
  const known = fleet.argoInstances().map(({ name }) => name);
  for (const name of claim?.instances ?? []) {
    if (known.includes(name)) continue;
    annotations.add(
      ANNOTATIONS.instanceName,
      `No Argo CD instance ${quote(
        name,
      )} is configured under argocd.appLocatorMethods`,
      known[0],
    );
  }
}

function placeOf(order: readonly string[], instance: string): number {
  const index = order.indexOf(instance);
  return index < 0 ? order.length : index;
}

function keyOf(row: ApplicationRow): string {
  return `${row.instance}/${row.namespace}/${row.name}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
