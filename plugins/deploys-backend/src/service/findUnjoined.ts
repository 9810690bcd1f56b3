import { UnjoinedDestination } from '@switchyard/backstage-plugin-deploys-common';
import {
  FleetReader,
  joinCluster,
  SwitchyardConfig,
} from '@switchyard/fleet-node';

const MAX_EXAMPLES = 5;

/** The destinations of Argo CD that are no cluster of the fleet, those with most Applications first. */
export function findUnjoined(
  fleet: Pick<FleetReader, 'applications' | 'clusters'>,
  config: Pick<SwitchyardConfig, 'clusterAliases'>,
): UnjoinedDestination[] {
  const clusters = fleet.clusters();
  // Thousands of Applications go to dozens of destinations.
  const seen = new Map<string, UnjoinedDestination | undefined>();
  for (const { instance, name, destination } of fleet.applications({})) {
    const key = JSON.stringify([
      instance,
      destination.server,
      destination.name,
    ]);
    if (!seen.has(key)) {
      const join = joinCluster({ instance, destination }, clusters, config);
      seen.set(
        key,
        join.joined
          ? undefined
          : {
              instance,
              destination: join.destination,
              why: join.why,
              examples: [],
              applications: 0,
            },
      );
    }
    const unjoined = seen.get(key);
    if (!unjoined) continue;
    unjoined.applications += 1;
    if (unjoined.examples.length < MAX_EXAMPLES) unjoined.examples.push(name);
  }
  return [...seen.values()]
    .filter(each => each !== undefined)
    .sort(
      (a, b) =>
        b.applications - a.applications ||
        a.destination.localeCompare(b.destination),
    );
}
