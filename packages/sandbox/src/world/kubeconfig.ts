import { stringify } from 'yaml';
import { SandboxCluster } from '../kubernetes';

/**
 * A kubeconfig with a context for each cluster. The token stands in the path of the address: kubectl sends no credential over plain HTTP, but it does
 * keep the path.
 */
export function kubeconfig(clusters: readonly SandboxCluster[]): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': clusters[0]?.name ?? '',
    clusters: clusters.map(({ name, url, token }) => ({
      name,
      cluster: { server: `${url}/token/${token}` },
    })),
    contexts: clusters.map(({ name }) => ({
      name,
      context: { cluster: name, user: name },
    })),
    users: clusters.map(({ name, token }) => ({ name, user: { token } })),
  });
}
