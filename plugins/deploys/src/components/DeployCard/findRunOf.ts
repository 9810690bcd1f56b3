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
      toSecond(run.startedAt) <= time &&
      (run.finishedAt === undefined || time <= Date.parse(run.finishedAt)),
  );
}

/** Argo CD writes whole seconds: what a run does in its first one seems to be before its start. */
function toSecond(time: string): number {
  return Math.floor(Date.parse(time) / 1_000) * 1_000;
}
