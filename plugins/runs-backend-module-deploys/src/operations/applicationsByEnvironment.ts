import { Entity } from '@backstage/catalog-model';
import {
  ApplicationRow,
  applicationsOf,
  environmentOf,
  FleetReader,
  joinCluster,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { onceInARow } from '../onceInARow';

/** The Applications of an entity by environment, from memory. Cheaper than looking at all that runs there. */
export function applicationsByEnvironment(
  entity: Entity,
  fleet: FleetReader,
  config: SwitchyardConfig,
): ReadonlyMap<string, ApplicationRow[]> {
  return onceInARow({ question: 'Applications', entity, fleet }, () => {
    const clusters = fleet.clusters();
    const groups = new Map<string, ApplicationRow[]>();
    for (const application of applicationsOf(entity, fleet).applications) {
      const join = joinCluster(application, clusters, config);
      const { project, labels, destination } = application;
      const environment = environmentOf(
        {
          cluster: join.joined ? join.cluster : undefined,
          project,
          namespace: destination.namespace,
          labels,
        },
        config,
      );
      const group = groups.get(environment) ?? [];
      group.push(application);
      groups.set(environment, group);
    }
    return groups;
  });
}

/** The environments in which an entity has Applications, in the order of the config. */
export function environmentsWithApplications(
  entity: Entity,
  fleet: FleetReader,
  config: SwitchyardConfig,
): string[] {
  const found = new Set(
    applicationsByEnvironment(entity, fleet, config).keys(),
  );
  const known = config.environments
    .map(({ name }) => name)
    .filter(name => found.delete(name));
  return [...known, ...found];
}

/** Those of them in which one of the Applications is such a one. */
export function environmentsWithSome(
  isSuch: (application: ApplicationRow) => boolean,
  entity: Entity,
  fleet: FleetReader,
  config: SwitchyardConfig,
): string[] {
  const applications = applicationsByEnvironment(entity, fleet, config);
  return environmentsWithApplications(entity, fleet, config).filter(
    environment => applications.get(environment)?.some(isSuch),
  );
}
