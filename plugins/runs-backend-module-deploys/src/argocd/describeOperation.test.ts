import { ApplicationSyncWindows, SyncWindow } from '@switchyard/fleet-node';
import { applicationOf, operationState } from '../__testUtils__/applications';
import {
  describeFailure,
  describeOperation,
  findConditions,
  judgeWindows,
} from './describeOperation';

const deny: SyncWindow = {
  kind: 'deny',
  schedule: '0 18 * * 5',
  duration: '60h',
};
const allow: SyncWindow = {
  kind: 'allow',
  schedule: '0 8 * * *',
  duration: '10h',
};

describe('judgeWindows', () => {
  it.each<
    [string, ApplicationSyncWindows, { hand: boolean; automation: boolean }]
  >([
    [
      'no window',
      { canSync: true, activeWindows: [], assignedWindows: [] },
      { hand: true, automation: true },
    ],
    [
      'an active deny',
      { canSync: false, activeWindows: [deny], assignedWindows: [deny] },
      { hand: false, automation: false },
    ],
    [
      'an active deny that lets syncs by hand through',
      {
        canSync: true,
        activeWindows: [{ ...deny, manualSync: true }],
        assignedWindows: [deny],
      },
      { hand: true, automation: false },
    ],
    [
      'a deny that is not active',
      { canSync: true, activeWindows: [], assignedWindows: [deny] },
      { hand: true, automation: true },
    ],
    [
      'an active allow',
      { canSync: true, activeWindows: [allow], assignedWindows: [allow] },
      { hand: true, automation: true },
    ],
    [
      'an allow that is not active',
      { canSync: false, activeWindows: [], assignedWindows: [allow] },
      { hand: false, automation: false },
    ],
    [
      'an active allow and an active deny',
      {
        canSync: false,
        activeWindows: [allow, deny],
        assignedWindows: [allow, deny],
      },
      { hand: false, automation: false },
    ],
  ])('with %s', (_, windows, expected) => {
    expect({
      hand: judgeWindows(windows, 'hand').open,
      automation: judgeWindows(windows, 'automation').open,
    }).toEqual(expected);
  });

  it('says which window it is', () => {
    expect(
      judgeWindows(
        { canSync: false, activeWindows: [deny], assignedWindows: [deny] },
        'hand',
      ).why,
    ).toBe('A deny window is active (0 18 * * 5, for 60h)');
    expect(
      judgeWindows(
        { canSync: false, activeWindows: [], assignedWindows: [allow] },
        'hand',
      ).why,
    ).toBe('No allow window is active (they are 0 8 * * * for 10h)');
  });
});

it('says what an operation is doing', () => {
  expect(describeOperation(undefined)).toBe(
    'waiting for Argo CD to start the operation',
  );
  expect(
    describeOperation(
      operationState('Running', 'x', {
        message: 'waiting for completion of hook batch/Job/orders-migrate',
      }),
    ),
  ).toBe('Argo CD: waiting for completion of hook batch/Job/orders-migrate');
  expect(describeOperation(operationState('Terminating', 'x'))).toBe(
    'Argo CD is stopping the operation',
  );
  expect(
    describeOperation(
      operationState('Running', 'x', {
        finishedAt: 'x',
        message: 'Retrying attempt #1 at 5:59AM.',
      }),
    ),
  ).toBe('Retrying attempt #1 at 5:59AM.');
});

it('says why one failed, with what failed in it', () => {
  const resources = [
    {
      group: '',
      version: 'v1',
      kind: 'Service',
      namespace: 'storefront',
      name: 'orders',
      status: 'SyncFailed',
      message: 'is forbidden',
    },
  ];
  expect(
    describeFailure(
      operationState('Failed', 'x', {
        message: 'one or more objects failed to apply',
        resources,
      }),
    ),
  ).toEqual({
    cause:
      'one or more objects failed to apply (Service storefront/orders: is forbidden)',
    details: ['Service storefront/orders: is forbidden'],
  });
  expect(describeFailure(operationState('Error', 'x')).cause).toBe(
    'The operation ended as Error',
  );
});

it('names conditions that keep Argo CD from syncing, and no warnings', () => {
  const conditions = [
    { type: 'ComparisonError', message: 'no such path' },
    { type: 'OrphanedResourceWarning', message: 'x' },
  ];
  expect(findConditions(applicationOf({ conditions }))).toEqual([
    'ComparisonError: no such path',
  ]);
});
