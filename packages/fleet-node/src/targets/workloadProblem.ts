import { JobRow, PodRow, WorkloadRow } from '../rows';
import { shorten } from './wording';

const MAX_TEXT = 300;

/**
 * What is wrong with a workload itself, apart from its pods: the deadline of a rollout, pods that may not be created, a Job that gave up.
 *
 * @public
 */
export function describeWorkloadProblem(
  row: WorkloadRow | JobRow | PodRow,
): string | undefined {
  if ('phase' in row) return undefined;
  if (!('desired' in row)) return describeJob(row);
  const refused = row.conditions.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  if (refused) {
    return sentence(
      refused.reason ?? 'ReplicaFailure',
      refused.message ?? 'pods cannot be created',
    );
  }
  const stuck = row.conditions.find(
    ({ type, status, reason }) =>
      type === 'Progressing' &&
      status === 'False' &&
      reason === 'ProgressDeadlineExceeded',
  );
  if (stuck) {
    return sentence(
      'ProgressDeadlineExceeded',
      stuck.message ?? 'the rollout has made no progress within its deadline',
    );
  }
  return undefined;
}

function describeJob(row: JobRow): string | undefined {
  if (row.condition?.type !== 'Failed') return undefined;
  return sentence(
    row.condition.reason ?? 'Failed',
    row.condition.message ?? 'the Job failed',
  );
}

function sentence(word: string, text: string): string {
  return `${word}: ${shorten(text, MAX_TEXT)}`;
}
