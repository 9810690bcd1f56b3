import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { SandboxHandle, startSandbox } from '@switchyard/sandbox';
import { FleetCluster } from '../types';

/** A cluster to hold the fleet to: of the sandbox, or the real one that `SWITCHYARD_CONTRACT_KUBECONFIG` names. */
export interface ContractCluster {
  /** For test names: 'sandbox' or 'real'. */
  which: string;
  kubeConfig: KubeConfig;
  fleetCluster: FleetCluster;
  /** Images that the cluster can run, old and new. */
  images: [string, string];
}

let sandbox: Promise<{ handle: SandboxHandle; dir: string }> | undefined;

/** One sandbox for all contract tests of a file. */
export async function contractSandbox(): Promise<SandboxHandle> {
  sandbox ??= (async () => {
    const dir = await mkdtemp(join(tmpdir(), 'switchyard-contract-'));
    return { dir, handle: await startSandbox({ dir }) };
  })();
  return (await sandbox).handle;
}

/** Ends it again. */
export async function closeContractSandbox(): Promise<void> {
  if (!sandbox) return;
  const { handle, dir } = await sandbox;
  await handle.close();
  await rm(dir, { recursive: true, force: true });
}

/** The cluster of the sandbox as a kubeconfig would name it. */
export async function sandboxCluster(): Promise<ContractCluster> {
  const { clusters, registry } = await contractSandbox();
  const [cluster] = clusters;
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    // The client wants to hear that plain HTTP on loopback is meant.
    { name: cluster.name, server: cluster.url, skipTLSVerify: true },
    { name: 'contract', token: cluster.token },
  );
  return contractCluster('sandbox', kubeConfig, [
    `${registry.host}/storefront/orders:v5.3.23`,
    `${registry.host}/storefront/orders:v5.3.24`,
  ]);
}

/** The real cluster, where one is given. */
export function realCluster(): ContractCluster | undefined {
  const file = process.env.SWITCHYARD_CONTRACT_KUBECONFIG;
  if (!file) return undefined;
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(file);
  return contractCluster('real', kubeConfig, [
    'registry.k8s.io/pause:3.9',
    'registry.k8s.io/pause:3.10',
  ]);
}

function contractCluster(
  which: string,
  kubeConfig: KubeConfig,
  images: [string, string],
): ContractCluster {
  const cluster = kubeConfig.getCurrentCluster()!;
  const user = kubeConfig.getCurrentUser();
  const decode = (data: string | undefined) =>
    data && Buffer.from(data, 'base64').toString('utf8');
  const cert = decode(user?.certData);
  const key = decode(user?.keyData);
  return {
    which,
    kubeConfig,
    images,
    fleetCluster: {
      name: which,
      url: cluster.server,
      caData: cluster.caData,
      skipTLSVerify: cluster.skipTLSVerify,
      credential: async () => ({
        token: user?.token,
        ...(cert && key && { clientCert: { cert, key } }),
      }),
    },
  };
}
