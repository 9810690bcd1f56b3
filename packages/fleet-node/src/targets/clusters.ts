import { ApplicationRow } from '../rows';
import { ClusterStatus } from '../types';
import { SwitchyardConfig } from '../config';
import { ClusterJoin } from './types';

/** How Argo CD calls the cluster that it runs in itself, as a server and as a name. */
const OWN_SERVER = 'https://kubernetes.default.svc';
const OWN_NAME = 'in-cluster';

/**
 * Finds the cluster of the fleet that a destination of Argo CD is: by the address of the API server, else by name, else by an alias of the
 * config. What fits none, or two, is not joined: a wrong guess would ship to the wrong cluster. The cluster that an Argo CD runs in is
 * called the same by every Argo CD and by the portal itself, so only an alias says which one it is.
 *
 * @public
 */
export function joinCluster(
  application: {
    instance: string;
    destination: Pick<ApplicationRow['destination'], 'server' | 'name'>;
  },
  clusters: readonly Pick<ClusterStatus, 'name' | 'url'>[],
  config: Pick<SwitchyardConfig, 'clusterAliases'>,
): ClusterJoin {
  const { server, name } = application.destination;
  const isOwn = isOwnCluster(server ?? name ?? '');
  const byUrl = server && !isOwn ? findByUrl(server, clusters) : [];
  if (byUrl.length === 1) {
    return { joined: true, cluster: byUrl[0].name, by: 'url' };
  }
  const candidates = byUrl.length > 1 ? byUrl : clusters;
  if (name && !isOwn && candidates.some(cluster => cluster.name === name)) {
    return { joined: true, cluster: name, by: 'name' };
  }

  const called = server || name || '';
  const aliased = findAliased(application, config);
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
    why: isOwn
      ? explainOwn(application.instance, aliased.size)
      : explain(called, byUrl.length, aliased.size),
  };
}

/** Clusters that aliases say a destination is: those for its instance of Argo CD, else those for all. */
function findAliased(
  {
    instance,
    destination: { server, name },
  }: Parameters<typeof joinCluster>[0],
  { clusterAliases }: Pick<SwitchyardConfig, 'clusterAliases'>,
): Set<string> {
  const isOwn = isOwnCluster(server ?? name ?? '');
  const fitting = clusterAliases.filter(
    ({ argocd }) =>
      argocd === name ||
      (server !== undefined && isSameUrl(argocd, server)) ||
      (isOwn && isOwnCluster(argocd)),
  );
  const own = fitting.filter(alias => alias.instance === instance);
  const all = fitting.filter(alias => alias.instance === undefined);
  return new Set((own.length > 0 ? own : all).map(({ cluster }) => cluster));
}

function isOwnCluster(called: string): boolean {
  return called === OWN_NAME || isSameUrl(called, OWN_SERVER);
}

/** Each Application is joined with all clusters, so that the same few addresses are asked for hundreds of thousands of times. */
const MOST_SPELLINGS = 2_000;
const spellings = new Map<string, string | undefined>();

/**
 * An API server's address in one spelling; undefined for what is none.
 *
 * @internal
 */
export function normalizeServerUrl(url: string): string | undefined {
  if (spellings.has(url)) return spellings.get(url);
  if (spellings.size >= MOST_SPELLINGS) spellings.clear();
  const spelling = spell(url);
  spellings.set(url, spelling);
  return spelling;
}

function spell(url: string): string | undefined {
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

function explainOwn(instance: string, aliases: number): string {
  return aliases > 1
    ? `switchyard.clusterAliases gives it to several clusters; leave one, or name the instance '${instance}'`
    : `It is the cluster that the Argo CD '${instance}' runs in; add an entry to switchyard.clusterAliases that says which one that is`;
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
