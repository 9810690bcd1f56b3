import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ManifestSource } from './argocd/ManifestSource';
import { parseManifests } from './argocd/render/manifests';
import { MANAGER } from './argocd/sync/advanceSync';
import { hookTypes } from './argocd/sync/tasks';
import { sourcesOf } from './argocd/sources';
import { Application } from './argocd/types';
import { BareRepository, REGISTRY_PLACEHOLDER } from './git';
import type { SandboxCluster } from './kubernetes';
import type { KubernetesObject } from './kubernetes/types';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How many of the newest commits of each repository were deployed a while after all the others. */
const RECENT_COMMITS: Readonly<Record<string, number>> = {
  'deploy-blue': 2,
  'deploy-green': 2,
  'deploy-dev': 1,
};

export interface SeedOptions {
  clusters: readonly SandboxCluster[];
  /** Plays part of the world's past. */
  advance(milliseconds: number): void;
  applications: readonly Application[];
  clusterOf(application: Application): SandboxCluster;
  manifests: ManifestSource;
  repositories: ReadonlyMap<string, BareRepository>;
  /** Folder with one folder per cluster of what was deployed with `kubectl apply`. */
  unmanaged: string;
  registryHost: string;
}

/**
 * Deploys everything to the clusters of a new world, in its past: first as it was before the last commits, then those, so that there are old
 * ReplicaSets, finished migrations, and pods of different ages.
 */
export async function seedClusters(options: SeedOptions): Promise<void> {
  const { clusters, applications, manifests, advance } = options;
  for (const cluster of clusters) {
    for (const name of ['storefront', 'realtime', 'platform']) {
      const namespace = {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
      };
      cluster.store.apply(namespace, { manager: 'kubectl-client-side-apply' });
    }
  }
  const before = await Promise.all(
    applications.map(application => renderBefore(application, options)),
  );
  const newest = await Promise.all(
    applications.map(
      async application =>
        (
          await manifests.render(
            application,
            await manifests.resolveAll(application.spec),
          )
        ).objects,
    ),
  );
  deploy(
    before.map((objects, index) => ({
      cluster: options.clusterOf(applications[index]),
      objects,
    })),
    advance,
  );
  await deployUnmanaged(options);
  advance(6 * HOUR_MS);
  const changed = applications
    .map((application, index) => ({
      cluster: options.clusterOf(application),
      objects: newest[index],
      before: before[index],
    }))
    .filter(
      ({ objects, before: old }) =>
        JSON.stringify(objects) !== JSON.stringify(old),
    );
  deploy(changed, advance);
  advance(HOUR_MS);
}

async function renderBefore(
  application: Application,
  options: SeedOptions,
): Promise<KubernetesObject[]> {
  const { manifests } = options;
  const revisions = await Promise.all(
    sourcesOf(application.spec).map(async source => {
      if (source.chart) {
        return source.targetRevision!;
      }
      const repository = manifests.repositoryOf(source);
      const [commit] = (await repository.log({ revision: 'main' })).slice(
        RECENT_COMMITS[repository.name],
      );
      return commit.sha;
    }),
  );
  return (await manifests.render(application, revisions)).objects;
}

/** Migrations first, then everything else; what runs after a sync is long gone. */
function deploy(
  parts: ReadonlyArray<{
    cluster: SandboxCluster;
    objects: readonly KubernetesObject[];
  }>,
  advance: (milliseconds: number) => void,
): void {
  for (const { cluster, objects } of parts) {
    for (const object of objects.filter(candidate =>
      hookTypes(candidate).includes('PreSync'),
    )) {
      const { apiVersion, kind, metadata } = object;
      cluster.store.delete({
        apiVersion,
        kind,
        name: metadata.name,
        namespace: metadata.namespace,
      });
      advance(5_000);
      cluster.store.apply(object, { manager: MANAGER });
    }
  }
  advance(5 * MINUTE_MS);
  for (const { cluster, objects } of parts) {
    for (const object of objects.filter(
      candidate => hookTypes(candidate).length === 0,
    )) {
      cluster.store.apply(object, { manager: MANAGER });
    }
  }
}

async function deployUnmanaged({
  clusters,
  unmanaged,
  registryHost,
}: SeedOptions): Promise<void> {
  for (const cluster of clusters) {
    const text = await readFile(
      join(unmanaged, cluster.name, 'gateway.yaml'),
      'utf8',
    );
    for (const object of parseManifests(
      'gateway.yaml',
      Buffer.from(text.split(REGISTRY_PLACEHOLDER).join(registryHost)),
    )) {
      const metadata = { namespace: 'platform', ...object.metadata };
      cluster.store.apply(
        { ...object, metadata },
        { manager: 'kubectl-client-side-apply' },
      );
    }
  }
}
