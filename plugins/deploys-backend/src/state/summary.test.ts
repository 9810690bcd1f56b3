import { JudgedDeployment } from './severity';
import { summarize } from './summary';

/** What of a deployment the sentence rests on: a Job that failed, and a Deployment. */
function failed(cluster: string, more: { crashing?: boolean } = {}) {
  const ofJob = { problem: { text: 'Error: exit code 1' } };
  const ofServer = { problem: { text: 'CrashLoopBackOff: exit code 1' } };
  const crashing = more.crashing ? [ofServer] : [];
  return {
    severity: 'failed',
    failing: [ofJob, ...crashing],
    target: {
      cluster,
      workloads: [
        { row: { kind: 'Deployment', name: 'orders' }, pods: crashing },
        {
          row: { kind: 'Job', name: 'orders-migrate' },
          problem: 'BackoffLimitExceeded: Job has reached its backoff limit',
          pods: [ofJob],
        },
      ],
    },
  } as unknown as JudgedDeployment;
}

it.each<[string, JudgedDeployment[], string]>([
  ['a Job', [failed('blue')], 'Job orders-migrate failed on blue'],
  [
    'the same Job twice',
    [failed('blue'), failed('green')],
    'Job orders-migrate failed on blue and green',
  ],
  [
    'more than a Job',
    [failed('blue', { crashing: true })],
    '2 of 2 pods on blue need attention: Error, CrashLoopBackOff',
  ],
])('names %s that failed', (_, deployments, text) => {
  expect(summarize(deployments, [], [])).toEqual({ tone: 'error', text });
});
