import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { SandboxHandle, startSandbox } from '@switchyard/sandbox';
import { Closers } from '../Closers';
import { clusterOf } from '../cluster';
import { GitWorkspace } from '../git/GitWorkspace';
import { ContractCluster, ContractDeployment, ContractWorld } from '../types';
import { commitTag, tagOf } from '../version';

const FAILING_MIGRATION = 'v5.4.0-bad-migration';
const VERSIONS = [
  'v5.3.24',
  'v5.3.25',
  'v5.3.23',
  'v5.3.22',
  'v5.3.21',
  'v5.3.20',
];

/** The sandbox with its `orders`: auto-sync is on in blue and off in green. */
export async function openSandboxWorld(): Promise<
  ContractWorld & { sandbox: SandboxHandle }
> {
  const closers = new Closers();
  try {
    const dir = await mkdtemp(join(tmpdir(), 'switchyard-contract-'));
    closers.add('folder of the sandbox', () =>
      rm(dir, { recursive: true, force: true }),
    );
    const sandbox = await startSandbox({ dir });
    closers.add('sandbox', () => sandbox.close());
    const image = `${sandbox.registry.host}/storefront/orders`;
    const open = async (
      suffix: 'blue' | 'green',
      file: string,
    ): Promise<ContractDeployment> => {
      const workspace = await GitWorkspace.open({
        repoUrl: `${sandbox.git.url}/deploy-${suffix}.git`,
        access: sandbox.git,
      });
      closers.add(`clone of deploy-${suffix}`, () => workspace.close());
      const branch = workspace.branch('main');
      return {
        application: {
          namespace: 'argocd',
          name: `orders-${suffix}`,
          project: 'storefront',
        },
        autoSync: suffix === 'blue',
        cluster: `prod-${suffix}`,
        namespace: 'storefront',
        workload: 'orders',
        migration: 'orders-migrate',
        branch,
        path: 'apps/orders',
        file,
        version: async () => tagOf(await branch.read(file), image),
        commitVersion: tag => commitTag(branch, { file, image, tag }),
      };
    };
    const inPlatform = (name: string) => ({
      namespace: 'argocd',
      name,
      project: 'platform',
    });
    const setFault = async (on: boolean) => {
      const response = await fetch(`${sandbox.faults.url}/api/faults`, {
        method: 'POST',
        body: JSON.stringify({
          fault: 'argocd-window',
          target: 'storefront',
          on,
        }),
      });
      if (!response.ok) throw new Error(await response.text());
    };
    return {
      which: 'sandbox',
      sandbox,
      clusters: sandbox.clusters.map(toCluster),
      argocd: {
        url: sandbox.argocd.url,
        token: sandbox.argocd.token,
        account: sandbox.argocd.username,
        limitedToken: sandbox.argocd.limited.token,
        portal: {
          username: sandbox.argocd.username,
          password: sandbox.argocd.password,
        },
      },
      git: {
        host: new URL(sandbox.git.url).host,
        username: sandbox.git.username,
        token: sandbox.git.token,
        insecure: true,
      },
      auto: await open('blue', 'apps/orders/orders.yaml'),
      manual: await open('green', 'apps/orders/kustomization.yaml'),
      hidden: { namespace: 'argocd', name: 'chat-blue', project: 'realtime' },
      composed: {
        parent: inPlatform('platform-apps'),
        child: inPlatform('handbook-blue'),
        several: inPlatform('status-page-blue'),
      },
      made: { ...inPlatform('status-page-blue'), by: 'status-page' },
      clusterAliases: sandbox.clusters
        .filter(({ name, argocdName }) => name !== argocdName)
        .map(({ name, argocdName }) => ({ argocd: argocdName, cluster: name })),
      component: 'orders',
      image,
      registry: sandbox.registry,
      versions: VERSIONS,
      breakMigration: async () => ({
        version: FAILING_MIGRATION,
        repair: async () => undefined,
      }),
      closeWindow: async () => {
        await setFault(true);
        return () => setFault(false);
      },
      close: () => closers.close(),
    };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

function toCluster({
  name,
  url,
  tokens,
}: SandboxHandle['clusters'][number]): ContractCluster {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    // The client wants to hear that plain HTTP on loopback is meant.
    { name, server: url, skipTLSVerify: true },
    { name: 'contract', token: tokens.admin },
  );
  return clusterOf(name, kubeConfig);
}
