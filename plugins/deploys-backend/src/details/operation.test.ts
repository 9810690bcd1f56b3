import { Application, OperationState } from '@switchyard/fleet-node';
import { describeOperation } from './operation';

function withState(
  state: Partial<OperationState> | undefined,
  operation?: Application['operation'],
): Application {
  return {
    metadata: { name: 'orders', namespace: 'argocd' },
    spec: { project: 'p', destination: {} },
    ...(operation && { operation }),
    status: {
      ...(state && {
        operationState: {
          operation: { sync: {} },
          phase: 'Running',
          startedAt: '2026-11-20T09:00:00Z',
          ...state,
        },
      }),
    },
  };
}

const result = (name: string, more: object) => ({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  namespace: 'ns',
  name,
  ...more,
});

it.each<[string, Partial<OperationState>, string]>([
  ['it runs', {}, 'The sync is under way'],
  [
    'a hook runs',
    { message: 'waiting for completion of hook batch/Job/orders-migrate' },
    'The sync waits for the hook Job orders-migrate to end',
  ],
  [
    'the hook of before is deleted',
    { message: 'waiting for deletion of hook batch/Job/orders-migrate' },
    'The sync waits until the hook Job orders-migrate of the sync before is deleted',
  ],
  [
    'a wave is waited for',
    {
      message:
        'waiting for healthy state of apps/Deployment/edge and 2 more resources',
    },
    'The sync waits for Deployment edge and 2 more resources to become healthy, before it goes on to the next wave',
  ],
  [
    'it waits to try again',
    {
      finishedAt: '2026-11-20T09:00:10Z',
      message: 'one or more tasks failed. Retrying attempt #2 at 9:01AM.',
    },
    "The sync failed; Argo CD tries again (attempt 2 at 9:01AM, on Argo CD's clock)",
  ],
  [
    'a window holds it',
    { message: 'Sync operation blocked by sync window' },
    'The sync waits until a sync window lets it through; it then runs by itself',
  ],
  ['it is stopped', { phase: 'Terminating' }, 'The sync is being stopped'],
  [
    'it was stopped',
    { phase: 'Failed', message: 'Operation terminated' },
    'The sync was stopped before it ended',
  ],
  [
    'one thing failed',
    {
      phase: 'Failed',
      syncResult: { resources: [result('orders', { status: 'SyncFailed' })] },
    },
    'The sync failed at Deployment orders',
  ],
  ['it failed', { phase: 'Error', message: 'x' }, 'The sync failed'],
  [
    'it succeeded',
    { phase: 'Succeeded' },
    'The sync succeeded: everything was applied. Whether it runs well is what health says',
  ],
  [
    'a dry run succeeded',
    { phase: 'Succeeded', operation: { sync: { dryRun: true } } },
    'The dry run succeeded; nothing was changed',
  ],
  [
    'a rollback runs',
    { operation: { sync: { syncStrategy: { apply: {} } } } },
    'The rollback is under way',
  ],
  [
    'a part is synced',
    { operation: { sync: { resources: [{ kind: 'Service', name: 's' }] } } },
    'The sync of chosen resources is under way',
  ],
])('%s', (_, state, text) => {
  expect(describeOperation(withState(state))?.text).toBe(text);
});

it('is pending while Argo CD has not begun, whatever the one before says', () => {
  const asked = { sync: { revision: 'abc' }, initiatedBy: { username: 'ci' } };
  for (const before of [undefined, { phase: 'Failed' as const }]) {
    expect(describeOperation(withState(before, asked))).toMatchObject({
      phase: 'Pending',
      text: 'The sync was asked for; Argo CD has not begun',
      revisions: ['abc'],
      by: { name: 'ci', automated: false },
    });
  }
  expect(describeOperation(withState(undefined))).toBeUndefined();
});

it('is not over while it waits to try again', () => {
  expect(
    describeOperation(withState({ finishedAt: '2026-11-20T09:00:10Z' })),
  ).not.toHaveProperty('finishedAt');
});

it('says who asked, in which run, and what failed first', () => {
  const operation = describeOperation(
    withState({
      phase: 'Failed',
      operation: {
        sync: {},
        initiatedBy: { username: 'switchyard' },
        info: [
          { name: 'switchyard-run', value: 'r1' },
          { name: 'switchyard-requested-by', value: 'user:default/dana' },
          { name: 'Reason', value: 'INC-7' },
        ],
      },
      syncResult: {
        revisions: ['a', 'b'],
        resources: [
          result('fine', { status: 'Synced' }),
          result('bad', { status: 'SyncFailed', message: 'is invalid' }),
          result('hook', {
            hookType: 'PreSync',
            hookPhase: 'Running',
            status: 'Synced',
          }),
        ],
      },
    }),
  );
  expect(operation).toMatchObject({
    by: {
      name: 'switchyard',
      run: { id: 'r1', requestedBy: 'user:default/dana' },
    },
    infos: [{ name: 'Reason', value: 'INC-7' }],
    revisions: ['a', 'b'],
    resources: [
      { name: 'bad', status: 'SyncFailed', message: 'is invalid' },
      { name: 'hook', status: 'Running', hook: 'PreSync' },
      { name: 'fine', status: 'Synced' },
    ],
  });
});
