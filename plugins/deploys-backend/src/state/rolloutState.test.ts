import {
  AnalysisRunRow,
  RolloutProgress,
  WorkloadRow,
} from '@switchyard/fleet-node';
import { deploymentRow, orders, replicaSetRow } from '../tests/ordersWorld';
import { readRollout } from './rolloutState';

const SINCE = '2026-11-20T09:00:00Z';
const ABORTED =
  'RolloutAborted: Rollout aborted update to revision 3: Metric "errors" assessed Failed due to failed (2) > failureLimit (1)';

function aRollout(
  progress: Partial<RolloutProgress>,
  more: Partial<WorkloadRow> = {},
): WorkloadRow {
  return deploymentRow('dev', 'v5.4.0', 4, {
    kind: 'Rollout',
    rollout: {
      strategy: 'canary',
      phase: 'Progressing',
      aborted: false,
      steps: { done: 1, of: 5, present: 'pause' },
      weight: 20,
      stableHash: 'old',
      currentHash: 'new',
      ...progress,
    },
    ...more,
  });
}

function aSet(hash: string, version: string, revision: number): WorkloadRow {
  const row = replicaSetRow('dev', revision, version);
  return { ...row, labels: { 'rollouts-pod-template-hash': hash } };
}

function aRun(
  name: string,
  more: Partial<AnalysisRunRow> = {},
): AnalysisRunRow {
  return {
    ...deploymentRow('dev', 'v5.4.0', 4),
    kind: 'AnalysisRun',
    name,
    labels: { 'rollouts-pod-template-hash': 'new', 'rollout-type': 'Step' },
    phase: 'Running',
    metrics: [],
    ...more,
  };
}

function read(row: WorkloadRow, runs: AnalysisRunRow[] = [], isAgreed = true) {
  return readRollout({
    row,
    entity: orders,
    replicaSets: [aSet('old', 'v5.3.24', 1), aSet('new', 'v5.4.0', 2)],
    analysisRuns: runs,
    isAgreed,
  })!;
}

const paused = (reason: string, seconds?: number) => ({
  phase: 'Paused',
  message: reason,
  paused: { reason, since: SINCE, ...(seconds && { seconds }) },
});

it.each<[string, WorkloadRow, string, string]>([
  [
    'a pause without an end',
    aRollout(paused('CanaryPauseStep')),
    'paused',
    'Canary step 2 of 5 · 20 % · paused until somebody promotes it',
  ],
  [
    'a pause that ends by itself',
    aRollout(paused('CanaryPauseStep', 5430)),
    'paused',
    'Canary step 2 of 5 · 20 % · paused for 1 h 30 min 30 s',
  ],
  [
    'a pause that an analysis without a verdict made',
    aRollout(paused('InconclusiveAnalysisRun')),
    'paused',
    'Canary step 2 of 5 · 20 % · paused: the analysis is inconclusive, somebody has to decide',
  ],
  [
    'a pause in its spec',
    aRollout({ phase: 'Paused', message: 'manually paused' }),
    'paused',
    'Canary step 2 of 5 · 20 % · paused by hand',
  ],
  [
    'a blue-green one before the switch',
    aRollout({
      ...paused('BlueGreenPause', 60),
      strategy: 'blueGreen',
      steps: undefined,
      weight: undefined,
    }),
    'paused',
    'Blue-green · paused for 1 min',
  ],
  [
    'an analysis',
    aRollout({ steps: { done: 2, of: 5, present: 'analysis' } }),
    'progressing',
    'Canary step 3 of 5 · 20 % · waits for its analysis',
  ],
  [
    'pods that are not ready',
    aRollout({ steps: { done: 0, of: 5, present: 'setWeight' }, weight: 0 }),
    'progressing',
    'Canary step 1 of 5 · 0 % · pods are being made ready',
  ],
  [
    'the last pods',
    aRollout({ steps: { done: 5, of: 5 }, weight: 100 }),
    'progressing',
    'Canary · 100 % · all steps done, the last pods are being replaced',
  ],
  [
    'another kind of step',
    aRollout({
      steps: { done: 1, of: 5, present: 'plugin' },
      message: 'waiting for all steps to complete',
    }),
    'progressing',
    'Canary step 2 of 5 · 20 % · waiting for all steps to complete',
  ],
  [
    'an abort',
    aRollout({ phase: 'Degraded', message: ABORTED, aborted: true, weight: 0 }),
    'aborted',
    'Canary of v5.4.0 · aborted, v5.3.24 stays',
  ],
  [
    'a deadline that has passed',
    aRollout({
      phase: 'Degraded',
      message: 'ProgressDeadlineExceeded: ReplicaSet "orders" has timed out.',
    }),
    'degraded',
    'Canary step 2 of 5 · no progress within its deadline',
  ],
  [
    'the end',
    aRollout({ phase: 'Healthy', currentHash: 'old', weight: 0 }),
    'healthy',
    'Canary · done',
  ],
  [
    'a change that nobody has looked at',
    aRollout({ phase: 'Healthy' }, { generation: 3, observedGeneration: 2 }),
    'progressing',
    'Canary step 2 of 5 · 20 % · Argo Rollouts has not looked at it yet',
  ],
  [
    'a cluster in which Argo Rollouts does not run',
    aRollout(
      { phase: undefined, steps: undefined, weight: undefined },
      { observedGeneration: 0 },
    ),
    'progressing',
    'Canary · Argo Rollouts has not looked at it yet',
  ],
])('says of a Rollout with %s what it is', (_, row, status, text) => {
  expect(read(row)).toMatchObject({ status, text });
});

