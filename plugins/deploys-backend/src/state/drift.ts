import { DeploymentState } from '@switchyard/backstage-plugin-deploys-common';
import { compareVersions } from '@switchyard/backstage-plugin-deploys-node';
import { parseImageName, TargetDeployment } from '@switchyard/fleet-node';

type Drift = NonNullable<DeploymentState['drift']>;

/**
 * Says of a deployment whose pods are being replaced how far that has come; undefined where all pods are what the workloads want.
 */
export function describeRollout(
  deployment: TargetDeployment,
): Drift | undefined {
  const pods = deployment.workloads
    .filter(({ row }) => 'desired' in row && row.kind !== 'CronJob')
    .flatMap(workload => workload.pods)
    .filter(({ row }) => !row.deletedAt);
  const old = pods.filter(pod => pod.old);
  if (old.length === 0) return undefined;
  const done = pods.length - old.length;
  const wanted = deployment.version.version;
  const versions = new Set(old.map(({ version }) => version));
  const [version] = versions;
  const isKnown = versions.size === 1 && version !== undefined;
  if (wanted === undefined || !isKnown) {
    return {
      kind: 'rolling',
      message: `${done} of ${pods.length} pods are of the newest template`,
    };
  }
  return {
    kind: 'rolling',
    message:
      version === wanted
        ? `${done} of ${pods.length} pods are replaced by new ones of ${wanted}`
        : `${done} of ${pods.length} pods run ${wanted}, ${old.length} still ${
            old.length === 1 ? 'runs' : 'run'
          } ${version}`,
  };
}

/**
 * Which deployments run another version than those of the same image in the same environment: the older ones where versions can be put in
 * order, else those that the fewest run.
 */
export function findPeerDrift(
  deployments: readonly TargetDeployment[],
): ReadonlyMap<TargetDeployment, Drift> {
  const drifts = new Map<TargetDeployment, Drift>();
  for (const peers of groupPeers(deployments)) {
    const versions = new Set(peers.map(versionOf));
    if (versions.size < 2) continue;
    const reference = findReference(peers);
    for (const peer of peers) {
      const order = compareVersions(versionOf(peer), versionOf(reference));
      if (versionOf(peer) === versionOf(reference)) continue;
      drifts.set(peer, {
        kind: 'peers',
        message: `${versionOf(peer)} ${
          order < 0 ? 'is older than' : 'differs from'
        } ${versionOf(reference)}${placeOf(reference)}`,
      });
    }
  }
  return drifts;
}

function groupPeers(
  deployments: readonly TargetDeployment[],
): TargetDeployment[][] {
  const groups = new Map<string, TargetDeployment[]>();
  for (const deployment of deployments) {
    const [image] = deployment.version.images;
    if (deployment.version.version === undefined || !image) continue;
    // Registries differ from cluster to cluster; the path of the image does not.
    const repository = parseImageName(image.image)?.repository ?? image.image;
    const path = repository.slice(repository.indexOf('/') + 1);
    const key = `${deployment.environment} ${path}`;
    groups.set(key, [...(groups.get(key) ?? []), deployment]);
  }
  return [...groups.values()];
}

function findReference(peers: readonly TargetDeployment[]): TargetDeployment {
  const [newest, ...rest] = [...peers].sort((a, b) =>
    compareVersions(versionOf(b), versionOf(a)),
  );
  const isNewest = rest.every(
    peer =>
      versionOf(peer) === versionOf(newest) ||
      compareVersions(versionOf(peer), versionOf(newest)) < 0,
  );
  if (isNewest) return newest;
  const count = (version: string) =>
    peers.filter(peer => versionOf(peer) === version).length;
  return [...peers].sort(
    (a, b) => count(versionOf(b)) - count(versionOf(a)),
  )[0];
}

function versionOf(deployment: TargetDeployment): string {
  return deployment.version.version ?? '';
}

function placeOf({ cluster, unjoined }: TargetDeployment): string {
  const place = cluster ?? unjoined?.destination;
  return place ? ` on ${place}` : '';
}
