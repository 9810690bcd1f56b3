import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import {
  CoreV1Api,
  KubeConfig,
  KubernetesObject,
  KubernetesObjectApi,
  loadAllYaml,
} from '@kubernetes/client-node';
import { ContractCluster } from '@switchyard/contract-worlds';

const TOKEN_LIFE_S = 3_600;

/** The portal's account in a real cluster, with what files of docs/install give it, under a name of the test's own. */
export interface PortalAccount {
  /** In place of `switchyard` in all names. */
  name: string;
  token: string;
  /** Takes all of it away again. */
  close(): Promise<unknown>;
}

/** What stands in a file of docs/install. */
export async function readInstallFile(file: string): Promise<string> {
  const path = `../../docs/install/${file}`;
  return readFile(resolvePackagePath('@switchyard/fleet-node', path), 'utf8');
}

/** Applies files of docs/install, as an administrator would. */
export async function makePortalAccount(
  cluster: ContractCluster,
  files: readonly string[],
): Promise<PortalAccount> {
  const name = `switchyard-contract-${randomBytes(4).toString('hex')}`;
  const objects = KubernetesObjectApi.makeApiClient(cluster.kubeConfig);
  const made: KubernetesObject[] = [];
  const close = () => Promise.all(made.map(each => objects.delete(each)));
  try {
    for (const file of files) {
      const renamed = (await readInstallFile(file)).replace(
        /\b(name|namespace): (switchyard\S*)/g,
        (_, key, given) => `${key}: ${given.replace('switchyard', name)}`,
      );
      for (const object of loadAllYaml(renamed) as KubernetesObject[]) {
        await objects.create(object);
        made.push(object);
      }
    }
    const { status } = await cluster.kubeConfig
      .makeApiClient(CoreV1Api)
      .createNamespacedServiceAccountToken({
        name,
        namespace: name,
        body: { spec: { audiences: [], expirationSeconds: TOKEN_LIFE_S } },
      });
    return { name, token: status!.token!, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A cluster as an account with a token sees it. */
export function withToken(
  cluster: ContractCluster,
  token: string,
): ContractCluster {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(cluster.kubeConfig.getCurrentCluster()!, {
    name: 'portal',
    token,
  });
  return { ...cluster, kubeConfig, credential: async () => ({ token }) };
}