it('tells which versions are at stake, since when and until when it waits', () => {
  expect(read(aRollout(paused('CanaryPauseStep', 90)))).toMatchObject({
    step: { number: 2, of: 5 },
    weight: 20,
    paused: { since: SINCE, until: '2026-11-20T09:01:30.000Z' },
    stable: { hash: 'old', version: 'v5.3.24' },
    next: { hash: 'new', version: 'v5.4.0' },
  });
  const done = read(aRollout({ phase: 'Healthy', currentHash: 'old' }));
  expect(done.next).toBeUndefined();
  expect(done.step).toBeUndefined();
});

it('names the analyses of the newest version, newest first, and their words only where that is agreed to', () => {
  const row = aRollout({ phase: 'Degraded', message: ABORTED, aborted: true });
  const metric = {
    name: 'errors',
    phase: 'Failed',
    message: 'too many',
    successful: 1,
    failed: 2,
    inconclusive: 0,
    errors: 0,
    value: '[0.4]',
    at: SINCE,
  };
  const runs = [
    aRun('orders-first', { createdAt: '2026-11-20T08:00:00Z' }),
    aRun('orders-second', {
      createdAt: '2026-11-20T09:00:00Z',
      phase: 'Failed',
      message: 'Metric "errors" assessed Failed',
      startedAt: SINCE,
      metrics: [metric],
    }),
    aRun('orders-before', { labels: { 'rollouts-pod-template-hash': 'old' } }),
  ];
  const { at: _, ...shown } = metric;
  expect(read(row, runs)).toMatchObject({
    message: ABORTED,
    analyses: [
      {
        name: 'orders-second',
        type: 'Step',
        phase: 'Failed',
        message: 'Metric "errors" assessed Failed',
        startedAt: SINCE,
        metrics: [shown],
      },
      { name: 'orders-first', phase: 'Running', metrics: [] },
    ],
  });
  const claimed = read(row, runs, false);
  expect(claimed.message).toBeUndefined();
  const moving = aRollout({ steps: undefined, message: 'Dialing 10.0.0.1' });
  expect(read(moving).text).toBe('Canary · 20 % · Dialing 10.0.0.1');
  expect(read(moving, [], false).text).toBe('Canary · 20 % · under way');
  expect(claimed.analyses[0].message).toBeUndefined();
  const { message, value, ...counts } = shown;
  expect(claimed.analyses[0].metrics).toEqual([counts]);
});

it('has nothing to say of other workloads', () => {
  expect(read(deploymentRow('dev', 'v5.4.0', 4))).toBeUndefined();
});
