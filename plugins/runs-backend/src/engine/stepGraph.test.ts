import { StepStatus } from '@switchyard/backstage-plugin-runs-common';
import { createPlan } from '../tests/testKind';
import { decide, StepState, Stopping } from './stepGraph';

function steps(
  ...each: Array<
    [
      id: string,
      status: StepStatus,
      needs?: string[],
      more?: Partial<StepState>,
    ]
  >
) {
  return each.map(([id, status, needs = [], more = {}]): StepState => {
    const planned = { ...createPlan().steps[0], id, needs };
    const record = {
      stepId: id,
      status,
      attempt: 0,
      failures: 0,
      interruptions: 0,
      effectStarted: false,
      changes: [],
    };
    return { planned, record, ...more };
  });
}

function show(decision: ReturnType<typeof decide>): string {
  switch (decision.do) {
    case 'start':
      return `start ${decision.steps.map(step => step.planned.id)}`;
    case 'wait':
      return decision.untilMs === undefined
        ? 'wait'
        : `wait until ${decision.untilMs}`;
    default:
      return `end ${decision.status}`;
  }
}

describe('decide', () => {
  const fail: Stopping = { by: 'failure' };
  const park: Stopping = { by: 'park' };
  const cancel: Stopping = { by: 'cancel' };
  const pause: Stopping = { by: 'pause' };

  it.each<[string, StepState[], Stopping | undefined]>([
    ['end succeeded', steps(), undefined],
    [
      'start a,b',
      steps(['a', 'pending'], ['b', 'pending'], ['c', 'pending', ['a', 'b']]),
      undefined,
    ],
    ['start b', steps(['a', 'running'], ['b', 'pending']), undefined],
    ['wait', steps(['a', 'running'], ['b', 'pending', ['a']]), undefined],
    [
      'start c',
      steps(
        ['a', 'succeeded'],
        ['b', 'succeeded'],
        ['c', 'pending', ['a', 'b']],
      ),
      undefined,
    ],
    [
      'wait',
      steps(['a', 'succeeded'], ['b', 'running'], ['c', 'pending', ['a', 'b']]),
      undefined,
    ],
    ['end succeeded', steps(['a', 'succeeded']), undefined],
    [
      'wait until 150',
      steps(['a', 'retrying', [], { retryAtMs: 150 }]),
      undefined,
    ],
    ['start a', steps(['a', 'retrying', [], { retryAtMs: 100 }]), undefined],
    [
      'wait until 150',
      steps(['a', 'retrying', [], { retryAtMs: 150 }], ['b', 'running']),
      undefined,
    ],
    ['wait', steps(['a', 'failed'], ['b', 'running'], ['c', 'pending']), fail],
    ['end failed', steps(['a', 'failed'], ['c', 'pending']), fail],
    [
      'end failed',
      steps(['a', 'failed'], ['c', 'retrying', [], { retryAtMs: 150 }]),
      fail,
    ],
    ['end dead', steps(['a', 'failed'], ['b', 'dead']), fail],
    [
      'end needs-attention',
      steps(['a', 'dead'], ['b', 'needs-attention']),
      fail,
    ],
    // A run whose step is retried goes on although another had failed before.
    ['start b', steps(['a', 'failed'], ['b', 'pending']), undefined],
    [
      'end failed',
      steps(['a', 'failed'], ['b', 'succeeded'], ['c', 'pending', ['a', 'b']]),
      undefined,
    ],
    ['end waiting', steps(['a', 'pending']), park],
    ['wait', steps(['a', 'pending'], ['b', 'running']), park],
    ['end failed', steps(['a', 'pending'], ['b', 'failed']), park],
    ['end cancelled', steps(['a', 'pending']), cancel],
    ['end cancelled', steps(['a', 'retrying', [], { retryAtMs: 150 }]), cancel],
    ['end succeeded', steps(['a', 'succeeded']), cancel],
    [
      'start a',
      steps(['a', 'pending', [], { mustFinish: true }], ['b', 'pending']),
      cancel,
    ],
    ['end waiting', steps(['a', 'succeeded'], ['b', 'pending', ['a']]), pause],
    ['wait', steps(['a', 'running'], ['b', 'pending']), pause],
    ['end succeeded', steps(['a', 'succeeded']), pause],
    ['end failed', steps(['a', 'failed'], ['b', 'pending']), pause],
    ['end waiting', steps(['a', 'retrying', [], { retryAtMs: 50 }]), pause],
    [
      'start a',
      steps(['a', 'pending', [], { mustFinish: true }], ['b', 'pending']),
      pause,
    ],
    ['start b', steps(['a', 'skipped'], ['b', 'pending', ['a']]), undefined],
    ['end succeeded', steps(['a', 'skipped'], ['b', 'succeeded']), undefined],
  ])('%s (%#)', (expected, states, stopping) => {
    expect(show(decide({ steps: states, stopping, nowMs: 100 }))).toBe(
      expected,
    );
  });
});
