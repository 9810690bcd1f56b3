import type { Account } from './argocd/api/AccessControl';
import { logReader } from './argocd/readLog';
import { Argocd, ArgocdOptions } from './argocd/startArgocd';
import { Application } from './argocd/types';
import { DestinationCluster } from './argocd/worldApplications';
import { SandboxHandle } from './handle';
import type { SandboxCluster } from './kubernetes';
import { worldSecret } from './worldFile';

/** When the accounts' tokens were issued. */
const TOKENS_ISSUED_AT = new Date('2026-09-14T07:30:00Z');

/** By what name the first Argo CD knows a cluster: blue by its address, the others by name, green by one that only an alias joins. */
export const ARGOCD_NAMES: Readonly<Record<string, string>> = {
  'prod-blue': 'prod-blue',
  'prod-green': 'green-eu',
  dev: 'dev',
};
/** The second one knows those that it deploys to, by the names that everybody has for them. */
const EDGE_CLUSTERS = ['prod-green', 'dev'];

export function destinationsOf(
  clusters: readonly SandboxCluster[],
): DestinationCluster[] {
  const [blue, green, dev] = ['prod-blue', 'prod-green', 'dev'].map(
    name => clusters.find(cluster => cluster.name === name)!,
  );
  return [
    {
      suffix: 'blue',
      repository: 'deploy-blue',
      name: ARGOCD_NAMES[blue.name],
      destination: { server: blue.url },
    },
    {
      suffix: 'green',
      repository: 'deploy-green',
      name: ARGOCD_NAMES[green.name],
      destination: { name: ARGOCD_NAMES[green.name] },
    },
    {
      suffix: 'dev',
      repository: 'deploy-dev',
      name: ARGOCD_NAMES[dev.name],
      destination: { name: ARGOCD_NAMES[dev.name] },
    },
  ];
}

/** Where an Application of either Argo CD deploys to. */
export function clusterOf(
  clusters: readonly SandboxCluster[],
  { spec: { destination } }: Application,
): SandboxCluster {
  return clusters.find(
    cluster =>
      cluster.url === destination.server ||
      ARGOCD_NAMES[cluster.name] === destination.name ||
      cluster.name === destination.name,
  )!;
}

/** The clusters as the first Argo CD is told of them. */
export function mainClusters(
  clusters: readonly SandboxCluster[],
): ArgocdOptions['clusters'] {
  return clusters.map(cluster => toldAs(ARGOCD_NAMES[cluster.name], cluster));
}

/** As the second one is. */
export function edgeClusters(
  clusters: readonly SandboxCluster[],
): ArgocdOptions['clusters'] {
  return clusters
    .filter(({ name }) => EDGE_CLUSTERS.includes(name))
    .map(cluster => toldAs(cluster.name, cluster));
}

function toldAs(
  name: string,
  cluster: SandboxCluster,
): ArgocdOptions['clusters'][number] {
  return {
    server: cluster.url,
    name,
    version: `v${cluster.version}`,
    store: cluster.store,
    readLog: logReader(cluster),
  };
}

export function mainAccounts(seed: number): Account[] {
  return [
    {
      name: 'admin',
      password: worldSecret(seed, 'argocd admin'),
      tokenIds: [],
      allowed: [['*', '*', '*']],
    },
    portalAccount(worldSecret(seed, 'argocd switchyard')),
    {
      name: 'limited',
      password: worldSecret(seed, 'argocd limited'),
      tokenIds: ['limited'],
      allowed: [
        ['applications', 'get', 'storefront/*'],
        ['projects', 'get', 'storefront'],
      ],
    },
  ];
}

export function edgeAccounts(seed: number): Account[] {
  return [portalAccount(worldSecret(seed, 'argocd edge switchyard'))];
}

function portalAccount(password: string): Account {
  return {
    name: 'switchyard',
    password,
    tokenIds: ['portal'],
    allowed: [
      ['applications', 'get', '*'],
      ['applications', 'sync', '*'],
      ['applications', 'update', '*'],
      ['applications', 'create', '*'],
      ['projects', 'get', '*'],
      ['clusters', 'get', '*'],
    ],
  };
}

export function mainAccess(
  argocd: Argocd,
  seed: number,
): SandboxHandle['argocd'] {
  const [, portal, limited] = mainAccounts(seed);
  return {
    instance: 'main',
    url: argocd.listener.url,
    ...accessOf(argocd, portal),
    limited: accessOf(argocd, limited),
  };
}

export function edgeAccess(
  argocd: Argocd,
  seed: number,
): SandboxHandle['edgeArgocd'] {
  const [portal] = edgeAccounts(seed);
  return {
    instance: 'edge',
    url: argocd.listener.url,
    ...accessOf(argocd, portal),
  };
}

function accessOf({ access }: Argocd, account: Account) {
  return {
    username: account.name,
    password: account.password!,
    token: access.apiToken(account.name, account.tokenIds[0], TOKENS_ISSUED_AT),
  };
}
