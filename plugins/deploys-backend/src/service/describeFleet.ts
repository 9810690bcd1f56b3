import { FleetState } from '@switchyard/backstage-plugin-deploys-common';
import {
  ArgoInstanceStatus,
  ClusterStatus,
  FleetReader,
} from '@switchyard/fleet-node';
import { clusterState } from '../state/sources';

/** What is wrong with a cluster, in the words of its problem, and what would mend it. */
const CLUSTER_FIXES: Array<[RegExp, string]> = [
  [
    /certificate that has ended/,
    'Renew the certificate of the API server, and give the Kubernetes plugin the CA (caData) if that is another. It is tried again by itself.',
  ],
  [
    /certificate that is not/,
    'Give the Kubernetes plugin the CA of this cluster (caData), and see that the clocks are right. It is tried again by itself.',
  ],
  [
    /cannot be resolved/,
    'Check the address that the Kubernetes plugin has for this cluster, and the DNS of the portal. It is tried again by itself.',
  ],
  [
    /credential/,
    'Check the credential that the Kubernetes plugin has for this cluster. It is tried again by itself.',
  ],
  [
    /too busy/,
    'Look at the load of the API server, and at the priority level that its flow schemas give to the account of the portal. It is tried again by itself.',
  ],
  [
    /breaks watches off|forgets changes/,
    'Look at the load of the API server, and at the time-outs of balancers and proxies before it: watches last five to ten minutes. It is tried again by itself.',
  ],
];

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
  const { problem = '' } = cluster;
  const known = CLUSTER_FIXES.find(([words]) => words.test(problem));
  if (known) return known[1];
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
