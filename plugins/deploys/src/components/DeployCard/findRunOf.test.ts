import { EntityRunsState } from '@switchyard/backstage-plugin-runs-common';
import { findRunOf } from './findRunOf';

const run = {
  id: 'run-1',
  environment: 'production',
  startedAt: '2026-11-20T12:00:01.450Z',
  finishedAt: '2026-11-20T12:00:09.100Z',
};
const runs = { active: [], recent: [run] } as unknown as EntityRunsState;

it.each<[string, string, string, string | undefined]>([
  ['within a run', '2026-11-20T12:00:05Z', 'production', 'run-1'],
  ['in the second of its start', '2026-11-20T12:00:01Z', 'production', 'run-1'],
  ['before it', '2026-11-20T12:00:00Z', 'production', undefined],
  ['after it', '2026-11-20T12:00:10Z', 'production', undefined],
  ['elsewhere', '2026-11-20T12:00:05Z', 'development', undefined],
])('finds the run of what was deployed %s', (_, at, environment, id) => {
  expect(findRunOf({ at, environment, runs })?.id).toBe(id);
});
