import { Entity } from '@backstage/catalog-model';
import { ApplicationQuery, FirstRead } from '../types';
import { queriesOf, readApplicationClaim } from './applicationClaim';
import { indexableLabels } from './labelSelector';
import { EntityDeployments } from './types';
import { readWorkloadSelection } from './workloadSelection';

/** Keeps an entity of very many places from being read before everybody else's. */
const MOST_READS = 20;

/**
 * What to read first of all for an entity: what its annotations select, and the namespaces to which its Applications deploy.
 *
 * @param deployments - what `deploymentsOf` answered by what is known so far
 * @public
 */
export function firstReadsOf(
  entity: Entity,
  { deployments }: EntityDeployments,
): FirstRead[] {
  const reads = new Map<string, FirstRead>();
  const add = (read: FirstRead) => reads.set(JSON.stringify(read), read);
  const selection = readWorkloadSelection(entity);
  if (selection) {
    for (const labels of indexableLabels(selection.requirements)) {
      const { cluster, namespace } = selection.query;
      add({
        ...(cluster !== undefined && { cluster }),
        ...(namespace !== undefined && { namespace }),
        labels,
      });
    }
  }
  for (const { cluster, application } of deployments) {
    if (cluster === undefined || !application) continue;
    for (const { group, namespace } of application.resources) {
      if (['apps', 'batch'].includes(group) && namespace) {
        add({ cluster, namespace });
      }
    }
  }
  return [...reads.values()].slice(0, MOST_READS);
}

/**
 * The Applications to read first of all for an entity: those that its annotations name. One that names the entity itself can't be asked for.
 *
 * @public
 */
export function firstApplicationsOf(entity: Entity): ApplicationQuery[] {
  const claim = readApplicationClaim(entity);
  if (!claim) return [];
  const queries = queriesOf(claim);
  const { instances } = claim;
  return (
    instances
      ? instances.flatMap(instance =>
          queries.map(query => ({ ...query, instance })),
        )
      : queries
  ).slice(0, MOST_READS);
}
