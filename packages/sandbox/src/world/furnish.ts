import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { KubernetesObject, SandboxCluster } from '../kubernetes';
import { rolloutDefinitions } from '../kubernetes/rollouts/definitions';
import { clusterFurniture } from './clusterFurniture';
import { LiveClock } from './clock';
import { nodesOf } from './nodes';

/** Stands for the registry in manifests, whose address is not known before it listens. */
const REGISTRY_PLACEHOLDER = 'registry.sandbox.invalid';

export interface FurnishOptions {
  cluster: SandboxCluster;
  clock: LiveClock;
  /** Nodes in each of three zones. */
  nodesPerZone: number;
  network: number;
  /** Folder of manifests that somebody applies with kubectl, one folder a cluster. */
  manifests: string;
  registryHost: string;
}

/** Gives a new cluster its nodes and its namespaces, and what people apply by hand. */
export function furnish(options: FurnishOptions): void {
  const { cluster, clock } = options;
  const nodes = nodesOf({
    cluster: cluster.name,
    version: cluster.version,
    perZone: options.nodesPerZone,
    network: options.network,
    now: clock.now(),
  });
  for (const node of nodes) {
    cluster.add(node, { manager: 'kubelet' });
  }
  const minorVersion = Number(cluster.version.split('.')[1]);
  for (const object of clusterFurniture({ minorVersion })) {
    cluster.add(object, { manager: 'eks-provisioner' });
  }
  // The old cluster does without Argo Rollouts.
  for (const definition of minorVersion >= 34 ? rolloutDefinitions : []) {
    cluster.add(definition, { manager: 'kubectl-create' });
  }
  clock.advance(10_000);
  for (const manifest of manifestsIn(
    join(options.manifests, cluster.name),
    options.registryHost,
  )) {
    cluster.store.apply(
      {
        ...manifest,
        metadata: { namespace: 'platform', ...manifest.metadata },
      },
      { manager: 'kubectl-client-side-apply' },
    );
  }
}

function manifestsIn(folder: string, registryHost: string): KubernetesObject[] {
  return readdirSync(folder)
    .filter(file => /\.ya?ml$/.test(file))
    .sort()
    .flatMap(file => {
      const text = readFileSync(join(folder, file), 'utf8').replaceAll(
        REGISTRY_PLACEHOLDER,
        registryHost,
      );
      return parseAllDocuments(text, { merge: true }).map(
        document => document.toJS() as KubernetesObject | null,
      );
    })
    .filter(manifest => manifest !== null);
}
