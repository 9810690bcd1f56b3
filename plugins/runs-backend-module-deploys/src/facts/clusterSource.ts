import {
  Fact,
  FactReading,
  FactRequest,
  FactSource,
} from '@switchyard/backstage-plugin-runs-node';
import {
  deploymentsOf,
  FleetReader,
  joinCluster,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { findApplications } from './consentSource';

/**
 * Which clusters an action on the target touches, from memory: those that run it, and those that its Applications and the plan's deploy to. A lock
 * on one of them binds. What cannot be joined to a cluster of the fleet is named as Argo CD names it.
 */
export function createClusterSource(options: {
  fleet: FleetReader;
  config: SwitchyardConfig;
  actions: readonly string[];
}): FactSource {
  const { fleet, config, actions } = options;
  return {
    id: 'clusters',
    actions,
    async read(request: FactRequest): Promise<FactReading> {
      const clusters = fleet.clusters();
      const names = new Set<string>();
      for (const deployment of deploymentsOf(request.entity, fleet, config)
        .deployments) {
        if (
          deployment.environment === request.environment &&
          deployment.cluster
        )
          names.add(deployment.cluster);
      }
      const { applications } = findApplications(request, fleet, config);
      for (const application of applications) {
        const join = joinCluster(application, clusters, config);
        const name = join.joined
          ? join.cluster
          : application.destination.name ?? application.destination.server;
        if (name) names.add(name);
      }
      return {
        state: 'read',
        asOf: new Date().toISOString(),
        facts: [...names].map((name): Fact => ({ type: 'cluster', name })),
      };
    },
  };
}
