import { DeploymentState } from '@switchyard/backstage-plugin-deploys-common';

/** Where each version runs now in an environment: names of clusters by version. */
export function currentVersions(
  deployments: readonly DeploymentState[],
  environment: string,
): Map<string, string[]> {
  const clusters = new Map<string, string[]>();
  for (const row of deployments) {
    const { version } = row.version;
    if (row.environment !== environment || version === undefined) continue;
    const name = row.cluster ?? row.unjoinedDestination ?? 'an unknown cluster';
    clusters.set(version, [...(clusters.get(version) ?? []), name]);
  }
  return clusters;
}
