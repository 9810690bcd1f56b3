import { EventRow } from '../rows';
import { job, pod, workload } from './tests/fakeFleet';
import { describeWorkloadProblem } from './workloadProblem';

const QUOTA =
  'pods "orders-0" is forbidden: exceeded quota: compute, requested: limits.cpu=2, used: limits.cpu=8, limited: limits.cpu=8';

function event(reason: string, message: string): EventRow {
  const { uid, ...rest } = pod('orders', 'orders:v1');
  return {
    ...rest,
    kind: 'Event',
    uid: `${uid}/${reason}`,
    type: 'Warning',
    reason,
    message,
    count: 1,
    lastAt: '2026-11-20T11:00:00Z',
    about: { kind: 'StatefulSet', namespace: 'default', name: 'orders', uid },
  };
}

describe('describeWorkloadProblem', () => {
  const failed = event('FailedCreate', `Error creating: ${QUOTA}`);
  const created = event('SuccessfulCreate', 'Created pod: orders-0');
  const wanting = workload('StatefulSet', 'orders', 'orders:v1', { ready: 1 });

  it.each([
    ['pods that a quota refuses', wanting, [created, failed]],
    ['a Job whose pods a quota refuses', job('migrate'), [failed]],
  ])('tells of %s', (_, row, events) => {
    expect(describeWorkloadProblem(row, events)).toBe(`FailedCreate: ${QUOTA}`);
  });

  it('tells that a Rollout was aborted, though its pods are ready', () => {
    const rollout = (aborted: boolean) =>
      workload('Rollout', 'orders', 'orders:v2', {
        rollout: { strategy: 'canary', aborted },
      });
    expect(describeWorkloadProblem(rollout(true))).toMatch(/^RolloutAborted: /);
    expect(describeWorkloadProblem(rollout(false))).toBeUndefined();
  });

  it.each([
    ['pods could be made since', wanting, [failed, created]],
    ['all are there', { ...wanting, ready: 2 }, [failed]],
    ['it is the word of nobody', wanting, []],
    ['a Job has its pod', job('migrate', { active: 1 }), [failed]],
  ])('says nothing where %s', (_, row, events) => {
    expect(describeWorkloadProblem(row, events)).toBeUndefined();
  });
});
