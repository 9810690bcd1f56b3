import { SourceState } from '@switchyard/backstage-plugin-deploys-common';
import {
  ArgoInstanceStatus,
  ClusterStatus,
  FleetReader,
  TargetDeployment,
} from '@switchyard/fleet-node';

/** Kinds without which a cluster's pods cannot be shown. The lack of others is said, but does not make the cluster unreadable. */
const NEEDED_KINDS = new Set(['Pod', 'ReplicaSet', 'Deployment']);

/** Id of a cluster among the sources of a state. */
export function clusterSourceId(cluster: string): string {
  return `cluster:${cluster}`;
}

/** Id of an Argo CD instance among the sources of a state. */
export function argoSourceId(instance: string): string {
  return `argocd:${instance}`;
}

/**
 * The clusters and Argo CD instances that a state rests on, and all that cannot be seen now: the entity may run there too.
 */
export function sourcesOf(
  deployments: readonly TargetDeployment[],
  fleet: FleetReader,
): SourceState[] {
  const used = new Set(
    deployments.flatMap(({ cluster, application }) => [
      ...(cluster === undefined ? [] : [clusterSourceId(cluster)]),
      ...(application ? [argoSourceId(application.instance)] : []),
    ]),
  );
  return allSources(fleet).filter(
    ({ id, state }) => state !== 'live' || used.has(id),
  );
}

/** All clusters and Argo CD instances. */
export function allSources(
  fleet: Pick<FleetReader, 'clusters' | 'argoInstances'>,
): SourceState[] {
  return [
    ...fleet.clusters().map(toClusterSource),
    ...fleet.argoInstances().map(toArgoSource),
  ];
}

/** State of a cluster as screens know it. */
export function clusterState(cluster: ClusterStatus): SourceState['state'] {
  if (cluster.state !== 'live') return cluster.state;
  const isUnreadable = cluster.kinds.some(
    ({ kind, state }) => state === 'not-readable' && NEEDED_KINDS.has(kind),
  );
  return isUnreadable ? 'not-readable' : 'live';
}

function toClusterSource(cluster: ClusterStatus): SourceState {
  return toSource(clusterSourceId(cluster.name), clusterState(cluster), {
    ...cluster,
    name: cluster.title ?? cluster.name,
  });
}

function toArgoSource(instance: ArgoInstanceStatus): SourceState {
  return toSource(argoSourceId(instance.name), instance.state, {
    ...instance,
    name: `Argo CD ${instance.name}`,
  });
}

function toSource(
  id: string,
  state: SourceState['state'],
  status: { name: string; since: string; asOf?: string; problem?: string },
): SourceState {
  const { name, since, asOf, problem } = status;
  return {
    id,
    name,
    state,
    since,
    ...(state !== 'live' && asOf && { asOf }),
    ...(problem && { problem }),
  };
}
