import { FleetState } from '@switchyard/backstage-plugin-deploys-common';
import {
  ArgoInstanceStatus,
  ClusterStatus,
  FleetReader,
} from '@switchyard/fleet-node';
import { clusterState } from '../state/sources';

/**
 * How well clusters and Argo CD instances can be seen. Addresses of API servers stay inside; how many Applications there are is told to those who
 * may see them all.
 */
export function describeFleet(
  fleet: Pick<FleetReader, 'clusters' | 'argoInstances'>,
  options: { whole: boolean },
): FleetState {
  return {
    clusters: fleet.clusters().map(cluster => {
      const fix = clusterFix(cluster);
      return {
        name: cluster.name,
        ...(cluster.title && { title: cluster.title }),
        state: clusterState(cluster),
        since: cluster.since,
        ...(cluster.asOf && { asOf: cluster.asOf }),
        ...(cluster.problem && { problem: cluster.problem }),
        ...(fix && { fix }),
        kinds: cluster.kinds.map(({ kind, state }) => ({ kind, state })),
      };
    }),
    argoInstances: fleet.argoInstances().map(instance => {
      const fix = instanceFix(instance);
      return {
        name: instance.name,
        ...(instance.url && { url: instance.url }),
        state: instance.state,
        since: instance.since,
        ...(instance.asOf && { asOf: instance.asOf }),
        ...(instance.problem && { problem: instance.problem }),
        ...(fix && { fix }),
        ...(options.whole && { applications: instance.applications }),
      };
    }),
  };
}

function clusterFix(cluster: ClusterStatus): string | undefined {
  if (cluster.state === 'unreachable') {
    return 'Check the address, the certificate and the credential that the Kubernetes plugin has for this cluster. It is tried again by itself.';
  }
  const unreadable = cluster.kinds
    .filter(({ state }) => state === 'not-readable')
    .map(({ kind }) => kind);
  return unreadable.length > 0
    ? `Let the account of the portal list and watch ${unreadable.join(
        ', ',
      )}: docs/install/kubernetes-rbac.yaml has the rules. It is tried again every two minutes.`
    : undefined;
}

function instanceFix({ state }: ArgoInstanceStatus): string | undefined {
  switch (state) {
    case 'unreachable':
      return 'Check the url and the credential of this instance under argocd.appLocatorMethods. It is tried again by itself.';
    case 'not-readable':
      return "Give the account of the portal 'applications, get': docs/install/argocd-policy.csv has the lines.";
    default:
      return undefined;
  }
}
