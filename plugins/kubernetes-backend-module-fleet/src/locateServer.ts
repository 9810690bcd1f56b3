import { readFile } from 'node:fs/promises';
import {
  ANNOTATION_KUBERNETES_AUTH_PROVIDER,
  SERVICEACCOUNT_CA_PATH,
} from '@backstage/plugin-kubernetes-common';
import { ClusterDetails } from '@backstage/plugin-kubernetes-node';
import { FleetCluster } from '@switchyard/fleet-node';

/**
 * Where the API server of a cluster is and what proves that it is the right one, by the same rules as the Kubernetes plugin: a file
 * wins over data, and a portal that runs in the cluster as a service account uses what Kubernetes put into its container.
 *
 * @throws Error for a file that cannot be read and an address that is none
 * @internal
 */
export async function locateServer(
  cluster: ClusterDetails,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Pick<FleetCluster, 'url' | 'caData' | 'skipTLSVerify'>> {
  if (isOwnCluster(cluster) && env.KUBERNETES_SERVICE_HOST) {
    const caData = await readBase64(SERVICEACCOUNT_CA_PATH).catch(
      () => undefined,
    );
    if (caData !== undefined) {
      const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } =
        env;
      // An IPv6 address needs brackets.
      const name = host!.includes(':') ? `[${host}]` : host;
      return { url: `https://${name}:${port ?? '443'}`, caData };
    }
  }
  if (!URL.canParse(cluster.url)) {
    throw new Error('its url is not an address');
  }
  const caData = cluster.caFile
    ? await readBase64(cluster.caFile)
    : cluster.caData;
  return {
    url: cluster.url,
    ...(caData && { caData }),
    ...(cluster.skipTLSVerify && { skipTLSVerify: true }),
  };
}

function isOwnCluster(cluster: ClusterDetails): boolean {
  const provider = cluster.authMetadata[ANNOTATION_KUBERNETES_AUTH_PROVIDER];
  return (
    provider === 'serviceAccount' && !cluster.authMetadata.serviceAccountToken
  );
}

async function readBase64(file: string): Promise<string> {
  try {
    return (await readFile(file)).toString('base64');
  } catch {
    throw new Error(`its CA file cannot be read`);
  }
}
