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
import { plannedWorkloads } from './workloadConsentSource';
import {
  findApplications,
  findNewClusters,
  findPlannedApplications,
} from './consentSource';

/**
 * Which clusters an action on the target touches, from memory. A lock on one of them binds. Without a plan: those that run it, and those that its Applications
 * deploy to. With one only what the plan names: what is restarted in one cluster is not stopped by a lock on another. What cannot be joined to a cluster of the
 * fleet is named as Argo CD names it.
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
      const planned = findPlannedApplications(request, fleet);
      const workloads = plannedWorkloads(request.plan);
      const created = findNewClusters(request, fleet);
      // A plan that does not say what it touches may touch everything.
      const isNamed =
        planned.length > 0 || workloads.length > 0 || created.length > 0;
      const names = new Set(
        isNamed
          ? [...workloads.map(({ cluster }) => cluster), ...created]
          : findRunning(request, fleet, config),
      );
      const applications = isNamed
        ? planned
        : findApplications(request, fleet, config).applications;
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

function findRunning(
  { entity, environment }: FactRequest,
  fleet: FleetReader,
  config: SwitchyardConfig,
): string[] {
  return deploymentsOf(entity, fleet, config).deployments.flatMap(deployment =>
    deployment.environment === environment ? deployment.cluster ?? [] : [],
  );
}
