import { readFile } from 'node:fs/promises';
import { parseManifests } from './argocd/render/manifests';
import { REGISTRY_PLACEHOLDER } from './git';
import type { SandboxCluster } from './kubernetes';
import type { LiveClock } from './world/clock';

/** What fails all the time would fill days of the past with its failures: it begins a little while ago. */
const AGO_MS = 20 * 60_000;

/** Deploys, late in the past of a new world, what is there to show everything that can be wrong with a pod. */
export async function seedWorkbench(options: {
  cluster: SandboxCluster;
  clock: LiveClock;
  /** Manifests of the namespace `workbench`. */
  file: string;
  registryHost: string;
}): Promise<void> {
  const { cluster, clock, file, registryHost } = options;
  const text = (await readFile(file, 'utf8'))
    .split(REGISTRY_PLACEHOLDER)
    .join(registryHost);
  clock.advance(Math.max(0, Date.now() - clock.now().getTime() - AGO_MS));
  for (const object of parseManifests(file, Buffer.from(text))) {
    const isNamespace = object.kind === 'Namespace';
    cluster.store.apply(
      isNamespace
        ? object
        : {
            ...object,
            metadata: { namespace: 'workbench', ...object.metadata },
          },
      { manager: 'kubectl-client-side-apply' },
    );
    clock.advance(1_000);
  }
}
