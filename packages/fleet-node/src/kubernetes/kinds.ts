/**
 * A kind that is watched in every cluster.
 *
 * @internal
 */
export interface WatchedKind {
  kind: string;
  apiVersion: string;
  /** Below the API server's address, for all namespaces. */
  path: string;
  /** Whether the cluster's state is known only while this kind's is. */
  essential: boolean;
  /** Only metadata is asked for: the rest (a node's images …) would be thrown away. */
  metadataOnly: boolean;
}

function watched(
  kind: string,
  path: string,
  options: { essential?: boolean; metadataOnly?: boolean } = {},
): WatchedKind {
  const apiVersion = path.split('/').slice(2, -1).join('/');
  return {
    kind,
    apiVersion,
    path,
    essential: options.essential ?? true,
    metadataOnly: options.metadataOnly ?? false,
  };
}

/**
 * Only kinds in use: each one is a connection per cluster and replica of the portal.
 *
 * @internal
 */
export const WATCHED_KINDS: readonly WatchedKind[] = [
  // Nodes first: pods take their zone from them.
  watched('Node', '/api/v1/nodes', { essential: false, metadataOnly: true }),
  watched('Deployment', '/apis/apps/v1/deployments'),
  watched('ReplicaSet', '/apis/apps/v1/replicasets'),
  watched('StatefulSet', '/apis/apps/v1/statefulsets'),
  watched('DaemonSet', '/apis/apps/v1/daemonsets'),
  watched('CronJob', '/apis/batch/v1/cronjobs'),
  watched('Job', '/apis/batch/v1/jobs'),
  watched('Pod', '/api/v1/pods'),
  watched('Event', '/api/v1/events', { essential: false }),
];
