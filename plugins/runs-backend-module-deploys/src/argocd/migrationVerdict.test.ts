import { OperationState, SyncResourceResult } from '@switchyard/fleet-node';
import { operationState } from '../__testUtils__/applications';
import { readMigration } from './migrationVerdict';

const PLACE = { sourceIndex: 0, multiSource: false };

function job(overrides: Partial<SyncResourceResult>): SyncResourceResult {
  return {
    group: 'batch',
    version: 'v1',
    kind: 'Job',
    namespace: 'storefront',
    name: 'orders-migrate',
    hookType: 'PreSync',
    syncPhase: 'PreSync',
    ...overrides,
  };
}

const deployment: SyncResourceResult = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  namespace: 'storefront',
  name: 'orders',
  status: 'Synced',
  hookPhase: 'Running',
  syncPhase: 'Sync',
};

it.each<[string, OperationState | undefined, object]>([
  [
    'it ran',
    operationState('Succeeded', 'ours', {
      resources: [job({ hookPhase: 'Succeeded' }), deployment],
    }),
    { state: 'ran', hook: { name: 'orders-migrate' } },
  ],
  [
    'it ran, the sync goes on',
    operationState('Running', 'ours', {
      resources: [job({ hookPhase: 'Succeeded' }), deployment],
    }),
    { state: 'ran' },
  ],
  [
    'it failed',
    operationState('Failed', 'ours', {
      resources: [
        job({
          hookPhase: 'Failed',
          message: 'Job has reached the specified backoff limit',
        }),
      ],
    }),
    {
      state: 'failed',
      text: 'PreSync hook Job orders-migrate failed: Job has reached the specified backoff limit',
    },
  ],
  [
    'it failed and will be tried again',
    operationState('Running', 'ours', {
      resources: [job({ hookPhase: 'Error' })],
    }),
    { state: 'failed' },
  ],
  [
    'it runs',
    operationState('Running', 'ours', {
      resources: [job({ hookPhase: 'Running' })],
    }),
    { state: 'running' },
  ],
  [
    'it is not its turn yet',
    operationState('Running', 'ours', { resources: [] }),
    { state: 'not-started' },
  ],
  [
    'something before it failed',
    operationState('Failed', 'ours', {
      resources: [{ ...deployment, status: 'SyncFailed', hookPhase: 'Failed' }],
    }),
    { state: 'not-started' },
  ],
  [
    'only a part was synced',
    operationState('Succeeded', 'ours', {
      operation: {
        sync: {
          revision: 'ours',
          resources: [{ kind: 'Deployment', name: 'orders' }],
        },
      },
    }),
    { state: 'skipped' },
  ],
  [
    'there is none',
    operationState('Succeeded', 'ours', { resources: [deployment] }),
    { state: 'none' },
  ],
  [
    'a person stopped it',
    operationState('Failed', 'ours', {
      message: 'Operation terminated',
      resources: [job({ hookPhase: 'Failed', message: 'Terminated' })],
    }),
    { state: 'stopped', text: expect.stringContaining('not known') },
  ],
  [
    'a person is stopping it',
    operationState('Terminating', 'ours', {
      resources: [job({ hookPhase: 'Running' })],
    }),
    { state: 'stopped' },
  ],
  [
    'a person stopped the sync after it',
    operationState('Failed', 'ours', {
      message: 'Operation terminated',
      resources: [job({ hookPhase: 'Succeeded' })],
    }),
    { state: 'ran' },
  ],
  [
    'the operation is of another deploy',
    operationState('Succeeded', 'other', {
      resources: [job({ hookPhase: 'Succeeded' })],
    }),
    { state: 'unknown' },
  ],
  ['nothing is known of the operation', undefined, { state: 'unknown' }],
  [
    'it is a Sync hook',
    operationState('Succeeded', 'ours', {
      resources: [job({ hookType: 'Sync', hookPhase: 'Succeeded' })],
    }),
    { state: 'ran' },
  ],
  [
    'a PostSync hook failed',
    operationState('Failed', 'ours', {
      resources: [job({ hookType: 'PostSync', hookPhase: 'Failed' })],
    }),
    { state: 'not-started' },
  ],
])('says that %s', (_, state, expected) => {
  expect(readMigration(state, PLACE, 'ours')).toMatchObject(expected);
});
