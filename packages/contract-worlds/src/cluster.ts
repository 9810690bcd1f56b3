import { KubeConfig } from '@kubernetes/client-node';
import { ContractCluster } from './types';

/** The current context of a kubeconfig. */
export function clusterOf(
  name: string,
  kubeConfig: KubeConfig,
): ContractCluster {
  const cluster = kubeConfig.getCurrentCluster()!;
  const user = kubeConfig.getCurrentUser();
  const cert = decode(user?.certData);
  const key = decode(user?.keyData);
  return {
    name,
    kubeConfig,
    url: cluster.server,
    caData: cluster.caData,
    skipTLSVerify: cluster.skipTLSVerify,
    credential: async () => ({
      token: user?.token,
      ...(cert && key && { clientCert: { cert, key } }),
    }),
  };
}

function decode(data: string | undefined): string | undefined {
  return data && Buffer.from(data, 'base64').toString('utf8');
}
