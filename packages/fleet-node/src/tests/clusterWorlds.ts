import {
  ContractCluster,
  openSandboxWorld,
  realCluster,
} from '@switchyard/contract-worlds';

/** A cluster, and two images that it can run: an older and a newer one. */
export interface ClusterWorld {
  cluster: ContractCluster;
  images: [string, string];
  /** Token of the portal's account, where there is one: it has the rights of docs/install. */
  portalToken?: string;
  close(): Promise<void>;
}

async function openSandbox(): Promise<ClusterWorld> {
  const { clusters, sandbox, image, versions, close } =
    await openSandboxWorld();
  const [newer, , older] = versions;
  return {
    cluster: clusters[0],
    images: [`${image}:${older}`, `${image}:${newer}`],
    portalToken: sandbox.clusters[0].token,
    close,
  };
}

/**
 * Rows for `describe.each`: the sandbox, and the real cluster where one is given.
 *
 * @param what - what is held to them, as a sentence begins
 */
export function clusterWorlds(
  what: string,
): Array<[string, () => Promise<ClusterWorld>]> {
  const rows: Array<[string, () => Promise<ClusterWorld>]> = [
    ['the sandbox', openSandbox],
  ];
  const cluster = realCluster();
  if (!cluster) {
    console.log(
      `No SWITCHYARD_CONTRACT_KUBECONFIG: ${what} held to the sandbox only.`,
    );
    return rows;
  }
  const images: [string, string] = [
    'registry.k8s.io/pause:3.9',
    'registry.k8s.io/pause:3.10',
  ];
  rows.push([
    'a real API server',
    async () => ({ cluster, images, close: async () => undefined }),
  ]);
  return rows;
}
