import { EventRow, JobRow, PodRow, WorkloadRow } from '../rows';
import { findLast, shorten } from './wording';

const MAX_TEXT = 300;

/**
 * What is wrong with a workload itself, apart from its pods: the deadline of a rollout, pods that may not be created, a Job that gave up.
 *
 * @param events - about the workload, newest last: all controllers but that of Deployments say only there that a quota or an admission
 *   hook refuses their pods
 * @public
 */
export function describeWorkloadProblem(
  row: WorkloadRow | JobRow | PodRow,
  events: readonly EventRow[] = [],
): string | undefined {
  if ('phase' in row) return undefined;
  if (!('desired' in row)) {
    const running = row.condition === undefined && row.active === 0;
    return describeJob(row) ?? (running ? describeCreate(events) : undefined);
  }
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
  if (row.rollout?.aborted) {
    return 'RolloutAborted: the new version was given up, the stable one stays';
  }
  return row.ready < row.desired ? describeCreate(events) : undefined;
}

/** 'Error creating: pods "x" is forbidden: exceeded quota: …', unless pods could be made since. */
function describeCreate(events: readonly EventRow[]): string | undefined {
  const newest = findLast(events, ({ reason }) =>
    ['FailedCreate', 'SuccessfulCreate'].includes(reason),
  );
  if (newest?.reason !== 'FailedCreate') return undefined;
  return sentence(
    'FailedCreate',
    newest.message.replace(/^Error creating: /, ''),
  );
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
