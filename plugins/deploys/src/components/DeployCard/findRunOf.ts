import {
  EntityRunsState,
  RunSummary,
} from '@switchyard/backstage-plugin-runs-common';

/** The run of an environment during which something was deployed, where there was one: runs of one target exclude each other. */
export function findRunOf(options: {
  at: string;
  environment: string;
  runs: EntityRunsState | undefined;
}): RunSummary | undefined {
  const { at, environment, runs } = options;
  if (!runs) return undefined;
  const time = Date.parse(at);
  return [...runs.active, ...runs.recent].find(
    run =>
      run.environment === environment &&
      run.startedAt !== undefined &&
      Date.parse(run.startedAt) <= time &&
      (run.finishedAt === undefined || time <= Date.parse(run.finishedAt)),
  );
}
