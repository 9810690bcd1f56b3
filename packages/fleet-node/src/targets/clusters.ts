import { ApplicationRow } from '../rows';
import { ClusterStatus } from '../types';
import { SwitchyardConfig } from '../config';
import { ClusterJoin } from './types';

/**
 * Finds the cluster of the fleet that a destination of Argo CD is: by the address of the API server, else by name, else by an alias of the
 * config. What fits none, or two, is not joined: a wrong guess would ship to the wrong cluster.
 *
 * @public
 */
export function joinCluster(
  destination: Pick<ApplicationRow['destination'], 'server' | 'name'>,
  clusters: readonly Pick<ClusterStatus, 'name' | 'url'>[],
  config: Pick<SwitchyardConfig, 'clusterAliases'>,
): ClusterJoin {
  const { server, name } = destination;
  const byUrl = server ? findByUrl(server, clusters) : [];
  if (byUrl.length === 1) {
    return { joined: true, cluster: byUrl[0].name, by: 'url' };
  }
  const candidates = byUrl.length > 1 ? byUrl : clusters;
  if (name && candidates.some(cluster => cluster.name === name)) {
    return { joined: true, cluster: name, by: 'name' };
  }

  const called = server || name || '';
  const aliases = config.clusterAliases.filter(
    alias =>
      (name !== undefined && alias.argocd === name) ||
      (server !== undefined && isSameUrl(alias.argocd, server)),
  );
  const aliased = new Set(aliases.map(alias => alias.cluster));
  if (aliased.size === 1) {
    const [cluster] = aliased;
    if (candidates.some(candidate => candidate.name === cluster)) {
      return { joined: true, cluster, by: 'alias' };
    }
    return {
      joined: false,
      destination: called,
      why: `switchyard.clusterAliases says that it is '${cluster}', but the Kubernetes plugin has no such cluster at this address`,
    };
  }
  return {
    joined: false,
    destination: called,
    why: explain(called, byUrl.length, aliased.size),
  };
}

/**
 * An API server's address in one spelling; undefined for what is none.
 *
 * @internal
 */
export function normalizeServerUrl(url: string): string | undefined {
  try {
    const { protocol, host, pathname } = new URL(url);
    if (protocol !== 'https:' && protocol !== 'http:') return undefined;
    // URL drops default ports and lowers scheme and host.
    return `${protocol}//${host.replace(/\.$/, '')}${pathname.replace(
      /\/+$/,
      '',
    )}`;
  } catch {
    return undefined;
  }
}

function findByUrl(
  server: string,
  clusters: readonly Pick<ClusterStatus, 'name' | 'url'>[],
) {
  return clusters.filter(cluster => isSameUrl(cluster.url, server));
}

function isSameUrl(a: string, b: string): boolean {
  const normalized = normalizeServerUrl(a);
  return normalized !== undefined && normalized === normalizeServerUrl(b);
}

function explain(called: string, sameUrl: number, aliases: number): string {
  if (!called) return 'The Application names no destination';
  if (aliases > 1) {
    return 'switchyard.clusterAliases gives it to several clusters; leave one';
  }
  if (sameUrl > 1) {
    return `${sameUrl} clusters of the Kubernetes plugin have this address; add an entry to switchyard.clusterAliases that says which one is meant`;
  }
  return 'No cluster of the Kubernetes plugin has this address or name; add an entry to switchyard.clusterAliases';
}
