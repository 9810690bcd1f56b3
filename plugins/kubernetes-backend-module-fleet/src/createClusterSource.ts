import { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import {
  ANNOTATION_KUBERNETES_AUTH_PROVIDER,
  KubernetesRequestAuth,
} from '@backstage/plugin-kubernetes-common';
import {
  AuthenticationStrategy,
  ClusterDetails,
  KubernetesClustersSupplier,
  KubernetesCredential,
} from '@backstage/plugin-kubernetes-node';
import {
  FleetCluster,
  ResourceName,
  UnwatchedCluster,
} from '@switchyard/fleet-node';
import { endOfToken } from './endOfToken';
import { locateServer } from './locateServer';

/** With these the browser of whoever looks brings the token: there is none for a backend that looks by itself. */
const USER_TOKEN_PROVIDERS = new Set(['aks', 'google', 'oidc']);
/** The local proxy of kubectl adds its own. */
const ANONYMOUS_PROVIDERS = new Set(['localKubectlProxy']);

/** @internal */
export interface ClusterSource {
  /** What the fleet asks, again and again. */
  clusters(): Promise<Array<FleetCluster | UnwatchedCluster>>;
  /**
   * Whether what the fleet holds of the cluster is what anybody who looks would be given: it is this cluster that is watched, and its
   * credential is the same for everybody.
   */
  isHeldFor(cluster: ClusterDetails): boolean;
}

/**
 * Makes what the fleet asks for clusters: those of the Kubernetes plugin, each with a way to its credential or the reason why a backend
 * cannot watch it.
 *
 * @internal
 */
export function createClusterSource(options: {
  clusterSupplier: KubernetesClustersSupplier;
  authStrategy: AuthenticationStrategy;
  auth: AuthService;
  logger: LoggerService;
  /** Kinds to be watched in a cluster besides those that always are. */
  resources: (cluster: ClusterDetails) => ResourceName[];
}): ClusterSource {
  const { clusterSupplier, authStrategy, auth, logger, resources } = options;
  const reasons = new Map<string, string>();
  /** By name of the cluster. */
  let watched = new Map<string, Watched>();

  const logOnce = (name: string, reason: string) => {
    // The source is asked every minute.
    if (reasons.get(name) === reason) return;
    reasons.set(name, reason);
    logger.warn('Cluster is not watched', { cluster: name, reason });
  };

  const clusters = async () => {
    const details = await clusterSupplier.getClusters({
      credentials: await auth.getOwnServiceCredentials(),
    });
    const found: Array<FleetCluster | UnwatchedCluster> = [];
    const next = new Map<string, Watched>();
    for (const cluster of details) {
      const { name, title, url } = cluster;
      if (found.some(each => each.name === name)) {
        logOnce(name, 'another cluster has this name');
        continue;
      }
      const known = { name, ...(title && { title }) };
      const server = await reasonOrServer(cluster);
      if (typeof server === 'string') {
        logOnce(name, server);
        found.push({ ...known, url, notWatched: server });
        continue;
      }
      reasons.delete(name);
      const identity = identityOf(cluster);
      const before = watched.get(name);
      // What was found out of it while it was reached or signed in to in another way says nothing of this one.
      const held = before?.identity === identity ? before : { identity };
      next.set(name, held);
      found.push({
        ...known,
        ...server,
        credential: async () => {
          const { credential, looked } = await credentialFor(
            cluster,
            authStrategy,
          );
          held.dependsOnPerson = looked;
          return credential;
        },
        resources: resources(cluster),
      });
    }
    watched = next;
    return found;
  };

  return {
    clusters,
    isHeldFor: cluster => {
      const held = watched.get(cluster.name);
      return (
        held?.identity === identityOf(cluster) && held.dependsOnPerson === false
      );
    },
  };
}

interface Watched {
  identity: string;
  /** Whether its strategy looked at who asks. Known once there was a credential. */
  dependsOnPerson?: boolean;
}

/** Where a cluster is and how it is signed in to. The plugin may hear of another way a minute before the fleet does. */
function identityOf({ url, authMetadata }: ClusterDetails): string {
  return JSON.stringify([url, Object.entries(authMetadata).sort()]);
}

/** Where the cluster is, or why it cannot be watched. */
async function reasonOrServer(
  cluster: ClusterDetails,
): Promise<Awaited<ReturnType<typeof locateServer>> | string> {
  const provider = providerOf(cluster);
  if (USER_TOKEN_PROVIDERS.has(provider)) {
    return `auth provider '${provider}' needs the token of the person who looks`;
  }
  try {
    return await locateServer(cluster);
  } catch (error) {
    return (error as Error).message;
  }
}

type Credential = Awaited<ReturnType<FleetCluster['credential']>>;

/** The credential that the strategy makes for nobody in particular, and whether it looked for somebody. */
async function credentialFor(
  cluster: ClusterDetails,
  authStrategy: AuthenticationStrategy,
): Promise<{ credential: Credential; looked: boolean }> {
  let looked = false;
  const noteLook = () => {
    looked = true;
  };
  const nobody: KubernetesRequestAuth = new Proxy(
    {},
    {
      get: noteLook,
      has: () => Boolean(noteLook()),
      ownKeys: () => {
        noteLook();
        return [];
      },
    },
  );
  const credential = await authStrategy.getCredential(cluster, nobody);
  return { credential: toCredential(cluster, credential), looked };
}

function toCredential(
  cluster: ClusterDetails,
  credential: KubernetesCredential,
): Credential {
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
