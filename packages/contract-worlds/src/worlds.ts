import { openRealWorld } from './real/openRealWorld';
import { realArgoCd, realCluster, realGit } from './real/realSystems';
import { openSandboxWorld } from './sandbox/openSandboxWorld';
import { ContractWorld } from './types';

/** A row for `describe.each`: a name for people, and how to open the world. */
export type WorldRow = [name: string, open: () => Promise<ContractWorld>];

/**
 * The worlds with an Argo CD, a cluster and a Git server: the sandbox, and the real one where all three are given; otherwise a printed sentence says what is
 * missing.
 *
 * @param options.what - what is held to them, as a sentence begins
 */
export function contractWorlds(options: { what: string }): WorldRow[] {
  const rows: WorldRow[] = [['the sandbox', openSandboxWorld]];
  const cluster = realCluster();
  const argocd = realArgoCd();
  const git = realGit();
  if (cluster && argocd && git) {
    rows.push(['real systems', () => openRealWorld({ cluster, argocd, git })]);
    return rows;
  }
  const missing = [
    !cluster && 'SWITCHYARD_CONTRACT_KUBECONFIG',
    !argocd &&
      'SWITCHYARD_CONTRACT_ARGOCD_URL and SWITCHYARD_CONTRACT_ARGOCD_TOKEN',
    !git && 'SWITCHYARD_CONTRACT_GIT_URL',
  ].filter(Boolean);
  console.log(
    `No ${missing.join(', no ')}: ${options.what} is held to the sandbox only.`,
  );
  return rows;
}
