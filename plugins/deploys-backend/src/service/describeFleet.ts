import { FleetState } from '@switchyard/backstage-plugin-deploys-common';
import { FleetReader } from '@switchyard/fleet-node';
import { clusterState } from '../state/sources';

/** How well clusters and Argo CD instances can be seen. Addresses of API servers stay inside. */
export function describeFleet(
  fleet: Pick<FleetReader, 'clusters' | 'argoInstances'>,
): FleetState {
  return {
    clusters: fleet.clusters().map(cluster => ({
      name: cluster.name,
      ...(cluster.title && { title: cluster.title }),
      state: clusterState(cluster),
      since: cluster.since,
      ...(cluster.asOf && { asOf: cluster.asOf }),
      ...(cluster.problem && { problem: cluster.problem }),
      kinds: cluster.kinds.map(({ kind, state }) => ({ kind, state })),
    })),
    argoInstances: fleet.argoInstances().map(instance => ({
      name: instance.name,
      ...(instance.url && { url: instance.url }),
      state: instance.state,
      since: instance.since,
      ...(instance.asOf && { asOf: instance.asOf }),
      ...(instance.problem && { problem: instance.problem }),
      applications: instance.applications,
    })),
  };
}
