import { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { ANNOTATION_KUBERNETES_AUTH_PROVIDER } from '@backstage/plugin-kubernetes-common';
import {
  AuthenticationStrategy,
  ClusterDetails,
  KubernetesClustersSupplier,
} from '@backstage/plugin-kubernetes-node';
import { FleetCluster } from '@switchyard/fleet-node';
import { endOfToken } from './endOfToken';
import { locateServer } from './locateServer';

/** With these the browser of whoever looks brings the token: there is none for a backend that looks by itself. */
const USER_TOKEN_PROVIDERS = new Set(['aks', 'google', 'oidc']);
/** The local proxy of kubectl adds its own. */
const ANONYMOUS_PROVIDERS = new Set(['localKubectlProxy']);

/**
 * Makes what the fleet asks for clusters: those of the Kubernetes plugin that a backend can watch. Each that it cannot is logged once,
 * with the reason.
 *
 * @internal
 */
export function createClusterSource(options: {
  clusterSupplier: KubernetesClustersSupplier;
  authStrategy: AuthenticationStrategy;
  auth: AuthService;
  logger: LoggerService;
}): () => Promise<FleetCluster[]> {
  const { clusterSupplier, authStrategy, auth, logger } = options;
  const reasons = new Map<string, string>();

  const noteSkipped = (name: string, reason: string) => {
    // The source is asked every minute.
    if (reasons.get(name) === reason) return;
    reasons.set(name, reason);
    logger.warn('Cluster is not watched', { cluster: name, reason });
  };

  return async () => {
    const details = await clusterSupplier.getClusters({
      credentials: await auth.getOwnServiceCredentials(),
    });
    const clusters: FleetCluster[] = [];
    for (const cluster of details) {
      const { name } = cluster;
      if (clusters.some(each => each.name === name)) {
        noteSkipped(name, 'another cluster has this name');
        continue;
      }
      const provider = providerOf(cluster);
      if (USER_TOKEN_PROVIDERS.has(provider)) {
        noteSkipped(
          name,
          `auth provider '${provider}' needs the token of the person who looks`,
        );
        continue;
      }
      try {
        const server = await locateServer(cluster);
        clusters.push({
          name,
          ...(cluster.title && { title: cluster.title }),
          ...server,
          credential: () => credentialFor(cluster, authStrategy),
        });
        reasons.delete(name);
      } catch (error) {
        noteSkipped(name, String(error));
      }
    }
    return clusters;
  };
}

async function credentialFor(
  cluster: ClusterDetails,
  authStrategy: AuthenticationStrategy,
): ReturnType<FleetCluster['credential']> {
  const credential = await authStrategy.getCredential(cluster, {});
  switch (credential.type) {
    case 'bearer token': {
      const token = credential.token.trim();
      const expiresAt = endOfToken(token);
      return { token, ...(expiresAt && { expiresAt }) };
    }
    case 'x509 client certificate':
      return { clientCert: { cert: credential.cert, key: credential.key } };
    default:
      if (ANONYMOUS_PROVIDERS.has(providerOf(cluster))) return {};
      // Without this, a cluster that grants something to anonymous callers would look empty instead of misconfigured.
      throw new Error(
        `Auth provider '${providerOf(cluster)}' gave no credential`,
      );
  }
}

function providerOf(cluster: ClusterDetails): string {
  return cluster.authMetadata[ANNOTATION_KUBERNETES_AUTH_PROVIDER] ?? '';
}
