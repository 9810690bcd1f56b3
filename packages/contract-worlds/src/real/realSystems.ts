import { KubeConfig } from '@kubernetes/client-node';
import { clusterOf } from '../cluster';
import { ContractCluster, ContractGitAccess } from '../types';

/** The repository of `SWITCHYARD_CONTRACT_GIT_URL`. */
export interface RealGit {
  /** Without credentials. */
  repoUrl: string;
  access: ContractGitAccess;
}

/** The cluster of `SWITCHYARD_CONTRACT_KUBECONFIG`, where one is given. */
export function realCluster(): ContractCluster | undefined {
  const file = process.env.SWITCHYARD_CONTRACT_KUBECONFIG;
  if (!file) return undefined;
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(file);
  return clusterOf('real', kubeConfig);
}

/** What runs the pods of {@link realCluster}: containers, kwok on this machine, or nothing that a process could be started in. */
export function realContainers(): 'real' | 'kwok' | 'none' {
  const given = process.env.SWITCHYARD_CONTRACT_CONTAINERS;
  return given === 'real' || given === 'kwok' ? given : 'none';
}

/** @throws an error when the address has no user and token in it */
export function realGit(): RealGit | undefined {
  const given = process.env.SWITCHYARD_CONTRACT_GIT_URL;
  if (!given) return undefined;
  const url = new URL(given);
  const username = decodeURIComponent(url.username);
  const token = decodeURIComponent(url.password);
  if (!username || !token) {
    throw new Error(
      'SWITCHYARD_CONTRACT_GIT_URL needs a user and a token: https://user:token@host/path.git',
    );
  }
  url.username = '';
  url.password = '';
  return {
    repoUrl: url.href,
    access: {
      host: url.host,
      username,
      token,
      insecure: url.protocol === 'http:',
    },
  };
}

/** The Argo CD of `SWITCHYARD_CONTRACT_ARGOCD_URL`. */
export interface RealArgoCd {
  url: string;
  token: string;
  portal?: { username: string; password: string };
  /** Whether it takes Applications in namespaces of contract tests. */
  takesNamespaces: boolean;
  /** Whether its controller of ApplicationSets runs. */
  makesSets: boolean;
}

export function realArgoCd(): RealArgoCd | undefined {
  const url = process.env.SWITCHYARD_CONTRACT_ARGOCD_URL;
  const token = process.env.SWITCHYARD_CONTRACT_ARGOCD_TOKEN;
  if (!url || !token) return undefined;
  const [, username, password] =
    /^([^:]+):(.+)$/.exec(
      process.env.SWITCHYARD_CONTRACT_ARGOCD_PORTAL ?? '',
    ) ?? [];
  return {
    url: url.replace(/\/+$/, ''),
    token,
    ...(username && { portal: { username, password } }),
    takesNamespaces:
      process.env.SWITCHYARD_CONTRACT_ARGOCD_NAMESPACES === 'true',
    makesSets: process.env.SWITCHYARD_CONTRACT_ARGOCD_SETS === 'true',
  };
}
