import { DeploymentState } from '@switchyard/backstage-plugin-deploys-common';

/** The rows of one environment, in the order of the state. */
export interface EnvironmentRows {
  environment: string;
  rows: DeploymentState[];
}

/** Rows by environment. An environment stands where its first row stands, so what is wrong stays on top. */
export function groupByEnvironment(
  deployments: readonly DeploymentState[],
): EnvironmentRows[] {
  const groups = new Map<string, DeploymentState[]>();
  for (const row of deployments) {
    const rows = groups.get(row.environment);
    if (rows) rows.push(row);
    else groups.set(row.environment, [row]);
  }
  return [...groups].map(([environment, rows]) => ({ environment, rows }));
}
